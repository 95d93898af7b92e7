"""What a message is about, marked below the line that shows where it is."""

from __future__ import annotations

import re

PLACE = "  where: "
# `gen.toml:12: timeout = 0  # seconds`, as `declaration` says it.
LINE = re.compile(r"\S+:[0-9]+: (?P<text>.*)")
VALUE = re.compile(r"""(?P<key>[^=]*)=\s*(?P<value>"[^"]*"|'[^']*'|\[.*\]|[^#\s]+)""")
COLUMN = re.compile(r"\(at line [0-9]+, column ([0-9]+)\)")


def with_caret(lines: list[str], message: str, width: int = 0) -> list[str]:
    """The report's lines, with marks below what the message is about, where the report shows it.

    None where the marked line is wider than `width` columns, if that is given: it will be wrapped.
    """
    number = next((n for n, line in enumerate(lines) if line.startswith(PLACE)), None)
    if number is None:
        return lines
    line = lines[number]
    start, end = _span(line, message)
    if start == end or (width and columns(line) > width):
        return lines
    marks = " " * columns(line[:start]) + "^" * columns(line[start:end])
    return [*lines[: number + 1], marks, *lines[number + 1 :]]


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def _span(line: str, message: str) -> tuple[int, int]:
    """From where to where the line is marked: what the message quotes, else what it is about."""
    quoted = message.partition('"')[2].partition('"')[0]
    if quoted and quoted in line:
        start = line.rindex(quoted)
        return start, start + len(quoted)
    shown = LINE.fullmatch(line, len(PLACE))
    if not shown:
        return 0, 0
    if column := COLUMN.search(message):
        start = min(shown.start("text") + int(column[1]) - 1, len(line))
        return start, start + 1
    value = VALUE.match(line, shown.start("text"))
    if value and value["key"].strip() in message:
        return value.span("value")
    return 0, 0
