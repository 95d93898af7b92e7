"""Puts a set of changes on a service: all of them or none, whenever the process is killed.

    .gen/staging    being prepared; killed here, the service is as it was
    .gen/journal    the same folder renamed, which is the commit point; killed here, the next
                    command finishes what is left
    .gen/undo       the journal's record moved here: done

The folder has the `record` of all contents, before and after, the staged files in `new`, named
by their number in the record, and the deleted ones in `gone`; `steps` says what for.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

from generator.errors import TargetError, UserError, printable
from generator.transaction.journal import (
    Change,
    Changes,
    DamagedError,
    Undo,
    decode,
    encode,
    is_base,
    last,
    ordered,
)
from generator.transaction.lock import BusyError, locked
from generator.transaction.places import (
    FOLDER,
    JOURNAL,
    NOTHING_WRITTEN,
    STAGING,
    UNDO,
    Found,
    Obstacle,
    PathError,
    check_path,
    look,
    missing_folders,
    mode_of,
    unwritable,
)
from generator.transaction.steps import forward, is_done, revert, sync, write_entry, write_file

__all__ = [
    "BusyError",
    "Change",
    "ChangedError",
    "Changes",
    "DamagedError",
    "PathError",
    "Recovered",
    "Undo",
    "commit",
    "last",
    "locked",
    "recover",
]

TAKEN_BACK = "What had been written was taken back."


class ChangedError(UserError):
    """Raised when a file is no longer what it was when the changes were worked out."""

    kind = "changed"


class Recovered(NamedTuple):
    """What a killed command left, and what became of it.

    `finished`: all of it is written now but `kept`, the paths that were edited since; otherwise
    nothing of it is. `label` is empty where the command died too early to leave one.
    """

    label: str
    finished: bool
    kept: tuple[str, ...] = ()


class _Surroundings(NamedTuple):
    """What taking back needs beside the record: old permissions, folders that were not there."""

    modes: dict[str, int]
    missing: list[str]


def commit(root: Path, changes: Changes, label: str) -> None:
    """Writes `changes`, and the record that `last` gives, under the lock.

    Nothing at all is written when it raises: PathError for a path that is none of a service,
    TargetError for one that cannot be written, ChangedError for one that is not what it was.
    Only when a disk fails in the middle and what was done cannot be taken back either, the
    TargetError says that the next command finishes it.
    """
    place = os.fspath(root)
    for path in changes:
        check_path(path)
    with locked(root):
        recover(root)
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        real = {path: change for path, change in changes.items() if change.before != change.after}
        try:
            around = _check_places(place, changes)
            _check_unchanged(place, changes)
        except OSError as error:
            raise unwritable(place, error) from error
        if real:  # a change of nothing does not replace the last one
            _write(place, Undo(label, when, real), changes, around)


def recover(root: Path) -> Recovered | None:
    """Finishes or drops what a killed command left; None when there is nothing, which is cheap.

    A path that was edited since is left alone, with its base files, and named in `kept`. May be
    killed itself, and called under the lock. Raises BusyError while the command is still at
    work, TargetError when the disk fails, DamagedError.
    """
    place = os.fspath(root)
    if not _is_left(place):
        return None
    with locked(root):
        try:
            return _recover(place)
        except OSError as error:
            outcome = "An interrupted command left work that could not be finished."
            raise unwritable(place, error, outcome) from error


def _is_left(root: str) -> bool:
    return any(os.path.lexists(os.path.join(root, name)) for name in (STAGING, JOURNAL))


def _recover(root: str) -> Recovered | None:
    staging, journal = os.path.join(root, STAGING), os.path.join(root, JOURNAL)
    recovered = None
    if os.path.lexists(staging):
        recovered = Recovered(_label(staging), finished=False)
        shutil.rmtree(staging)
    if os.path.lexists(os.path.join(journal, "record")):
        record = _read_journal(journal)
        left = forward(root, record)
        _finish(root, record, left)
        kept = tuple(path for path in left if not is_base(path))
        return Recovered(record.label, finished=True, kept=kept)
    if os.path.lexists(journal):  # its record has moved on already: it was done
        shutil.rmtree(journal)
    return recovered


def _label(staging: str) -> str:
    try:
        with open(os.path.join(staging, "record"), "rb") as stream:
            return decode(stream.read()).label
    except (OSError, ValueError, UserError):
        return ""


def _read_journal(journal: str) -> Undo:
    try:
        with open(os.path.join(journal, "record"), "rb") as stream:
            return decode(stream.read())
    except ValueError as error:
        raise DamagedError(
            f"an interrupted command cannot be finished, its record is damaged: {error}",
            where=f"{JOURNAL}/record",
            hint=f"restore the service with git, and delete the folder {JOURNAL}",
        ) from error


# --- before the commit point -----------------------------------------------------------------


def _check_places(root: str, changes: Changes) -> _Surroundings:
    """Raises TargetError or OSError where a file cannot be put or taken away."""
    modes: dict[str, int] = {}
    missing: dict[str, None] = {}
    for path, _ in ordered(changes):
        found = _look(root, path, changes)
        if isinstance(found, Obstacle):
            raise TargetError(
                f"{printable(path)} cannot be written: {printable(found.path)} is {found.what}. "
                + NOTHING_WRITTEN,
                where=printable(found.path),
                hint="move it out of the way, then run the same command again",
            )
        missing |= dict.fromkeys(missing_folders(root, path))
        try:
            modes[path] = (mode_of(os.path.join(root, path)) or 0) & 0o777
        except NotADirectoryError:  # below a file that makes room
            modes[path] = 0
    return _Surroundings(modes, list(missing))


def _check_unchanged(root: str, changes: Changes) -> None:
    for path, change in ordered(changes):
        if _look(root, path, changes) != change.before:
            raise _changed(path, NOTHING_WRITTEN)


def _look(root: str, path: str, changes: Changes) -> Found:
    """What is at `path` when its turn comes: what the same changes take out of its way is gone."""
    change = changes[path]
    found = look(root, path, change.links)
    if change.before is not None or not isinstance(found, Obstacle):
        return found
    if found.path == path:
        makes_room = found.is_folder and _is_emptied(root, path, changes)
    else:
        makes_room = _is_deleted(found.path, changes)
    return None if makes_room else found


def _is_deleted(path: str, changes: Changes) -> bool:
    change = changes.get(path)
    return change is not None and change.before is not None and change.after is None


def _is_emptied(root: str, path: str, changes: Changes) -> bool:
    """Whether a folder has files, and these changes delete them all."""
    held = []
    for folder, folders, files in os.walk(os.path.join(root, path)):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        held += [os.path.relpath(os.path.join(folder, name), root) for name in files + links]
    return bool(held) and all(_is_deleted(at.replace(os.sep, "/"), changes) for at in held)


def _changed(path: str, outcome: str) -> ChangedError:
    return ChangedError(
        f"{printable(path)} was changed while the command was at work. {outcome}",
        where=printable(path),
        hint="run the same command again: it starts from the file as it is now",
    )


def _write(root: str, record: Undo, changes: Changes, around: _Surroundings) -> None:
    try:
        _stage(root, record)
        _check_unchanged(root, changes)
        os.rename(os.path.join(root, STAGING), os.path.join(root, JOURNAL))  # the commit point
        sync([os.path.join(root, FOLDER)])
        left = forward(root, record)
        if left:  # edited between the check and its turn
            raise _changed(left[0], TAKEN_BACK)
        _finish(root, record, [])
    except BaseException as error:
        outcome = _take_back(root, record, around)
        if isinstance(error, OSError):
            raise unwritable(root, error, outcome) from error
        raise


def _stage(root: str, record: Undo) -> None:
    """Prepares the journal's folder.

    Being killed loses nothing that was handed to the kernel, but a power cut does: without the
    sync a rename could last and the content not. All files are written before the first sync,
    since one sync makes the kernel write most of the others. What is renamed later needs none:
    file systems keep the order of renames.
    """
    staging = os.path.join(root, STAGING)
    os.mkdir(staging, 0o700)  # contents that only the user may read stay so
    written = [os.path.join(staging, "record")]
    write_file(written[0], encode(record), 0o600)
    for name in ("new", "gone"):
        os.mkdir(os.path.join(staging, name))
    for number, (_, change) in enumerate(ordered(record.changes)):
        if change.after is not None:
            file = os.path.join(staging, "new", str(number))
            write_entry(file, change.after)
            if not change.after.link:  # of a link, the folder's sync is all there is
                written.append(file)
    sync([*written, os.path.join(staging, "new"), staging])


# --- after it ----------------------------------------------------------------------------------


def _finish(root: str, record: Undo, left: list[str]) -> None:
    """Turns the record into the undo record; from here on the transaction is done."""
    journal, undo = os.path.join(root, JOURNAL), os.path.join(root, UNDO)
    file = os.path.join(journal, "record")
    rest = {path: change for path, change in record.changes.items() if path not in left}
    if not left:
        os.replace(file, undo)
    else:
        if rest:
            part = os.path.join(journal, "part")
            write_file(part, encode(record._replace(changes=rest)), 0o600)
            os.replace(part, undo)
        os.unlink(file)
    shutil.rmtree(journal, ignore_errors=True)  # what is left of it, the next command removes


def _take_back(root: str, record: Undo, around: _Surroundings) -> str:
    """Undoes what this process wrote, and says so. Raises TargetError where that fails too."""
    staging, journal = os.path.join(root, STAGING), os.path.join(root, JOURNAL)
    outcome = NOTHING_WRITTEN
    try:
        if os.path.lexists(os.path.join(journal, "record")):
            outcome = TAKEN_BACK
            for number, (path, change) in reversed([*enumerate(ordered(record.changes))]):
                if is_done(journal, number, change):
                    revert(root, number, path, change, around.modes[path])
            for folder in reversed(around.missing):
                real = os.path.isdir(folder) and not os.path.islink(folder)
                if real and not os.listdir(folder):
                    os.rmdir(folder)
            os.unlink(os.path.join(journal, "record"))
    except OSError as error:
        half = f'"{record.label}" is half done, and the next gen command tries to finish it.'
        raise unwritable(root, error, half) from error
    shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(journal, ignore_errors=True)
    return outcome
