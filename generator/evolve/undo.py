"""`gen undo`: the last transaction taken back by the same three-way merge.

The base is what the transaction wrote, theirs is what it replaced, so edits made since stay.
"""

from __future__ import annotations

from pathlib import Path

from generator.declaration import FILE as DECLARATION
from generator.errors import UserError
from generator.evolve.decide import Conflict, Decision, File, decide, decide_new
from generator.evolve.disk import Disk, Obstacle
from generator.evolve.own_files import entry_at
from generator.evolve.reconcile import Note, Reconciled
from generator.transaction.journal import Change, Undo, folders_above, is_base, last
from generator.tree import Entry


class UndoError(UserError):
    """Raised when there is nothing that could be taken back."""

    kind = "undo"


def take_back(root: Path, choice: str) -> tuple[str, Reconciled]:
    """What takes the last transaction back: its label, and the changes.

    Raises UndoError when there is none, or the service has changed otherwise since.
    """
    record = last(root)
    if record is None:
        raise UndoError(
            "there is nothing to undo here",
            where=str(root),
            hint="gen undo knows the last change only, and only on the machine that made it; "
            "git knows the others",
        )
    disk = Disk(root)
    base = dict(_base_changes(record, disk))
    files: dict[str, Change] = {}
    conflicts: list[Conflict] = []
    notes: list[Note] = []
    for path, change in record.changes.items():
        if is_base(path):
            continue
        ours = entry_at(disk, path, change)
        file = File(path, ours, change.before, choice=choice)
        decision = _decided(file, change)
        if decision.conflict:
            conflicts.append(decision.conflict)
        elif not decision.keep:
            before = ours if isinstance(ours, Entry) else None
            if before != decision.entry:
                files[path] = Change(before, decision.entry)
        if decision.note and not decision.conflict:
            notes.append(Note(path, decision.note))
    label = f"undo of {record.label}"
    return label, Reconciled(files, base, tuple(conflicts), tuple(notes))


def _decided(file: File, change: Change) -> Decision:
    wrote, before, ours = change.after, change.before, file.ours
    if wrote is None:
        return decide_new(file)
    if file.path == DECLARATION and before and isinstance(ours, Entry) and ours != wrote:
        from generator.evolve.undo_declaration import take_back_declaration

        return take_back_declaration(file, wrote, ours, before)
    return decide(file, [wrote])


def _is_as_left(record: Undo, path: str, disk: Disk) -> bool:
    """Whether a base file is what the transaction left.

    `gen repair` takes away what is in the way of one: a file where a folder is now, or the other
    way about, which is nothing at its own path. `commit` sees to it that nothing else is there.
    """
    change = record.changes[path]
    found = entry_at(disk, path, change)
    if found == change.after or change.after is not None or not isinstance(found, Obstacle):
        return found == change.after
    came = {other for other, its in record.changes.items() if its.after is not None}
    above = {*folders_above(path)}
    return any(other in above or path in folders_above(other) for other in came)


def _base_changes(record: Undo, disk: Disk) -> list[tuple[str, Change]]:
    found: list[tuple[str, Change]] = []
    for path, change in record.changes.items():
        if not is_base(path):
            continue
        if not _is_as_left(record, path, disk):
            raise UndoError(
                f"the service is no longer what {record.label} left",
                where=path,
                hint="another branch, or git itself, has changed it since: undo with git",
            )
        found.append((path, Change(change.after, change.before)))
    return found
