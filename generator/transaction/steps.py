"""The steps of a transaction after its commit point: each path brought forward, or back again.

The same steps serve the command itself and the recovery of a killed one, so each looks first at
what is there. A staged file is renamed into place, so that it is gone exactly when its path is
done; a deleted file is renamed into `gone`, which therefore has it exactly when its path is done.
This is how recovery knows whether an edit was made on top of the old file or of the new one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from generator.transaction.journal import Change, Undo, ordered, owner
from generator.transaction.places import JOURNAL, Found, Obstacle, look, mode_of
from generator.tree import Entry


def forward(root: str, record: Undo) -> list[str]:
    """Does what is not done yet; gives the paths that were edited and are left as they were.

    The base files of such a path are left too: each path fits its base, and a later merge sees
    the edit.
    """
    left: list[str] = []
    for number, (path, change) in enumerate(ordered(record.changes)):
        if owner(path) in left or not _advance(root, number, path, change):
            left.append(path)
    done = set(record.changes) - set(left)
    _prune(root, [path for path in done if record.changes[path].after is None])
    return left


def _advance(root: str, number: int, path: str, change: Change) -> bool:
    """Brings one path to its new state; False if an edit of the old state is in the way."""
    journal, target = os.path.join(root, JOURNAL), os.path.join(root, path)
    found = look(root, path, change.links)
    if change.before is None and _emptied(root, path, found):
        found = None
    if found == change.before:
        if change.after is None:
            os.replace(target, os.path.join(journal, "gone", str(number)))
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            _put(_restaged(journal, number, change.after), target, change.after)
        return True
    if found == change.after:
        _mark_done(journal, number, change)
        return True
    return is_done(journal, number, change)


def is_done(journal: str, number: int, change: Change) -> bool:
    if change.after is None:
        return os.path.lexists(os.path.join(journal, "gone", str(number)))
    return not os.path.lexists(os.path.join(journal, "new", str(number)))


def _mark_done(journal: str, number: int, change: Change) -> None:
    """Of a path that somebody else brought to its new state."""
    if not is_done(journal, number, change):
        if change.after is None:
            write_file(os.path.join(journal, "gone", str(number)), b"", 0o600)
        else:
            os.unlink(os.path.join(journal, "new", str(number)))


def _restaged(journal: str, number: int, entry: Entry) -> str:
    """The staged file; made again if it went into place and its path was reset since."""
    staged = os.path.join(journal, "new", str(number))
    found = look(journal, f"new/{number}", entry.link)
    if not isinstance(found, Entry) or found.content != entry.content:
        part = os.path.join(journal, "part")
        write_entry(part, entry)
        if not entry.link:
            sync([part])
        os.replace(part, staged)
    return staged


def _put(staged: str, target: str, entry: Entry) -> None:
    """Renames into place. The file there passes its permissions on, but for the executable bits."""
    if entry.link:  # it has no permissions of its own
        os.replace(staged, target)
        return
    executable = entry.executable
    allowed = (mode_of(staged) or 0) & 0o777
    current = mode_of(target)
    if current is not None and not stat.S_ISREG(current):  # a link that makes room
        current = None
    mode = allowed & 0o666 if current is None else current & 0o777
    if executable and not mode & 0o100:
        mode |= (mode & 0o444) >> 2 & allowed
    elif not executable and mode & 0o100:
        mode &= ~0o111
    if mode != allowed:
        os.chmod(staged, mode)
    os.replace(staged, target)


def _prune(root: str, paths: list[str]) -> None:
    """Removes the folders that the deletion of `paths` has left empty."""
    for path in sorted(paths):
        folder = os.path.dirname(path)
        while folder:
            try:
                os.rmdir(os.path.join(root, folder))
            except FileNotFoundError:
                pass
            except OSError:  # not empty, as a rule; and an empty folder too many is no harm
                break
            folder = os.path.dirname(folder)


def _emptied(root: str, path: str, found: Found) -> bool:
    """Whether there was a folder, with nothing but empty folders in it, and is none any more."""
    if not isinstance(found, Obstacle) or found.path != path or not found.is_folder:
        return False
    target = os.path.join(root, path)
    for folder, _, _ in os.walk(target, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return not os.path.lexists(target)


def revert(root: str, number: int, path: str, change: Change, mode: int) -> None:
    """Brings one path back, unless it was edited since. Killed anywhere, `forward` still fits."""
    journal, target = os.path.join(root, JOURNAL), os.path.join(root, path)
    found = look(root, path, change.links)
    if change.after is None:
        if _emptied(root, path, found):
            found = None
        gone = os.path.join(journal, "gone", str(number))
        if found is None and change.before == look(journal, f"gone/{number}", change.links):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(gone, target)
    # Where the file system has no executable bits, those that are there say nothing.
    elif isinstance(found, Entry) and found.content == change.after.content:
        if change.before is None:
            os.replace(target, os.path.join(journal, "new", str(number)))
        else:
            _restaged(journal, number, change.after)
            part = os.path.join(journal, "part")
            write_entry(part, change.before)
            if not change.before.link:
                os.chmod(part, mode)
            os.replace(part, target)


def write_entry(file: str, entry: Entry) -> None:
    """Stages what is to be at a path: a file or a symbolic link."""
    if os.path.lexists(file) and (entry.link or os.path.islink(file)):
        os.unlink(file)
    if entry.link:
        os.symlink(os.fsdecode(entry.content), file)
    else:
        write_file(file, entry.content)


def write_file(file: str, content: bytes, mode: int = 0o777) -> None:
    """A staged file has all permissions that the umask leaves: `_put` takes what it needs."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    handle = os.open(file, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0), mode)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


def sync(places: Iterable[str]) -> None:
    for place in places:
        if os.name == "nt":  # no folder can be opened there, and no file synced that only is read
            return
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
