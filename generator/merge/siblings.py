"""Merges the entries of one container: which there are, in which order, and what is between them.

The order is ours'. What theirs adds comes after the nearest entry before it in theirs that ours
has, too; so what the developer put at the same place comes after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generator.merge import entries, lines
from generator.merge.hunks import Hunk, Merged, settled
from generator.merge.reindent import placed
from generator.merge.spans import Inside, Node, Path, by_path, is_comment, same, shifted


class _Sides(NamedTuple):
    """The entries of each side by what they are called, and the column where ours' stand."""

    base: Mapping[Path, Node]
    ours: Mapping[Path, Node]
    theirs: Mapping[Path, Node]
    column: int


class _Gaps(NamedTuple):
    """What stands before each entry. The first of a container has none: what stands before it is
    its container's opening. `usual` are the blank lines between two entries."""

    base: Mapping[Path, str]
    ours: Mapping[Path, str]
    theirs: Mapping[Path, str]
    usual: str


def merge(base: Inside, ours: Inside, theirs: Inside, what: Path, line: int) -> Merged:
    """The merged children and tail of containers; ours' first child is at `line`. Raises Odd."""
    sides = _sides(base, ours, theirs)
    gaps = _gaps(base, ours, theirs, sides.column)
    labels = _labels(ours, theirs)
    merged: list[str | Hunk] = []
    carry = ""  # comments of the developer's before an entry that is gone
    for path in _order(sides):
        if _is_gone(sides, path):
            carry += _left_over(gaps, path)
        else:
            before = _gap(gaps, path, carry, not merged)
            pieces = _entry(sides, path, (*what, *labels[path]), line)
            merged += _with_gap(before, pieces)
            carry = ""
        if path in sides.ours:
            node = sides.ours[path]
            line = node.line + node.text.count("\n")
    return [*merged, *_tail(base.tail, ours.tail, theirs.tail, carry, line)]


def _sides(base: Inside, ours: Inside, theirs: Inside) -> _Sides:
    first = (ours.children or theirs.children or base.children)[:1]
    maps = [by_path(inside.children) for inside in (base, ours, theirs)]
    return _Sides(maps[0], maps[1], maps[2], first[0].indent if first else 0)


def _gaps(base: Inside, ours: Inside, theirs: Inside, column: int) -> _Gaps:
    found = [
        {child.path: shifted(child.gap, column - child.indent) for child in inside.children[1:]}
        for inside in (base, ours, theirs)
    ]
    some = next((gap for one in (found[1], found[2]) for gap in one.values()), "")
    return _Gaps(found[0], found[1], found[2], some[: len(some) - len(some.lstrip("\n"))])


def _labels(ours: Inside, theirs: Inside) -> Mapping[Path, Path]:
    """What a person calls each entry: items by their place."""
    found: dict[Path, Path] = {}
    for inside in (theirs, ours):
        for place, child in enumerate(inside.children):
            is_item = inside.shape == "sequence"
            found[child.path] = (f"[{place}]",) if is_item else child.path
    return found


def _order(sides: _Sides) -> list[Path]:
    """Ours' entries, and between them what theirs wants in."""
    order = list(sides.ours)
    before: Path | None = None
    waiting: list[Path] = []
    for path in sides.theirs:
        if path in sides.ours:
            if waiting:
                at = order.index(path)
                order[at:at] = waiting
                waiting = []
        elif not _is_wanted(sides, path):
            continue
        elif before is None:
            waiting.append(path)
            continue
        else:
            order.insert(order.index(before) + 1, path)
        before = path
    return waiting + order


def _is_wanted(sides: _Sides, path: Path) -> bool:
    """Whether theirs has news of an entry that ours lacks."""
    return path not in sides.base or not same(sides.base[path], sides.theirs[path])


def _is_gone(sides: _Sides, path: Path) -> bool:
    """Whether theirs removed an entry that ours has not touched."""
    if path in sides.theirs or path not in sides.base or path not in sides.ours:
        return False
    return same(sides.base[path], sides.ours[path])


def _entry(sides: _Sides, path: Path, what: Path, line: int) -> Merged:
    base, ours, theirs = (side.get(path) for side in sides[:3])
    if ours is None:
        assert theirs is not None
        text = placed(theirs, sides.column)
        if base is None:
            return [text]
        return [Hunk(placed(base, sides.column), "", text, line, entries.spoken(what))]
    if theirs is None:
        if base is None:
            return [ours.text]
        return entries.merge_removed(base, ours, what)
    if base is None:
        return entries.merge_added(ours, theirs, what)
    return entries.merge_entry(base, ours, theirs, what)


def _with_gap(gap: Merged, pieces: Merged) -> Iterator[str | Hunk]:
    """An entry after its gap. Of an entry that goes or comes whole, the gap goes and comes, too."""
    text, only = settled(gap), pieces[0] if len(pieces) == 1 else None
    if text is not None and isinstance(only, Hunk) and "" in (only.ours, only.theirs):
        base, ours, theirs = (text + side if side else "" for side in only[:3])
        yield Hunk(base, ours, theirs, only.line, only.what)
        return
    yield from gap
    yield from pieces


def _gap(gaps: _Gaps, path: Path, carry: str, is_first: bool) -> Merged:
    merged = _merged_gap(gaps, path)
    text = settled(merged)
    if text is None:
        return [carry, *merged]
    text = carry + text
    return [text.lstrip("\n") if is_first else text]


def _merged_gap(gaps: _Gaps, path: Path) -> Merged:
    base, ours, theirs = (side.get(path) for side in gaps[:3])
    if ours is None:
        return [gaps.usual if theirs is None else theirs]
    if base is None or theirs is None:
        return [ours]
    return _free(base, ours, theirs, 0)


def _free(base: str, ours: str, theirs: str, line: int) -> Merged:
    """Blank lines and comments: where they conflict, ours', if theirs has no comment of its own."""
    merged = lines.merge(base, ours, theirs, line)
    if settled(merged) is None and not _comments(theirs) - _comments(base) - _comments(ours):
        return [ours]
    return merged


def _comments(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n") if is_comment(line)}


def _left_over(gaps: _Gaps, path: Path) -> str:
    """The developer's comments before an entry that goes, with the blank lines before them."""
    base, ours = gaps.base.get(path, ""), gaps.ours.get(path, "")
    if not _comments(ours) - _comments(base):
        return ""
    kept = [line for line in lines.split(ours) if line.strip() not in _comments(base)]
    return "".join(kept).rstrip("\n") + "\n"


def _tail(base: str, ours: str, theirs: str, carry: str, line: int) -> Merged:
    merged = _free(base, ours, theirs, line)
    return [carry, *merged] if carry else merged
