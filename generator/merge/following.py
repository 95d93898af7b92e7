"""Renames a function in the text of a file: what the generator changes about it, and nothing else.

A rename is known: a line that it changes differs from the one before in the function's name only.
So base and the developer's text are given the new name before they are merged, in the lines that
are generated, and in those that the developer made of them. What both sides change is what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from generator.merge.difference import Change, changes, common
from generator.merge.lines import split

WORD = re.compile(r"(\w+)")
ALIKE = 0.6
"""How alike a line is to the one that an edit has made of it, at least."""

Forms = Mapping[str, Sequence[str]]
"""Each form of a function's old name with what it may have become: `uploads` -> `my_images`,
`my-images`."""


class Swap(NamedTuple):
    """A line of base as theirs has it, and what each name in it has become, in their order."""

    line: str
    names: tuple[str, ...]


def followed(base: str, ours: str, theirs: str, forms: Forms) -> tuple[str, str]:
    """`base` and `ours` with the function's new name where `theirs` has it."""
    was, mine, new = split(base), split(ours), split(theirs)
    pairs = [*_pairs(was, new)]
    forms = {**forms, **_tools_own([(was[at], line) for at, line in pairs], forms)}
    pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
    swaps = {
        at: Swap(line, found.groups())
        for at, line in pairs
        if (found := _in_both(was[at], forms, pattern).fullmatch(line))
    }
    edits = changes(was, mine)
    renamed = {place: swaps[at].line for at, place in _kept(edits, len(was)) if at in swaps}
    for edit in edits:
        inside = [at for at in range(edit.start, edit.end) if at in swaps and swaps[at].names]
        for at in inside:
            place = _edited(was[at], edit, edits, mine, renamed, pattern)
            if place is not None:
                renamed[place] = _with_names(mine[place], swaps[at].names, pattern)
            elif edit.low < edit.high:  # it may have been changed beyond what can be told
                del swaps[at]
    return (
        "".join(swaps[at].line if at in swaps else line for at, line in enumerate(was)),
        "".join(renamed.get(at, line) for at, line in enumerate(mine)),
    )


def _pairs(base: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each line of base that theirs has otherwise, where as many came as went."""
    for change in changes(base, theirs):
        if change.end - change.start == change.high - change.low:
            for at, line in enumerate(theirs[change.low : change.high], change.start):
                if line != base[at]:
                    yield at, line


def _tools_own(pairs: Iterable[tuple[str, str]], forms: Forms) -> Forms:
    """Words that a tool makes of a name in a way of its own: `MyUnderscorefnLambdaFunction`. What
    differs in them is a part of the names."""
    olds, news = (
        {re.sub(r"[\W_]", "", form.lower()) for form in some}
        for some in (forms, [form for others in forms.values() for form in others])
    )
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        before, after = WORD.split(one), WORD.split(other)
        if len(before) != len(after):
            continue
        for word, renamed in zip(before, after, strict=True):
            start = common(word, renamed)
            end = common(word[start:][::-1], renamed[start:][::-1])
            old, new = (text[start : len(text) - end].lower() for text in (word, renamed))
            known = any(old in name for name in olds) and any(new in name for name in news)
            if word != renamed and known and WORD.fullmatch(word) and word not in forms:
                found[word] = [renamed]
    return found


def _in_both(line: str, forms: Forms, pattern: re.Pattern[str]) -> re.Pattern[str]:
    """What matches `line` with any of its names changed, and other runs of blanks: what is aligned
    to a name differs with it."""
    names = [[name, *forms[name]] for name in pattern.findall(line)]
    groups = [f"({'|'.join(map(re.escape, some))})" for some in names]
    texts = [" +".join(map(re.escape, re.split(" +", text))) for text in pattern.split(line)]
    return re.compile(
        "".join(text + group for text, group in zip(texts, [*groups, ""], strict=True))
    )


def _kept(edits: Iterable[Change], length: int) -> Iterator[tuple[int, int]]:
    """Every line of base that ours has as it was: its number there and here."""
    at = shift = 0
    for edit in edits:
        yield from ((number, number + shift) for number in range(at, edit.start))
        at, shift = edit.end, edit.high - edit.end
    yield from ((number, number + shift) for number in range(at, length))


def _edited(
    line: str,
    edit: Change,
    edits: Sequence[Change],
    ours: Sequence[str],
    taken: Mapping[int, str],
    pattern: re.Pattern[str],
) -> int | None:
    """Where ours has what the developer made of a line: near its place, or moved as it was."""
    text, names = line.strip(), pattern.findall(line)
    moved = (at for other in edits for at in range(other.low, other.high))
    for at in moved:
        if at not in taken and ours[at].strip() == text:
            return at
    found = [
        (SequenceMatcher(None, text, ours[at].strip()).ratio(), at)
        for at in range(edit.low, edit.high)
        if at not in taken and pattern.findall(ours[at]) == names
    ]
    ratio, at = max(found, default=(0.0, 0))
    return at if ratio >= ALIKE else None


def _with_names(line: str, names: Sequence[str], pattern: re.Pattern[str]) -> str:
    given = iter(names)
    return pattern.sub(lambda _: next(given), line)
