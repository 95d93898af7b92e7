"""What emits events, each in a module of its own: several functions may get them."""
