"""Finds the statements of a TOML file and the lines that are theirs.

`tomllib` tells no positions. It decides where a statement ends: the first line after which what
was read so far is TOML. Statements before the first table are in an entry of their own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from generator.merge.lines import split
from generator.merge.spans import Inside, Name, Node, Odd, Path, is_comment, is_free

_PART = re.compile(r"""\s*([A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')\s*""")
_CAN_CLOSE = re.compile(r"""[\]}]|\"{3}|'{3}""")

# A value with more lines that could be its last is left to a merge by lines.
_MOST_TRIES = 200


class _Statement(NamedTuple):
    """A header or a key with its value: lines `line` to `end`."""

    kind: Literal["key", "table", "array"]
    line: int
    end: int
    names: tuple[Name, ...]


def read(text: str) -> Node:
    """The whole file as one node: what comes before the tables, then each table. Raises Odd."""
    if not parses(text) or "\r" in text:
        raise Odd("not TOML")
    lines = split(text)
    statements = list(_statements(lines))
    starts = [at for at, one in enumerate(statements) if one.kind != "key"] + [len(statements)]
    if not statements:
        raise Odd("nothing but comments")
    loose, top = _loose(lines, statements, starts[0])
    tables = [loose]
    paths = _paths([statements[at] for at in starts[:-1]])
    for path, start, stop in zip(paths, starts[:-1], starts[1:], strict=True):
        node, top = _table(lines, statements[start:stop], path, top)
        tables.append(node)
    inside = Inside("mapping", "", tuple(tables), "".join(lines[top:]))
    return Node((), "", "", text, 1, 0, "exact", (), lambda: inside)


def parses(text: str) -> bool:
    """Whether `text` is TOML: without any key twice."""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _statements(lines: list[str]) -> Iterator[_Statement]:
    at = 0
    while at < len(lines):
        if is_free(lines[at]):
            at += 1
            continue
        bare = lines[at].lstrip()
        if bare.startswith("["):
            kind: Literal["table", "array"] = "array" if bare.startswith("[[") else "table"
            opening = len(lines[at]) - len(bare) + (2 if kind == "array" else 1)
            yield _Statement(kind, at, at + 1, _names(lines[at], at, opening, "]"))
            at += 1
        else:
            end = _end(lines, at)
            yield _Statement("key", at, end, _names(lines[at], at, 0, "="))
            at = end


def _end(lines: list[str], start: int) -> int:
    tries = 0
    for end in range(start + 1, len(lines) + 1):
        if end > start + 1 and not _CAN_CLOSE.search(lines[end - 1]):
            continue
        tries += 1
        if parses("".join(lines[start:end])):
            return end
        if tries > _MOST_TRIES:
            break
    raise Odd("a statement without an end")


def _names(line: str, number: int, start: int, closing: str) -> tuple[Name, ...]:
    """The parts of a dotted key that begins in column `start`, without quotes."""
    names = []
    while found := _PART.match(line, start):
        written = found[1]
        quote = 1 if written[0] in "\"'" else 0
        text = tomllib.loads(f"k = {written}")["k"] if quote else written
        names.append(Name(text, number, found.start(1) + quote, found.end(1) - quote))
        start = found.end() + 1
        if line[found.end()] == closing:
            return tuple(names)
        if line[found.end()] != ".":
            break
    raise Odd("a key that cannot be read")


def _path(statement: _Statement) -> Path:
    return tuple(name.text for name in statement.names)


def _paths(headers: Sequence[_Statement]) -> list[Path]:
    """What each table is called: in an array of tables, with its place in it."""
    counts: dict[Path, int] = {}
    found = []
    for header in headers:
        path: Path = ()
        parts = _path(header)
        for at, part in enumerate(parts, 1):
            path = (*path, part)
            if header.kind == "array" and at == len(parts):
                counts[path] = counts.get(path, -1) + 1
            if path in counts:
                path = (*path, f"[{counts[path]}]")
        found.append(path)
    return found


def _loose(lines: list[str], statements: list[_Statement], count: int) -> tuple[Node, int]:
    """The entry of what comes before the tables, and where it ends."""
    if not count:
        stop = _above(lines, 0, statements[0].line)
        while stop and not lines[stop - 1].strip():
            stop -= 1
        inside = Inside("mapping", "".join(lines[:stop]), (), "")
        return _node((), lines, 0, 0, stop, (), inside), stop
    children, end = _children(lines, statements[:count], 0)
    opening, first = children[0].gap, children[0]._replace(gap="")
    stop = _foot(lines, end)
    inside = Inside("mapping", opening, (first, *children[1:]), "".join(lines[end:stop]))
    return _node((), lines, 0, 0, stop, (), inside), stop


def _table(
    lines: list[str], statements: list[_Statement], path: Path, top: int
) -> tuple[Node, int]:
    header, *keys = statements
    children, end = _children(lines, keys, header.end)
    opening = "".join(lines[header.line : header.end])
    if children:
        opening += children[0].gap
        children[0] = children[0]._replace(gap="")
    stop = _foot(lines, end)
    inside = Inside("mapping", opening, tuple(children), "".join(lines[end:stop]))
    return _node(path, lines, top, header.line, stop, header.names, inside), stop


def _children(lines: list[str], keys: Sequence[_Statement], top: int) -> tuple[list[Node], int]:
    children = []
    for key in keys:
        children.append(_node(_path(key), lines, top, key.line, key.end, key.names, None))
        top = key.end
    return children, top


def _foot(lines: list[str], end: int) -> int:
    """Where a table ends: comments right below its last key are its, unless they are right above
    the next header."""
    at = end
    while at < len(lines) and is_comment(lines[at]):
        at += 1
    return end if at < len(lines) and lines[at].strip() else at


def _node(
    path: Path,
    lines: list[str],
    top: int,
    line: int,
    end: int,
    names: tuple[Name, ...],
    inside: Inside | None,
) -> Node:
    head = _above(lines, top, line)
    gap, above = "".join(lines[top:head]), "".join(lines[head:line])
    body = "".join(lines[line:end])
    return Node(path, gap, above, body, head + 1, 0, "exact", names, lambda: inside)


def _above(lines: list[str], top: int, line: int) -> int:
    """Where the comments begin that are right above `line`, not before `top`."""
    while line > top and is_comment(lines[line - 1]):
        line -= 1
    return line
