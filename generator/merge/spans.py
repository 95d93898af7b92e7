"""The entries of a file and the lines that are theirs: what `keyed` merges.

Every line of a file belongs to exactly one entry. Comments directly above an entry, at its
indentation, are its `head`; what else stands before it, blank lines and detached comments, is its
`gap`. A container has an opening (with what stands before its first child), children, and a tail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

Path = tuple[str, ...]
Shape = Literal["mapping", "sequence"]

Style = Literal["nested", "folded", "block", "exact"]
"""What indentation means in an entry: it nests others; nothing; it counts from the first line;
every space."""


class Odd(Exception):
    """Raised where a file is not what the merge by key understands."""


class Name(NamedTuple):
    """One part of a key where it is written: columns of one line."""

    text: str
    line: int
    start: int
    end: int


class Node(NamedTuple):
    """One entry: `gap + head + body` is all its text.

    `path` is what it is called among its siblings, `line` (counted from 1) where its head begins,
    `inside` looks for its children and gives None where it has none.
    """

    path: Path
    gap: str
    head: str
    body: str
    line: int
    indent: int
    style: Style
    names: tuple[Name, ...]
    inside: Callable[[], Inside | None]

    @property
    def text(self) -> str:
        return self.head + self.body


class Inside(NamedTuple):
    """What a container holds. `dash` is the column of the dash of an item that begins on its line;
    its first child has a space there instead."""

    shape: Shape
    opening: str
    children: tuple[Node, ...]
    tail: str
    dash: int | None = None


def once(look: Callable[[], Inside | None]) -> Callable[[], Inside | None]:
    """`look`, but it looks the first time only."""
    found: list[Inside | None] = []

    def inside() -> Inside | None:
        if not found:
            found.append(look())
        return found[0]

    return inside


Canonical = tuple[object, ...]


def canonical(node: Node) -> Canonical:
    """`node` without its own gap and without what only indentation tells apart."""
    inside = node.inside() if node.style == "nested" else None
    if inside is None:
        return (node.path, flush(node.head), _leaf(node))
    return (node.path, flush(node.head), *_held(inside))


def _held(inside: Inside) -> Canonical:
    children = tuple((flush(child.gap), canonical(child)) for child in inside.children)
    dash = inside.dash is not None
    return (inside.shape, dash, flush(inside.opening), children, flush(inside.tail))


def _leaf(node: Node) -> str:
    if node.style == "folded":
        return flush(node.body)
    if node.style != "block":
        return node.body
    first, *rest = node.body.split("\n")
    content = next((line for line in rest if line.strip()), "")
    width = len(content) - len(content.lstrip(" "))
    return "\n".join([first.lstrip(" "), *(_without(line, width) for line in rest)])


def _without(line: str, width: int) -> str:
    return line[width:] if not line[:width].strip(" ") else line.lstrip(" ")


def flush(text: str) -> str:
    """`text` without any indentation."""
    return "\n".join(line.lstrip(" ") for line in text.split("\n"))


def same(one: Node, other: Node) -> bool:
    """Whether two entries differ in nothing but their gaps and their indentation."""
    if one.text == other.text:
        return True
    return flush(one.text) == flush(other.text) and canonical(one) == canonical(other)


def shifted(text: str, columns: int) -> str:
    """`text` with every line that is not empty moved right (or, below zero, left)."""
    if columns == 0:
        return text
    return "\n".join(_moved(line, columns) for line in text.split("\n"))


def _moved(line: str, columns: int) -> str:
    if columns > 0:
        return " " * columns + line if line else line
    return line[-columns:] if not line[:-columns].strip(" ") else line.lstrip(" ")


def by_path(nodes: Sequence[Node]) -> Mapping[Path, Node]:
    """Siblings by what they are called. Raises Odd where two are called the same."""
    found = {node.path: node for node in nodes}
    if len(found) != len(nodes):
        raise Odd("two entries of one name")
    return found


def split_gap(lines: Sequence[str], indent: int) -> int:
    """How many of the lines before an entry are its gap; the rest, its head, are comments directly
    above it at its indentation."""
    at = len(lines)
    while at and lines[at - 1].startswith(" " * indent + "#"):
        at -= 1
    return at


def is_free(line: str) -> bool:
    """Whether a line is blank or a comment."""
    bare = line.strip()
    return not bare or bare.startswith("#")


def is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
