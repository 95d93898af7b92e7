"""The signs that `gen` shows, each with one in ASCII for where the encoding lacks it.

No sign stands alone: a word or the order on the screen says the same.
"""

from __future__ import annotations

import os

SIGNS = {
    "pointer": ("❯", ">"),
    "ticked": ("◉", "[x]"),
    "unticked": ("◯", "[ ]"),
    "impossible": ("-", "-"),
    "separator": ("·", "|"),
}


def sign(name: str, encoding: str | None) -> str:
    """The sign called `name`, as far as `encoding` can write all of them, and the locale is not one
    that has no signs: Python writes UTF-8 there all the same."""
    rich = all(_can_write(signs[0], encoding) for signs in SIGNS.values()) and not _is_c_locale()
    return SIGNS[name][0 if rich else 1]


def _is_c_locale() -> bool:
    """Whether the person has asked for the locale C. Of LANG=C Python itself makes C.UTF-8."""
    return os.environ.get("LC_ALL") in ("C", "POSIX")


def _can_write(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
