"""Finds the entries of a YAML file and the lines that are theirs.

The parser says where keys and values are; nothing is constructed, so every tag is fine. What is
not a block mapping or a block sequence of a regular look is a leaf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import yaml

from generator.merge.lines import split
from generator.merge.spans import Inside, Name, Node, Odd, Shape, Style, is_free, once, split_gap
from generator.merge.yaml_nodes import documents, is_block, parses

__all__ = ["parses", "read"]

# Line ends that only YAML knows, a byte order mark, and indentation by tabs.
_STRANGE = re.compile("[\r\x85\u2028\u2029\ufeff]|^ *\t", re.MULTILINE)
_KEPT_BLANKS = re.compile(r"[|>]\d?\+")
_FIXED_INDENT = re.compile(r"[|>][+-]?\d")


class _Entry(NamedTuple):
    """A key or a dash, and its value, which ends before line `end`."""

    line: int
    key: Any
    value: Any
    alias: bool
    end: int


def read(text: str) -> Node:
    """The whole file as one node. Raises Odd where it is not one regular block collection."""
    if _STRANGE.search(text):
        raise Odd("line ends or tabs")
    roots = documents(text)
    if len(roots) != 1 or not is_block(roots[0]):
        raise Odd("not one block collection")
    lines = split(text)
    look = once(partial(_inside, lines, roots[0], 0, len(lines), None))
    if look() is None:
        raise Odd("an irregular look")
    return Node((), "", "", text, 1, 0, "nested", (), look)


def _inside(lines: list[str], value: Any, begin: int, stop: int, dash: int | None) -> Inside | None:
    """What a block collection holds, whose entry is lines `begin` to `stop` and, if it is an item,
    has its dash in column `dash`."""
    mapping = isinstance(value, yaml.MappingNode)
    shared = begin == _first_line(value) and dash is not None
    if shared and dash is not None:
        if not mapping or not _is_dash(lines[begin], dash, value.value[0][0].start_mark.column):
            return None
        lines[begin] = lines[begin][:dash] + " " + lines[begin][dash + 1 :]
    found = _keys(lines, value) if mapping else _items(lines, value)
    if found is None:
        return None
    column, entries = found
    top = begin + split_gap(lines[begin : entries[0].line], column)
    opening, children = "".join(lines[begin:top]), []
    for place, entry in enumerate(entries):
        limit = entries[place + 1].line if place + 1 < len(entries) else stop
        end = _boundary(lines, entry.end, limit, column)
        children.append(_node(lines, entry, column, top, end))
        top = end
    held: Shape = "mapping" if mapping else "sequence"
    tail = "".join(lines[top:stop])
    return Inside(held, opening, tuple(children), tail, dash if shared else None)


def _first_line(value: Any) -> int:
    first = value.value[0][0] if isinstance(value, yaml.MappingNode) else value
    return int(first.start_mark.line)


def _is_dash(line: str, column: int, until: int) -> bool:
    """Whether `line` has a dash in `column` and nothing else before `until`."""
    return line[column : column + 1] == "-" and line[:until].strip(" ") == "-"


def _node(lines: list[str], entry: _Entry, column: int, top: int, end: int) -> Node:
    head = top + split_gap(lines[top : entry.line], column)
    return Node(
        path=(_item_path(lines, entry) if entry.key is None else entry.key.value,),
        gap="".join(lines[top:head]),
        head="".join(lines[head : entry.line]),
        body="".join(lines[entry.line : end]),
        line=head + 1,
        indent=column,
        style=_style(lines, entry),
        names=tuple(_names(lines, entry)),
        inside=_look(lines, entry, column, end),
    )


def _look(lines: list[str], entry: _Entry, column: int, end: int) -> Any:
    if entry.alias or not is_block(entry.value):
        return _nothing
    dash = column if entry.key is None else None
    return once(partial(_inside, lines, entry.value, entry.line, end, dash))


def _nothing() -> None:
    return None


def _boundary(lines: list[str], end: int, limit: int, column: int) -> int:
    """Where an entry ends, whose value ends before line `end`: comments that follow at a deeper
    indentation than its own are still its."""
    reach = end
    ours = True
    for at in range(end, limit):
        line = lines[at]
        if not is_free(line):
            raise Odd("something between entries")
        if line.strip():
            ours = ours and len(line) - len(line.lstrip(" ")) > column
            reach = at + 1 if ours else reach
    return reach


def _keys(lines: list[str], node: Any) -> tuple[int, list[_Entry]] | None:
    """The entries of a mapping and their column, or None where it does not look regular."""
    column = node.value[0][0].start_mark.column
    before = -1
    entries = []
    for key, value in node.value:
        at = key.start_mark.line
        regular = isinstance(key, yaml.ScalarNode) and key.end_mark.line == at > before
        if not regular or key.start_mark.column != column or lines[at][:column].strip(" "):
            return None
        before = at
        alias = _is_alias(key, value)
        entries.append(_Entry(at, key, value, alias, _value_end(lines, key, value)))
    return column, entries


def _is_alias(key: Any, value: Any) -> bool:
    """Whether an alias stands after `key`: the parser gives the node that it stands for."""
    return bool(value.start_mark.index < key.end_mark.index)


def _value_end(lines: list[str], key: Any, value: Any) -> int:
    if not _is_alias(key, value):
        return _end(lines, value)
    at = int(key.end_mark.line)
    if not re.match(r"\s*:\s+\*", lines[at][key.end_mark.column :]):
        raise Odd("an alias on a line of its own")
    return at + 1


def _items(lines: list[str], node: Any) -> tuple[int, list[_Entry]] | None:
    """The entries of a sequence and their column, or None where it does not look regular."""
    column = _dash_column(lines, node)
    if column is None:
        return None
    entries: list[_Entry] = []
    reached, after = int(node.start_mark.index), int(node.start_mark.line)
    for item in node.value:
        alias = item.start_mark.index < reached
        if alias:
            at: int | None = _next_alias(lines, after, column)
            end = -1 if at is None else at + 1
        else:
            reached = max(reached, item.end_mark.index)
            at = _dash_above(lines, item.start_mark.line, item.start_mark.column, column)
            end = _end(lines, item)
        if at is None or (entries and at < entries[-1].end):
            return None
        after = end
        entries.append(_Entry(at, None, item, alias, end))
    return column, entries


def _dash_column(lines: list[str], node: Any) -> int | None:
    """The column of the dashes: an anchor or a tag can stand where the parser says it begins."""
    for item in node.value:
        if item.start_mark.index >= node.start_mark.index:
            before: str = lines[item.start_mark.line][: item.start_mark.column]
            if before.strip(" ") == "-":
                return before.index("-")
    line, column = int(node.start_mark.line), int(node.start_mark.column)
    return column if _is_dash(lines[line], column, column + 1) else None


def _dash_above(lines: list[str], line: int, until: int, column: int) -> int | None:
    """The line of the dash that belongs to an item which begins at `line`, column `until`."""
    if _is_dash(lines[line], column, until):
        return line
    for at in range(line - 1, -1, -1):
        if _is_dash(lines[at].partition("#")[0].rstrip(), column, len(lines[at])):
            return at
        if not is_free(lines[at]):
            return None
    return None


def _next_alias(lines: list[str], line: int, column: int) -> int | None:
    for at in range(line, len(lines)):
        if re.match(" " * column + r"- +\*", lines[at]):
            return at
        if not is_free(lines[at]) and at > line:
            return None
    return None


def _end(lines: list[str], node: Any) -> int:
    """The line after the last one of a value, without what follows it."""
    mark = node.end_mark
    end = int(mark.line) + (1 if mark.column else 0)
    if is_block(node):
        if isinstance(node, yaml.MappingNode):
            return _value_end(lines, *node.value[-1])
        last = node.value[-1]
        if last.start_mark.index >= max(_reach(node.value[:-1]), node.start_mark.index):
            return _end(lines, last)
        found = _items(lines, node)
        if found is None:
            raise Odd("an alias that is hard to find")
        return found[1][-1].end
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        header = lines[node.start_mark.line][node.start_mark.column :]
        if not _KEPT_BLANKS.search(header):
            while not lines[end - 1].strip():
                end -= 1
    return end


def _reach(nodes: list[Any]) -> int:
    return max((node.end_mark.index for node in nodes), default=0)


def _style(lines: list[str], entry: _Entry) -> Style:
    """What its indentation means."""
    value = entry.value
    if not entry.alias and is_block(value):
        return "nested"
    if entry.alias:
        return "folded"
    if isinstance(value, yaml.ScalarNode) and value.style in ("|", ">"):
        return "exact" if _FIXED_INDENT.search(lines[entry.line]) else "block"
    return "folded"


def _names(lines: list[str], entry: _Entry) -> Iterator[Name]:
    """The key where it is written, without quotes."""
    if entry.key is None:
        return
    text, start = entry.key.value, entry.key.start_mark.column
    end = entry.key.end_mark.column
    written = lines[entry.line][start:end]
    if text and written in (text, f'"{text}"', f"'{text}'"):
        quote = (len(written) - len(text)) // 2
        yield Name(text, entry.line, start + quote, end - quote)


def _item_path(lines: list[str], entry: _Entry) -> str:
    """What identifies an item among its siblings, if they do not share it."""
    value = entry.value
    if entry.alias or isinstance(value, yaml.SequenceNode) or not value.value:
        held = [line.strip() for line in lines[entry.line : entry.end] if not is_free(line)]
        return " ".join(held)
    if isinstance(value, yaml.ScalarNode):
        return f"{value.tag} {value.value}".strip()
    key, first = value.value[0]
    return str(getattr(key, "value", "")) + ": " + _word(first)


def _word(value: Any) -> str:
    return str(value.value) if isinstance(value, yaml.ScalarNode) else ""
