"""Merges an entry of a file that base, ours and theirs have, and what is inside it.

Raw texts are compared and spliced. What is taken from base or theirs is moved to ours' indentation.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.merge import lines, siblings
from generator.merge.hunks import Hunk, Merged
from generator.merge.reindent import placed
from generator.merge.spans import (
    Inside,
    Node,
    Odd,
    Path,
    by_path,
    canonical,
    flush,
    is_free,
    same,
    shifted,
)


def merge_entry(base: Node, ours: Node, theirs: Node, what: Path) -> Merged:
    """What becomes of one entry, without its gap. Raises Odd where its text cannot be moved."""
    if ours.text == base.text:
        return [placed(theirs, ours.indent)]
    if same(base, theirs) or same(ours, theirs):
        return [ours.text]
    inner = base.inside(), ours.inside(), theirs.inside()
    if inner[0] and inner[1] and inner[2] and len({_look(inside) for inside in inner}) == 1:
        try:
            return _container(base, ours, theirs, what)
        except Odd:
            pass  # this entry alone is merged by lines
    if same(base, ours):
        return [placed(theirs, ours.indent)]
    texts = placed(base, ours.indent), ours.text, placed(theirs, ours.indent)
    return named(lines.merge(*texts, ours.line), what)


def merge_inside(base: Inside, ours: Inside, theirs: Inside, what: Path, line: int) -> Merged:
    """What becomes of what a container holds, which begins at `line` of ours. Raises Odd."""
    below = line + ours.opening.count("\n")
    opening = _merge_text(base.opening, ours.opening, theirs.opening, line, what)
    if ours.shape == "sequence":
        held = _merge_items(base, ours, theirs, what, below)
    else:
        held = _merge_keys(base, ours, theirs, what, below)
    merged = [*opening, *held]
    return merged if ours.dash is None else _dashed(merged, ours.dash)


def merge_added(ours: Node, theirs: Node, what: Path) -> Merged:
    """What becomes of an entry that both sides added: once if they agree; both sections in one if
    they share no key; else a hunk."""
    if same(ours, theirs):
        return [ours.text]
    mine, other = ours.inside(), _moved_inside(theirs, ours)
    if mine and other and _look(mine) == _look(other) == ("mapping", False):
        apart = not by_path(mine.children).keys() & by_path(other.children).keys()
        if (
            apart
            and mine.opening.strip() == other.opening.strip()
            and theirs.head in ("", ours.head)
        ):
            empty = mine._replace(children=(), tail="")
            return [ours.head, *merge_inside(empty, mine, other, what, _body_line(ours))]
    return [Hunk("", ours.text, placed(theirs, ours.indent), ours.line, spoken(what))]


def merge_removed(base: Node, ours: Node, what: Path) -> Merged:
    """What becomes of an entry that ours changed and theirs removed: a hunk, unless it is a section
    of sections to which the developer only added some: those stay."""
    was, mine = base.inside(), ours.inside()
    if was and mine and _is_of_sections(was) and _is_of_sections(mine):
        old, new = by_path(was.children), by_path(mine.children)
        if old.keys() < new.keys() and all(same(old[path], new[path]) for path in old):
            emptied = was._replace(children=(), opening=mine.opening)
            old_inside = was._replace(opening=mine.opening)
            return [
                ours.head,
                *merge_inside(old_inside, mine, emptied, what, _body_line(ours)),
            ]
    return [Hunk(placed(base, ours.indent), ours.text, "", ours.line, spoken(what))]


def _is_of_sections(inside: Inside) -> bool:
    """Whether it is a mapping of mappings, such as what a template puts out."""
    held = (child.inside() for child in inside.children)
    return all(one is not None and one.shape == "mapping" for one in held) and _look(inside) == (
        "mapping",
        False,
    )


def named(merged: Merged, what: Path) -> Merged:
    """`merged` with hunks that say what they are in."""
    return [
        piece._replace(what=piece.what or spoken(what)) if isinstance(piece, Hunk) else piece
        for piece in merged
    ]


def spoken(what: Path) -> str:
    """A path as a person writes it: `Resources.Table.Rules[0]`."""
    return ".".join(what).replace(".[", "[")


def _merge_text(base: str, ours: str, theirs: str, line: int, what: Path) -> Merged:
    """Lines whose indentation says nothing, merged."""
    if ours != base and flush(theirs) in (flush(base), flush(ours)):
        return [ours]
    if flush(ours) == flush(base):
        return [theirs]
    return named(lines.merge(base, ours, theirs, line), what)


def _look(inside: Inside | None) -> object:
    return inside and (inside.shape, inside.dash is not None)


def _body_line(node: Node) -> int:
    return node.line + node.head.count("\n")


def _container(base: Node, ours: Node, theirs: Node, what: Path) -> Merged:
    was, mine, other = _moved_inside(base, ours), ours.inside(), _moved_inside(theirs, ours)
    assert was and mine and other
    heads = [shifted(node.head, ours.indent - node.indent) for node in (base, ours, theirs)]
    head = _merge_text(heads[0], heads[1], heads[2], ours.line, what)
    return [*head, *merge_inside(was, mine, other, what, _body_line(ours))]


def _moved_inside(node: Node, ours: Node) -> Inside | None:
    """What `node` holds, with its opening at ours' indentation; `placed` moves its children."""
    inside = node.inside()
    columns = ours.indent - node.indent
    return inside and inside._replace(opening=shifted(inside.opening, columns))


