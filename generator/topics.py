"""`gen help TOPIC`: pages about what concerns all commands, as files beside this module."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "pages"
SCHEMA = FOLDER / "output.schema.json"
VERBATIM = "    "
"""How a line begins that is not wrapped: a command has to work when it is pasted."""


def topics() -> dict[str, Path]:
    """The pages by name, in order."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.txt"))}


def summary(page: Path) -> str:
    """What a page is about: its first line."""
    with open(page, encoding="utf-8") as file:
        return file.readline().strip()


def lines(page: Path, width: int) -> Iterator[str]:
    """The page, wrapped to `width` columns."""
    for line in page.read_text("utf-8").splitlines():
        yield from [line[2:]] if line.startswith(VERBATIM) else _wrapped(line, width)


def _wrapped(line: str, width: int) -> list[str]:
    """The line in parts. What explains a word starts below it where the page is narrow."""
    term = re.match(r"  (\S+) {2,}", line)
    if not term:
        return _filled(line, width, "") or [""]
    indent = len(term[0])
    if indent > width // 3:
        return [f"  {term[1]}", *_filled(line[indent:], width, VERBATIM, VERBATIM)]
    return _filled(line, width, " " * indent)


def _filled(line: str, width: int, rest: str, first: str = "") -> list[str]:
    return textwrap.wrap(
        line,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
