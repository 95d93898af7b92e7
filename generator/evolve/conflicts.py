"""Conflicts as a report for a person, and as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.errors import EXIT_CONFLICT, GeneratorError
from generator.evolve.decide import Conflict
from generator.merge.hunks import Hunk

SHOWN_LINES = 6
WHAT = {
    "changed": "changed by you and by the generator",
    "removed": "no longer generated, but you changed it",
    "in-the-way": "a new file is to come, and one of yours is there",
    "obstacle": "a file is to be written, and it is {what}",
    "markers": "{what}",
    "declaration": "{what}",
}
REMEDY = {
    "changed": "make the change yourself, or decide with --conflict ours, theirs or markers",
    "removed": "--conflict ours keeps it as a file of your own, --conflict theirs deletes it",
    "in-the-way": "move yours away, or decide with --conflict ours, theirs or markers",
    "obstacle": "move it out of the way; a link or a folder of yours is left with --conflict ours",
    "markers": "decide what it should say and take the marker lines out, then run this again",
    "declaration": "edit it yourself, then gen apply; --conflict theirs writes what has to change "
    "anew, without your comments there",
}


class ConflictError(GeneratorError):
    """Raised when something needs a person's decision. Nothing was written."""

    exit_code = EXIT_CONFLICT
    kind = "conflict"

    def __init__(self, label: str, conflicts: Sequence[Conflict]) -> None:
        count = len({conflict.path for conflict in conflicts})
        files = "1 file needs" if count == 1 else f"{count} files need"
        super().__init__(f"{label}: {files} a decision of yours. Nothing was written.")
        self.conflicts = conflicts


def describe(conflicts: Sequence[Conflict]) -> Iterator[str]:
    """Lines that say for each conflict where it is, what both sides say, and what to do."""
    for conflict in conflicts:
        yield f"  {conflict.path}: {WHAT[conflict.kind].format(what=conflict.what)}"
        for hunk in conflict.hunks:
            yield from _hunk(conflict.path, hunk)
        yield f"    help: {REMEDY[conflict.kind]}"
    if any(conflict.kind not in ("obstacle", "markers") for conflict in conflicts):
        yield "  What --conflict theirs drops, gen undo brings back."


def _hunk(path: str, hunk: Hunk) -> Iterator[str]:
    yield f"    {path}:{hunk.line}" + (f" ({hunk.what})" if hunk.what else "")
    for side, text in (("was", hunk.base), ("yours", hunk.ours), ("new", hunk.theirs)):
        lines = text.splitlines() or ["(nothing)"]
        for number, line in enumerate(lines[:SHOWN_LINES]):
            yield f"      {side + ':' if number == 0 else '':<6} {line}"
        if len(lines) > SHOWN_LINES:
            yield f"      {'':<6} ... {len(lines) - SHOWN_LINES} more lines"


def as_json(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """The same as data, with the whole texts."""
    return [
        {
            "path": conflict.path,
            "kind": conflict.kind,
            "what": conflict.what,
            "hunks": [hunk._asdict() for hunk in conflict.hunks],
            "hint": REMEDY[conflict.kind],
        }
        for conflict in conflicts
    ]
