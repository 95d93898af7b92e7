"""Several services at once: which folders they are, and what is said of each. Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from generator.base import FOLDER
from generator.declaration import FILE, split_version
from generator.errors import EXIT_OK, GeneratorError, TargetError, unreadable


class Member(NamedTuple):
    """A folder that was named: as it was typed, and where it is."""

    said: str
    place: str


class Outcome(NamedTuple):
    """What one folder gave: `found` as JSON types, or the `error` that kept it from being seen."""

    member: Member
    found: Mapping[str, Any]
    error: GeneratorError | None = None
    exit_code: int = EXIT_OK


class Tally(NamedTuple):
    """How many there were: as gen.toml says, with something found, and not to be told."""

    ok: int = 0
    found: int = 0
    failed: int = 0
    exit_code: int = EXIT_OK

    def plus(self, outcome: Outcome, clean: bool) -> Tally:
        """With one more, in which nothing was found, if it is `clean`. The worst exit code is that
        of all."""
        failed = outcome.error is not None
        clean = clean and not failed
        return Tally(
            self.ok + clean,
            self.found + (not failed and not clean),
            self.failed + failed,
            max(self.exit_code, outcome.exit_code),
        )

    def as_json(self) -> dict[str, int]:
        counts = {"ok": self.ok, "found": self.found, "failed": self.failed}
        return {"services": sum(counts.values()), **counts}


def members(arguments: Iterable[str]) -> list[Member]:
    """The folders in the order in which they were named, each once.

    A gen.toml stands for its folder: `services/*/gen.toml` names services and nothing else.
    """
    found: dict[str, Member] = {}
    for said in arguments:
        is_file = os.path.basename(said) == FILE and os.path.isfile(said)
        folder = (os.path.dirname(said) or ".") if is_file else said
        place = _real(folder)
        found.setdefault(place, Member(folder.rstrip("/") or folder, place))
    return list(found.values())


def root_of(member: Member) -> Path:
    """The service's folder. Raises TargetError for one that is none.

    The service that it may lie in is not meant: it would be seen once for each of its folders.
    """
    root = Path(member.place)
    pattern = os.path.join(os.path.dirname(member.said), "*", FILE)
    only = f"name folders that have a {FILE}, or let the shell find them: {pattern}"
    if not os.path.isdir(root):
        what = "is no folder" if os.path.lexists(member.said) else "is not there"
        what = unreadable(root) or what
        raise TargetError(f"{member.said} {what}", where=member.said, hint=only)
    if not os.access(root, os.R_OK | os.X_OK):
        remedy = f"make it readable, for example: chmod u+rx {member.said}"
        raise TargetError(f"{member.said} cannot be read", where=member.said, hint=remedy)
    if not os.path.isfile(root / FILE) and not os.path.isdir(root / FOLDER / FILE):
        raise TargetError(
            f"{member.said} is no service: it has no {FILE}", where=member.said, hint=only
        )
    return root


def is_clean(found: Mapping[str, Any]) -> bool:
    """Whether a service is as its gen.toml says; False where that cannot be told."""
    return bool(found["problems"] == [])


def status_line(found: Mapping[str, Any]) -> str:
    """The state of a service in one line, without its folder."""
    version, _ = split_version(found["generated_by"])
    changed, problems = found["changed_by_hand"], found["problems"]
    parts = [
        f"{found['service']}: {found['provider']}, {found['tool']}, serverless-py {version}",
        count(len(found["functions"]), "function"),
        _untold(found) if changed is None else f"{len(changed)} changed by hand",
    ]
    if problems:
        parts.append(f"pending: {count(len(problems), 'problem')} (gen check)")
    elif problems is None:
        update = found["unknown"]["problems"]["kind"] == "version"
        parts.append("pending: gen update" if update else "pending: unknown (gen check)")
    else:
        parts.append("pending: nothing")
    return "; ".join(parts)


def _untold(found: Mapping[str, Any]) -> str:
    """Why it is not known what was changed by hand, without what helps: gen check says that."""
    from generator.evolve.inspection import short_reason

    return f"changed by hand: unknown, {short_reason(found['unknown']['changed_by_hand'])}"


def count(number: int, noun: str) -> str:
    """`1 service`, `2 services`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _real(folder: str) -> str:
    """Where a folder is, links resolved. Without a current folder a relative one is as typed."""
    try:
        return os.path.realpath(folder)
    except FileNotFoundError:  # the current folder was deleted
        return folder
