"""Merges the contents of one file: base, ours and theirs -> a result, or hunks. Pure."""
