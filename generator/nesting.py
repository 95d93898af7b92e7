"""Looks into tables and lists level by level: however deep they are, nothing here recurses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def levels(value: object) -> Iterator[list[object]]:
    """The value itself, then all that it holds, then all that these hold, to the last of them."""
    level = [value]
    while level:
        yield level
        level = [inner for each in level for inner in _inside(each)]


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
