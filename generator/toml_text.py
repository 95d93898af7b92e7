"""Parses TOML. Whatever is wrong with a text is a ValueError, in words for a person.

`tomllib` lets other errors pass: its own recursion, numbers that Python does not convert. And it
reads what nobody can print or compare afterwards.
"""

from __future__ import annotations

import tomllib
from typing import Any

from generator.nesting import levels

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
    for depth, level in enumerate(levels(data)):
        if depth >= DEEPEST:
            raise ValueError("it is nested too deep")
        if any(isinstance(value, int) and not -LARGEST <= value < LARGEST for value in level):
            raise ValueError("it has a number that is too large")
    return data
