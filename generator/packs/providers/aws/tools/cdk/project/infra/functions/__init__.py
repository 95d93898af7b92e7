"""One module a function: what invokes it, what it may do, what watches it."""