def _merge_keys(base: Inside, ours: Inside, theirs: Inside, what: Path, line: int) -> Merged:
    merged = siblings.merge(base, ours, theirs, what, line)
    if ours.children and not any(merged):  # a mapping without keys is not a mapping
        return _by_lines(base, ours, theirs, what, line)
    return merged


def _merge_items(base: Inside, ours: Inside, theirs: Inside, what: Path, line: int) -> Merged:
    """Items are found by what identifies them, else by all their text, else not at all."""
    for naming, is_unclear in ((_as_is, _is_torn), (_by_text, _is_shuffled)):
        was, mine, other = (naming(inside) for inside in (base, ours, theirs))
        if _is_unique(was) and _is_unique(mine) and _is_unique(other):
            if is_unclear(was, mine, other):
                break
            return _merge_keys(was, mine, other, what, line)
    return _by_lines(base, ours, theirs, what, line)


def _is_unique(inside: Inside) -> bool:
    return len({item.path for item in inside.children}) == len(inside.children)


def _as_is(inside: Inside) -> Inside:
    return inside


def _by_text(inside: Inside) -> Inside:
    items = (item._replace(path=(str(canonical(item)),)) for item in inside.children)
    return inside._replace(children=tuple(items))


def _is_torn(base: Inside, ours: Inside, theirs: Inside) -> bool:
    """Whether an item may have been changed by both sides: then it is no item's addition or
    removal, although it looks so."""
    was, mine, other = (by_path(inside.children) for inside in (base, ours, theirs))
    gone = was.keys() - mine.keys() - other.keys()
    added = (mine.keys() | other.keys()) - was.keys()
    return (
        bool(gone and added)
        or any(not same(was[path], mine[path]) for path in mine.keys() & was.keys() - other.keys())
        or any(not same(was[path], other[path]) for path in other.keys() & was.keys() - mine.keys())
        or any(
            not same(mine[path], other[path]) for path in mine.keys() & other.keys() - was.keys()
        )
    )


def _is_shuffled(base: Inside, ours: Inside, theirs: Inside) -> bool:
    """Whether it is unclear where an item of theirs belongs: known by all their text, items that
    ours changed look removed and added, and theirs may stand beside them."""
    was, mine, other = (by_path(inside.children).keys() for inside in (base, ours, theirs))
    return _is_torn(base, ours, theirs) or bool(was - mine and mine - was and other - was)


def _by_lines(base: Inside, ours: Inside, theirs: Inside, what: Path, line: int) -> Merged:
    column = ours.children[0].indent
    texts = [_whole(inside, column) for inside in (base, ours, theirs)]
    return named(lines.merge(texts[0], texts[1], texts[2], line), what)


def _whole(inside: Inside, column: int) -> str:
    columns = column - inside.children[0].indent if inside.children else 0
    children = (shifted(one.gap, columns) + placed(one, column) for one in inside.children)
    return "".join(children) + shifted(inside.tail, columns)


def _dashed(merged: Sequence[str | Hunk], column: int) -> Merged:
    """`merged` with a dash at its first key. Raises Odd if a hunk may take that key away."""
    pieces = list(merged)
    for at, piece in enumerate(pieces):
        if isinstance(piece, Hunk):
            texts = [_with_dash(text, column) for text in piece[:3]]
            if None in texts:
                raise Odd("no first key")
            base, ours, theirs = map(str, texts)
            pieces[at] = Hunk(base, ours, theirs, piece.line, piece.what)
            return pieces
        text = _with_dash(piece, column)
        if text is not None:
            pieces[at] = text
            return pieces
    raise Odd("no first key")


def _with_dash(text: str, column: int) -> str | None:
    found = lines.split(text)
    for at, line in enumerate(found):
        if not is_free(line):
            if line[: column + 1].strip(" "):
                raise Odd("no room for a dash")
            found[at] = line[:column] + "-" + line[column + 1 :]
            return "".join(found)
    return None
