"""The programs that a service needs: whether they are on PATH, and new enough.

What a tool needs stands in `[requires]` of its tool.toml, what every service needs in the one of
packs/base/doctor.toml. Packs give words for it, never commands: the doctor asks a program on PATH
for its version in one of the usual ways, and runs nothing else. A path would be a program of the
pack's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from generator.doctor import probe
from generator.doctor.findings import FAILURE, OK, WARNING, Finding
from generator.errors import PackError, printable
from generator.metadata import Tool, Value
from generator.templates import Templates

CHECK = "programs"
MINIMUM = re.compile(r"(\d+(?:\.\d+)*) or newer")
VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+)")
WAYS = ("--version", "-version", "-v", "-V", "version")
PROGRAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
"""What a program on PATH may be called: no path, and no option."""
NOT_THERE = (126, 127)
"""Exit codes of a shell, and of a shim, for a program that cannot be run or is not there."""

Version = tuple[int, ...]


class Requirement(NamedTuple):
    """A program, how it is installed, in words, and since which version it will do.

    `ask` is the argument that makes it say its version; `when` an expression over the service's
    options, empty where it is always needed; `said` the file or folder of the pack that says so.
    """

    program: str
    install: str
    ask: str = WAYS[0]
    when: str = ""
    said: Path = Path()

    @property
    def minimum(self) -> str:
        found = MINIMUM.search(self.install)
        return found[1] if found else ""


def read_requirements(table: Mapping[str, Any], where: Path) -> list[Requirement]:
    """A `[requires]` table. Raises PackError for what docs/packs.md does not know."""
    found = []
    for program, said in table.items():
        if not PROGRAM.fullmatch(program):
            raise PackError(f"{where}: [requires] {printable(program)} is no name of a program")
        given = {"install": said} if isinstance(said, str) else dict(said)
        requirement = Requirement(
            program,
            given.pop("install", ""),
            given.pop("version-by", WAYS[0]),
            given.pop("when", ""),
            where,
        )
        if given or not requirement.install or requirement.ask not in WAYS:
            raise PackError(f"{where}: [requires] {program} is {said!r}; see docs/packs.md")
        found.append(requirement)
    return found


def requirements_of(tools: Iterable[Tool]) -> list[Requirement]:
    """What these tools need."""
    return [r for tool in tools for r in read_requirements(tool.requires, tool.folder)]


def needed(
    requirements: Iterable[Requirement], templates: Templates, options: Mapping[str, Value]
) -> list[Requirement]:
    """Those that a service with these options needs."""
    return [r for r in requirements if not r.when or templates.holds(r.when, options, r.said)]


def check_programs(
    requirements: Sequence[Requirement], folder: Path, severity: str = FAILURE
) -> Iterator[Finding]:
    """A finding for each program; `severity` is that of one that is missing or too old."""
    places = {r.program: probe.find(r.program) for r in requirements}
    commands = {r.program: (places[r.program], r.ask) for r in requirements if places[r.program]}
    answers = probe.ask(commands, folder)
    for requirement in requirements:
        if requirement.program not in answers:
            message = f"{requirement.program} is not on PATH"
            yield Finding(CHECK, severity, message, hint=_install(requirement))
        else:
            answer = answers[requirement.program]
            yield _judged(requirement, places[requirement.program], answer, severity)


def _judged(requirement: Requirement, place: str, answer: probe.Answer, severity: str) -> Finding:
    name = requirement.program
    asked = f"{name} {requirement.ask}"
    if answer.code is None:
        message = f"{asked} did not end within {probe.TIMEOUT:g} seconds, and was stopped"
        return Finding(CHECK, WARNING, message, place, f"try it: {asked}")
    if answer.code in NOT_THERE:
        return Finding(CHECK, severity, f"{name} cannot be run", place, _install(requirement))
    found = VERSION.search(answer.out) if answer.code == 0 else None
    if not found:
        status = WARNING if requirement.minimum else OK
        message = f"{name} is on PATH, but does not say its version"
        hint = f"try it: {asked}; needed is {requirement.minimum} or newer"
        return Finding(CHECK, status, message, place, hint if requirement.minimum else "")
    if requirement.minimum and version_of(found[1]) < version_of(requirement.minimum):
        message = f"{name} {found[1]} is too old: {requirement.minimum} or newer is needed"
        return Finding(CHECK, severity, message, place, _install(requirement))
    since = f" ({requirement.minimum} or newer is needed)" if requirement.minimum else ""
    return Finding(CHECK, OK, f"{name} {found[1]}{since}")


def version_of(text: str) -> Version:
    """`2.10` is newer than `2.9`, and `2.10.0` is the same: zeros at the end do not count."""
    numbers = [int(part) for part in text.split(".") if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _install(requirement: Requirement) -> str:
    return f"install {requirement.program}: {requirement.install}"
