"""Pins in generated files: open ones, and those that the installed templates have newer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from generator.doctor.findings import OK, WARNING, Finding
from generator.doctor.knowledge import PinKind
from generator.doctor.programs import version_of
from generator.tree import Tree

CHECK = "pins"
CLOSED = re.compile(r"\s*[\]})]")
NUMBERS = re.compile(r"\d+(?:\.\d+)*")


class Pin(NamedTuple):
    """One pinned thing in a file. `label` is its version as a person reads it."""

    what: str
    path: str
    line: int
    name: str
    version: str
    label: str
    exact: bool


def pins_of(texts: Mapping[str, str], kinds: Iterable[PinKind]) -> Iterator[Pin]:
    """Every pin in these texts, which are given by their paths."""
    for kind in kinds:
        for path, text in texts.items():
            if any(fnmatchcase(path, pattern) for pattern in kind.files):
                yield from _in_file(kind, path, text)


def _in_file(kind: PinKind, path: str, text: str) -> Iterator[Pin]:
    inside = kind.within is None
    for number, line in enumerate(text.splitlines(), start=1):
        if kind.within is not None and (kind.within.search(line) or CLOSED.match(line)):
            inside = bool(kind.within.search(line))
        elif inside and (found := kind.line.match(line)):
            version = found["version"] or ""
            label = found.groupdict().get("label") or version
            exact = kind.exact.fullmatch(version) is not None
            yield Pin(kind.what, path, number, found["name"], version, label, exact)


def check_pins(
    texts: Mapping[str, str], theirs: Tree, kinds: Iterable[PinKind], behind: bool
) -> Iterator[Finding]:
    """What is the matter with the pins in `texts`; `theirs` is what the templates render now.

    `behind`: the service is of other templates, so `gen update` brings what these have.
    """
    kinds = tuple(kinds)
    rendered = {path: theirs[path].content.decode("utf-8", "replace") for path in theirs}
    newest: dict[tuple[str, str], list[Pin]] = {}
    for pin in pins_of(rendered, kinds):
        newest.setdefault((pin.path, pin.name), []).append(pin)
    mine, found = [*pins_of(texts, kinds)], 0
    for pin in mine:
        message, hint = _judged(pin, newest.get((pin.path, pin.name), []), behind)
        if message:
            found += 1
            yield Finding(CHECK, WARNING, message, f"{pin.path}:{pin.line}", hint)
    if not found:
        yield Finding(CHECK, OK, f"{len(mine)} pins, none is open or older than the templates'")


def _judged(pin: Pin, theirs: list[Pin], behind: bool) -> tuple[str, str]:
    """What is wrong with a pin, and what mends it; empty where nothing is."""
    if not pin.exact:
        if any(other.version == pin.version for other in theirs):
            return "", ""  # the templates leave it open, and say why
        pinned = next((other.label for other in theirs if other.exact), "")
        which = f"say which one: the templates have {pinned}" if pinned else "say which one"
        shown = f" ({pin.version})" if pin.version else ""
        return f"{pin.what} {pin.name} is not pinned{shown}", which
    newer = [other for other in theirs if _is_older(pin.label, other.label)]
    if len(newer) < len(theirs) or not newer:
        return "", ""
    message = f"{pin.what} {pin.name} {pin.label}: the templates have {newer[0].label}"
    return message, "gen update" if behind else f"write {newer[0].label} there, or gen diff --mine"


def _is_older(mine: str, theirs: str) -> bool:
    """Whether both are versions and `mine` is the older one; a hash is no version."""
    ours, others = NUMBERS.search(mine), NUMBERS.search(theirs)
    if not ours or not others or not mine.lstrip("v").startswith(ours[0]):
        return False
    return version_of(ours[0]) < version_of(others[0])
