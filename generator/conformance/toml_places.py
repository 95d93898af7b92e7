"""Finds the line of a key in a TOML file: `tomllib` tells no positions."""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]
HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
KEY = re.compile(r"""\s*([\w-]+|"[^"]*"|'[^']*')((?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
LONG = re.compile(r"\"{3}|'{3}")


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table and key that begins one. `[[x]]` are `("x", 0)`, ..."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    inside = ""
    for number, line in enumerate(text.split("\n"), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if header := HEADER.match(line):
            table = _table(header[2], header[1] == "[[", counts)
            found.setdefault(table, number)
        elif key := KEY.match(line):
            path = (*table, *_parts(line[: key.end() - 1]))
            found.setdefault(path, number)
        quotes = LONG.findall(line)
        inside = quotes[0] if len(quotes) % 2 else ""
    return found


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of the key; of the nearest table around it, where it has none of its own."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _table(written: str, array: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    parts = _parts(written)
    for at, part in enumerate(parts, 1):
        path = (*path, part)
        if array and at == len(parts):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _parts(written: str) -> list[str]:
    return [part.strip("\"'") for part in PART.findall(written)]
