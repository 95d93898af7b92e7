"""What the doctor found: one fact each, as data, as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from generator.errors import UserError

OK, WARNING, FAILURE = "ok", "warning", "failure"
SIGNS = {OK: "[ok]", WARNING: "[!] ", FAILURE: "[x] "}
SHOWN = 3


class Finding(NamedTuple):
    """One fact. `check` is the group it belongs to, `hint` what to type; empty where all is well.

    `where` is a place in the service (`template.yaml:12`), or empty.
    """

    check: str
    status: str
    message: str
    where: str = ""
    hint: str = ""


def guarded(check: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What `look` finds. What keeps it from looking is a finding, too: the others go on."""
    try:
        return list(look())
    except UserError as error:
        return [Finding(check, FAILURE, error.message, error.where, error.hint)]


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many there are more."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings have each status."""
    found = Counter(finding.status for finding in findings)
    return {status: found[status] for status in SIGNS}


def describe(findings: Sequence[Finding]) -> Iterator[str]:
    """One line a finding, what mends it below, and the count at the end."""
    for finding in findings:
        yield from lines_of(finding)
    found = counts(findings)
    yield ""
    yield (
        f"{_count(len(findings), 'check')}: {found[OK]} ok, "
        f"{_count(found[WARNING], 'warning')}, {_count(found[FAILURE], 'failure')}."
    )


def lines_of(finding: Finding) -> Iterator[str]:
    """One finding as lines of text."""
    place = f"{finding.where}: " if finding.where else ""
    yield f"{SIGNS[finding.status]} {place}{finding.message}"
    if finding.hint:
        yield f"       help: {finding.hint}"


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The same as JSON types."""
    return {
        "findings": [finding._asdict() for finding in findings],
        "counts": counts(findings),
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
