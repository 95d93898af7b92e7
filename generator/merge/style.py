"""How a text is written down: byte order mark, line ends, final newline, encoding.

A merge sets all that aside, so that an editor which saved a file with other line ends has not
changed each of its lines. Afterwards the developer's way is put back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from generator.merge.difference import changes
from generator.merge.lines import split

BOM = b"\xef\xbb\xbf"
LARGEST_GAP = 250_000
"""Lines times lines: what a closer look at one changed place may cost."""


class Style(NamedTuple):
    """What `read` took off a text. `ending` is that of most lines.

    `mixed` has the file's own lines where their ends differ, and is empty otherwise. Where `utf8`
    is false, the text holds the bytes that are not UTF-8 as lone surrogates ("surrogateescape").
    """

    ending: str = "\n"
    bom: bool = False
    final_newline: bool = True
    utf8: bool = True
    mixed: tuple[str, ...] = ()


def read(content: bytes) -> tuple[str, Style] | None:
    """The text with "\\n" at the end of each line, also the last, and how it was written.

    None for a binary: what has a NUL byte. A lone carriage return is content.
    """
    if b"\0" in content:
        return None
    bom = content.startswith(BOM)
    raw, utf8 = _decode(content[len(BOM) :] if bom else content)
    windows = raw.count("\r\n")
    others = raw.count("\n") - windows
    style = Style(
        ending="\r\n" if windows > others else "\n",
        bom=bom,
        final_newline=not raw or raw.endswith("\n"),
        utf8=utf8,
        mixed=tuple(split(raw)) if windows and others else (),
    )
    text = raw.replace("\r\n", "\n") if windows else raw
    return text if style.final_newline else text + "\n", style


def write(text: str, style: Style) -> bytes:
    """`text`, whose lines end with "\\n", in that style; the reverse of `read`."""
    if not style.final_newline:
        text = text.removesuffix("\n")
    if style.mixed:
        text = _own_endings(text, style)
    elif style.ending != "\n":
        text = text.replace("\n", style.ending)
    encoded = text.encode("utf-8", "surrogateescape")
    return BOM + encoded if style.bom else encoded


def _decode(content: bytes) -> tuple[str, bool]:
    try:
        return content.decode("utf-8"), True
    except UnicodeDecodeError:
        return content.decode("utf-8", "surrogateescape"), False


def _own_endings(text: str, style: Style) -> str:
    """`text` with the end that each line had in `style.mixed`; a new line ends as most do."""
    before = [_bare(line) for line in style.mixed]
    lines = text.split("\n")
    ends = [style.ending] * len(lines)
    for old, new in _same_lines(before, lines):
        if style.mixed[old].endswith("\n"):
            ends[new] = "\r\n" if style.mixed[old].endswith("\r\n") else "\n"
    ends[-1] = ""
    return "".join(line + end for line, end in zip(lines, ends, strict=True))


def _bare(line: str) -> str:
    """Without its end; a carriage return that no newline follows is content."""
    return line[:-1].removesuffix("\r") if line.endswith("\n") else line


def _same_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of lines that are the same line in both, by number, in order."""
    at = shift = 0
    for start, end, low, high in changes(before, after):
        yield from ((index, index + shift) for index in range(at, start))
        for old, new in _similar(before[start:end], after[low:high]):
            yield start + old, low + new
        at, shift = end, high - end
    yield from ((index, index + shift) for index in range(at, len(before)))


def _similar(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The same within one changed place, where several answers are as good."""
    if set(before).isdisjoint(after) or len(before) * len(after) > LARGEST_GAP:
        return
    from difflib import SequenceMatcher  # only files with mixed line ends need it

    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        yield from ((block.a + index, block.b + index) for index in range(block.size))
