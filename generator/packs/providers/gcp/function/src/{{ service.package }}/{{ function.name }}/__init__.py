"""One function: `handler` reads the event, `logic` does the work."""
