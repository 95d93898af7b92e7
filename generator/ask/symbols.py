"""The signs that `gen` shows, each with one in ASCII for where the encoding lacks it.

No sign stands alone: a word or the order on the screen says the same.
"""

from __future__ import annotations

SIGNS = {
    "pointer": ("❯", ">"),
    "ticked": ("◉", "[x]"),
    "unticked": ("◯", "[ ]"),
    "impossible": ("-", "-"),
    "separator": ("·", "|"),
}


def sign(name: str, encoding: str | None) -> str:
    """The sign called `name`, as far as `encoding` can write all of them."""
    rich = all(_can_write(signs[0], encoding) for signs in SIGNS.values())
    return SIGNS[name][0 if rich else 1]


def _can_write(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
