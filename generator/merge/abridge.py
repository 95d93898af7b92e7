"""Leaves out of large YAML files what base, ours and theirs share: parsing it thrice takes long.

A block is left out only if all three have the very same lines once. A line that stands for them
keeps its key, so that the merge sees an entry which nobody changed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from generator.merge.hunks import Hunk, Merged
from generator.merge.lines import split

LARGE = 50_000
_MARK = "    left-out: gen-block-"

# A key at the second level, and all that is deeper than it.
_BLOCK = re.compile(r"^  [A-Za-z]\w*:\n(?:(?: *\n)*   +[^ \n].*\n)+", re.MULTILINE)
_ANCHOR = re.compile(r"[\s\[{,][&*]\w")


class Abridged(NamedTuple):
    """Texts without what they share. `blocks` are the lines that stand for what was left out."""

    texts: Sequence[str]
    blocks: Mapping[str, str]


def abridged(base: str, ours: str, theirs: str) -> Abridged:
    """The three texts without the blocks that all of them have."""
    texts = (base, ours, theirs)
    if len(ours) < LARGE or any(_MARK in text for text in texts):
        return Abridged(texts, {})
    counts = [Counter(_BLOCK.findall(text)) for text in texts]
    blocks: dict[str, str] = {}
    marks: dict[str, str] = {}
    for block in counts[0]:
        if all(count[block] == 1 for count in counts) and not _ANCHOR.search(block):
            key, below = block.split("\n", 1)
            mark = f"{_MARK}{len(marks)}\n"
            blocks[mark] = below
            marks[block] = f"{key}\n{mark}"
    short = (_BLOCK.sub(lambda found: marks.get(found[0], found[0]), text) for text in texts)
    return Abridged(tuple(short), blocks)


def restored(merged: Merged, shorter: Abridged) -> Merged:
    """`merged` with what was left out, and the lines that hunks then are at in ours."""
    if not shorter.blocks:
        return merged
    places, shifts = _shifts(shorter)
    full: list[str | Hunk] = []
    for piece in merged:
        if isinstance(piece, Hunk):
            base, ours, theirs = (_full(text, shorter.blocks) for text in _texts(piece))
            line = piece.line + shifts[bisect_right(places, piece.line)]
            full.append(Hunk(base, ours, theirs, line, piece.what))
        else:
            full.append(_full(piece, shorter.blocks))
    return full


def is_whole(merged: Merged, shorter: Abridged) -> bool:
    """Whether what was left out is in `merged` again, and no line that stands for it."""
    texts = [_texts(piece) if isinstance(piece, Hunk) else (piece,) for piece in merged]
    return not shorter.blocks or not any(_MARK in text for some in texts for text in some)


def _texts(hunk: Hunk) -> tuple[str, str, str]:
    return hunk.base, hunk.ours, hunk.theirs


def _full(text: str, blocks: Mapping[str, str]) -> str:
    if _MARK not in text:
        return text
    return "".join(blocks.get(line, line) for line in split(text))


def _shifts(shorter: Abridged) -> tuple[list[int], list[int]]:
    """Lines of the short ours after which more was left out, and how many lines until there."""
    places, shifts = [], [0]
    for number, line in enumerate(split(shorter.texts[1]), 2):
        if line in shorter.blocks:
            places.append(number)
            shifts.append(shifts[-1] + shorter.blocks[line].count("\n") - 1)
    return places, shifts
