"""What every step of a merge gives: text that is settled, and hunks that are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Hunk(NamedTuple):
    """A place that ours and theirs changed differently. The texts keep their line ends.

    `line` is where it is in ours, counted from 1; where ours has nothing there, the line before
    which it would be. `what` names it for a person (`Resources.UploadsFunction`), if it has a name.
    """

    base: str
    ours: str
    theirs: str
    line: int
    what: str = ""


Merged = Sequence[str | Hunk]
"""A merged file in order: pieces of settled text and hunks."""


def settled(merged: Merged) -> str | None:
    """The whole text, or None where a hunk is left."""
    if any(isinstance(piece, Hunk) for piece in merged):
        return None
    return "".join(piece for piece in merged if isinstance(piece, str))


def hunks(merged: Merged) -> tuple[Hunk, ...]:
    """What is not settled, in order."""
    return tuple(piece for piece in merged if isinstance(piece, Hunk))
