"""Asks a person: what in which order, and how it looks on a terminal."""
