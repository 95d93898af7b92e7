"""What is wrong with many services alike is told once, with the command that makes one of them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from generator.answers import Answers
from generator.conformance.cases import Case
from generator.conformance.files import failure
from generator.doctor.findings import FAILURE, Finding
from generator.errors import PackError
from generator.packs import BUILT_IN

PLACE = re.compile(r"(.+?\.(?:j2|toml)(?::\d+)?): (.*)", re.DOTALL)
NUMBERED = re.compile(r":\d+|line \d+")


class Told:
    """Findings by what they say; `root` is the pack's, from which places are said."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: dict[tuple[str, str], tuple[Finding, list[Case]]] = {}

    def add(self, case: Case, finding: Finding) -> None:
        """Notes a finding; of one template the same in other words of place is the same."""
        finding = finding._replace(where=self.place(finding.where))
        key = (finding.where, NUMBERED.sub("", finding.message))
        self._found.setdefault(key, (finding, []))[1].append(case)

    def place(self, where: str) -> str:
        """A path in the pack, from its root; one of ours by its path below our packs."""
        for root in (self._root, BUILT_IN):
            where = where.removeprefix(f"{root}/")
        return where

    def of_error(self, check: str, error: PackError) -> Finding:
        """A finding for what a rendering raised: its place is in the message."""
        message = str(error).replace(f"{self._root}/", "").replace(f"{BUILT_IN}/", "")
        found = PLACE.fullmatch(message)
        if not found:
            return failure(check, message)
        return failure(check, found[2], found[1], "mend the template")

    def findings(self) -> Iterator[Finding]:
        """Each once, with how many services have it and a command that makes the first."""
        for finding, cases in self._found.values():
            answers = cases[0].answers
            more = f", and in {len(cases) - 1} more" if len(cases) > 1 else ""
            seen = f"seen in {cases[0].name}{more}"
            if finding.status == FAILURE:
                seen += f": {command_of(answers, self._root)}"
            yield finding._replace(hint=f"{finding.hint}; {seen}" if finding.hint else seen)


def command_of(answers: Answers, root: Path) -> str:
    """The `gen new` that makes the service; in words, where it is what is left of another."""
    if not answers.functions:
        return "gen remove-trigger of the last function"
    words = ["gen", "new", answers.name, "--provider", answers.provider, "--tool", answers.tool]
    for function in answers.functions:
        words += ["--trigger", f"{function.trigger}={function.name}"]
    settings = dict(answers.options)
    for function in answers.functions:
        settings |= {f"{function.name}.{n}": value for n, value in function.options.items()}
    for name, value in settings.items():
        words += ["--set", f"{name}={_shown(value)}"]
    for name in (answers.ci,) if isinstance(answers.ci, str) else answers.ci:
        words += ["--ci", name] if name else []
    for flag in ("python", "package"):
        if said := getattr(answers, flag):
            words += [f"--{flag}", said]
    words += [] if root == BUILT_IN else ["--packs", str(root)]
    return shlex.join([*words, "--no-input"])


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
