"""Parses TOML. Whatever is wrong with a text is a ValueError, in words for a person.

`tomllib` lets other errors pass: its own recursion, numbers that Python does not convert. And it
reads what nobody can print or compare afterwards.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

DEEPEST = 50
"""How deep tables and lists may be nested: no recursion of ours comes to Python's limit."""
LARGEST = 2**63
"""TOML asks for whole numbers of 64 bits; Python cannot print one of many digits."""


def parse(text: str) -> dict[str, Any]:
    """What the text says. Raises ValueError; the parser's own names a line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:
        raise ValueError("it has a number that is too large") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    level, depth = [data], 0
    while level:
        level = [inner for value in level for inner in _inside(value)]
        depth += 1
        if depth > DEEPEST:
            raise ValueError("it is nested too deep")
        if any(isinstance(value, int) and not -LARGEST <= value < LARGEST for value in level):
            raise ValueError("it has a number that is too large")
    return data


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
