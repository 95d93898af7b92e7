"""Aligns a rendered gen.toml with the one on disk, table by table.

People write gen.toml by hand, with quotes, order and comments of their own. Compared as text with
what the generator would have written, all of that would be an edit. So a table that says the same
as the rendered one is taken as it was written, and what is left differs in meaning.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection

HEADER = re.compile(r"\s*\[")
COMMENT = re.compile(r"\s*#")
QUOTED = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'""")


def aligned_theirs(rendered: str, ours: str) -> str:
    """`rendered`, with each table that says the same in `ours` as it is written there."""
    written, wanted = split_tables(ours), split_tables(rendered)
    result = {
        name: written[name] if name and name in written and _same(text, written[name]) else text
        for name, text in wanted.items()
    }
    ends = {list(written)[-1], list(wanted)[-1]}
    if len(ends) > 1:  # the blank lines that part two tables follow from their order
        for name in ends & result.keys():
            blank = wanted[name][len(wanted[name].rstrip("\n")) :]
            result[name] = result[name].rstrip("\n") + blank
    return "".join(result.values())


def aligned_base(rendered: str, ours: str, recorded: str) -> str:
    """The base that goes with `ours`: what it declares, without the comments added to it.

    `rendered` is rendered from `ours`, `recorded` is what the generator wrote last time. A table
    with a comment that the generator did not write stays as rendered, so that the comment is an
    edit, which taking the table away would lose.
    """
    written = split_tables(ours)
    known = set(_comments(recorded))
    result = split_tables(rendered)
    for name, text in result.items():
        own = written.get(name)
        if own is not None and name and _same(text, own) and known.issuperset(_comments(own)):
            result[name] = own
    return "".join(result.values()).replace(result[""], split_tables(recorded)[""], 1)


def without_lines(text: str, functions: Collection[str]) -> str:
    """`text` without the lines that say something of these functions: `functions.jobs = {...}`
    before any table, `jobs = {...}` and `jobs.trigger = "sqs"` below `[functions]`.

    A line with a comment stays: only a person knows what becomes of it.
    """
    names = "|".join(map(re.escape, sorted(functions)))
    named = rf"""(["']?)({names})\1\s*[.=]"""
    keys = {
        "": re.compile(rf"\s*functions\s*\.\s*{named}"),
        "functions": re.compile(rf"\s*{named}"),
    }
    if not names:
        return text
    return "".join(
        line
        for table, part in split_tables(text).items()
        for line in part.splitlines(keepends=True)
        if table not in keys or not keys[table].match(line) or "#" in line
    )


def split_tables(text: str) -> dict[str, str]:
    """The text in parts by header: `functions.api` and what belongs to it; "" is what comes first.

    Comments right above a header belong to it. A header that comes twice is numbered.
    """
    parts: dict[str, str] = {}
    name, part = "", ""
    for line in text.splitlines(keepends=True):
        if HEADER.match(line) and _complete(part):
            body, head = _split_head(part)
            parts[name] = body
            name = re.sub(r"\s|\"|'", "", line.partition("]")[0].strip("[ \t"))
            name = f"{name} {len(parts)}" if name in parts else name
            part = head
        part += line
    parts[name] = part
    return {"": "", **parts}


def _split_head(part: str) -> tuple[str, str]:
    """What belongs to the table before, and the comments that belong to the next header."""
    lines = part.splitlines(keepends=True)
    start = len(lines)
    while start and COMMENT.match(lines[start - 1]):
        start -= 1
    return "".join(lines[:start]), "".join(lines[start:])


def _complete(part: str) -> bool:
    """Whether no text of several lines or list is open at the end of `part`."""
    try:
        tomllib.loads(part)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    return tomllib.loads(one) == tomllib.loads(other)


def _comments(text: str) -> list[str]:
    """What follows a `#` in each line that has one outside of quotes."""
    parts = (QUOTED.sub("", line).partition("#") for line in text.splitlines())
    return [comment.strip() for _, mark, comment in parts if mark]
