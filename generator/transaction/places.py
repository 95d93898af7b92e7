"""What lies at a path of a service, seen without following a link; which paths may be written."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from generator.errors import TargetError, UserError, printable
from generator.tree import Entry

FOLDER = ".gen"
LOCK = ".gen/lock"
STAGING = ".gen/staging"
JOURNAL = ".gen/journal"
UNDO = ".gen/undo"
OURS = (LOCK, STAGING, JOURNAL, UNDO)

FOLDER_KIND = "a folder"
NOTHING_WRITTEN = "Nothing was written."


class PathError(UserError):
    """Raised when a path is not one of a service: it leaves it, or is git's or the journal's."""

    kind = "path"


class Obstacle(NamedTuple):
    """What is at `path`, or at a folder above it, and is no regular file in real folders."""

    path: str
    what: str

    @property
    def is_folder(self) -> bool:
        return self.what == FOLDER_KIND


Found = Entry | Obstacle | None


def check_path(path: str) -> None:
    """Raises PathError unless `path` is relative, plain, and a place where a service has files."""
    parts = path.split("/")
    if "\0" in path or path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise _no_path(path, "is not a path inside the service")
    if os.name == "nt" and ("\\" in path or ":" in path):
        raise _no_path(path, "cannot be a file's name on this system")
    # A journal that came with a clone must not be a way to git's hooks.
    if any(part.casefold() == ".git" for part in parts):
        raise _no_path(path, "belongs to git")
    if "/".join(parts[:2]).casefold() in OURS:
        raise _no_path(path, "is where transactions are kept")


def look(root: str, path: str, links: bool = False) -> Found:
    """The file at `path`; None where nothing is, not even a dangling link. Raises OSError.

    A symbolic link is an obstacle, unless `links` are looked for. One on the way to it always is.
    """
    parts = path.split("/")
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        mode = mode_of(os.path.join(root, folder))
        if mode is None:
            return None
        if not stat.S_ISDIR(mode):
            return Obstacle(folder, kind_of(mode))
    file = os.path.join(root, path)
    mode = mode_of(file)
    if mode is None:
        return None
    if stat.S_ISLNK(mode) and links:
        return Entry(os.fsencode(os.readlink(file)), link=True)
    if not stat.S_ISREG(mode):
        return Obstacle(path, kind_of(mode))
    with open(file, "rb") as stream:
        return Entry(stream.read(), bool(mode & 0o100))


def mode_of(file: str) -> int | None:
    """The type and the permissions of what is at `file` itself, or None. Raises OSError."""
    try:
        return os.lstat(file).st_mode
    except FileNotFoundError:
        return None


def missing_folders(root: str, path: str) -> list[str]:
    """The folders above `path` that are not there yet, the outermost first.

    What is no folder, and at the place of one, is about to be taken away.

    Raises PermissionError when nothing can be made, replaced or deleted in the one that is there.
    """
    missing: list[str] = []
    folder = os.path.dirname(os.path.join(root, path))
    while len(folder) > len(root) and not _is_folder(folder):
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
    return missing


def _is_folder(file: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(file).st_mode)
    except OSError:
        return False


def unwritable(root: str, error: OSError, outcome: str = NOTHING_WRITTEN) -> TargetError:
    """The message for an error of the disk; `outcome` says what became of the service."""
    again = "then run the same command again"
    hints = {
        errno.ENOSPC: f"make room on the disk, {again}",
        errno.EDQUOT: f"make room on the disk, {again}",
        errno.EROFS: "the disk is mounted read-only: work on a copy that can be written",
    }
    return TargetError(
        f"cannot write to {printable(root)}: {error.strerror or error}. {outcome}",
        where=printable(os.fsdecode(error.filename or root), 200),
        hint=hints.get(error.errno or 0, f"see to it that you may write there, {again}"),
    )


def kind_of(mode: int) -> str:
    """What a file of this mode is, for a person."""
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_ISDIR(mode):
        return FOLDER_KIND
    return "a file" if stat.S_ISREG(mode) else "a special file"


def _no_path(path: str, problem: str) -> PathError:
    return PathError(
        f"{printable(path)} {problem}. {NOTHING_WRITTEN}",
        where=printable(path),
        hint="a path is relative to the service's folder, like src/orders/app.py",
    )
