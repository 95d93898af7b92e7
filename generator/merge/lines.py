"""A three-way merge of lines, and the marks that show where it could not decide.

What a side changed comes from `difference`. Where a change of ours and one of theirs touch, it is a
hunk; the other changes are taken as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from generator.merge.difference import Change, changes, common
from generator.merge.hunks import Hunk, Merged


def merge(base: str, ours: str, theirs: str, first_line: int = 1) -> Merged:
    """What becomes of `base` when both change it; `first_line` is the number of ours' first line.

    Changes that touch (no unchanged line lies between) are a hunk, unless both sides say the same.
    """
    if base == theirs or ours == theirs:
        return [ours]
    if base == ours:
        return [theirs]
    old, mine, new = split(base), split(ours), split(theirs)
    numbers: dict[str, int] = {}
    codes = [[numbers.setdefault(line, len(numbers)) for line in text] for text in (old, mine, new)]
    pieces: list[str | Hunk] = []
    mine_shift = new_shift = at = 0
    for group in _groups(changes(codes[0], codes[1]), changes(codes[0], codes[2])):
        start = min(change.start for side in group for change in side)
        end = max(change.end for side in group for change in side)
        pieces.append("".join(old[at:start]))
        mine_low, new_low = start + mine_shift, start + new_shift
        mine_shift, new_shift = _shift(group[0], mine_shift), _shift(group[1], new_shift)
        left, right = mine[mine_low : end + mine_shift], new[new_low : end + new_shift]
        if not group[0]:
            left = right
        if not group[1] or left == right:
            pieces.append("".join(left))
        else:
            pieces += _one_hunk(old[start:end], left, right, first_line + mine_low)
        at = end
    pieces.append("".join(old[at:]))
    return _joined(pieces)


def one_hunk(base: str, ours: str, theirs: str) -> Merged:
    """Two whole texts as one hunk; what both begin and end with is settled."""
    return _joined(_one_hunk(split(base), split(ours), split(theirs), 1))


def split(text: str) -> list[str]:
    """The lines of a text with their ends. Only "\\n" ends a line; the last one may lack it."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def _shift(changes: Sequence[Change], before: int) -> int:
    return changes[-1].high - changes[-1].end if changes else before


def _groups(
    ours: Sequence[Change], theirs: Sequence[Change]
) -> Iterator[tuple[list[Change], list[Change]]]:
    """Changes in order; those that touch are together: (ours, theirs), one of them often empty."""
    tagged = sorted([(*change, 0) for change in ours] + [(*change, 1) for change in theirs])
    group: tuple[list[Change], list[Change]] = ([], [])
    reach = -1
    for *numbers, side in tagged:
        change = Change(*numbers)
        if change.start > reach and (group[0] or group[1]):
            yield group
            group = ([], [])
        group[side].append(change)
        reach = max(reach, change.end)
    if group[0] or group[1]:
        yield group


def _one_hunk(base: list[str], ours: list[str], theirs: list[str], line: int) -> list[str | Hunk]:
    head = common(ours, theirs)
    tail = common(ours[head:][::-1], theirs[head:][::-1])
    from_base = min(head, common(base, ours))
    to_base = min(tail, common(base[from_base:][::-1], ours[::-1]))
    middle = Hunk(
        "".join(base[from_base : len(base) - to_base]),
        "".join(ours[head : len(ours) - tail]),
        "".join(theirs[head : len(theirs) - tail]),
        line + head,
    )
    return ["".join(ours[:head]), middle, "".join(ours[len(ours) - tail :])]


def _joined(pieces: Iterable[str | Hunk]) -> Merged:
    """`pieces` with neighbouring texts made one, and no empty text."""
    joined: list[str | Hunk] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return joined


# The usual marks


def markers(
    merged: Merged,
    ours_label: str = "yours",
    base_label: str = "generated before",
    theirs_label: str = "generated now",
) -> str:
    """The text with each hunk between the marks that editors and git know."""
    parts: list[str] = []
    for piece in merged:
        if isinstance(piece, str):
            parts.append(piece)
            continue
        for mark, text in (
            (f"<<<<<<< {ours_label}\n", piece.ours),
            (f"||||||| {base_label}\n", piece.base),
            ("=======\n", piece.theirs),
        ):
            parts += (mark, text, "" if text.endswith("\n") or not text else "\n")
        parts.append(f">>>>>>> {theirs_label}\n")
    return "".join(parts)


def marker_lines(text: str) -> tuple[int, ...]:
    """The numbers of the lines that open a conflict which is closed further down."""
    found: list[int] = []
    opened, divided = 0, False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("<<<<<<< "):
            opened, divided = number, False
        elif opened and line.rstrip("\r") == "=======":
            divided = True
        elif divided and line.startswith(">>>>>>> "):
            found.append(opened)
            opened, divided = 0, False
    return tuple(found)
