"""Puts a set of changes on a service: all or nothing, one command at a time, and undoable."""
