"""What is at a path of a service right now: the `ours` of a merge. Only reads."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from generator.errors import TargetError, printable
from generator.transaction.places import kind_of
from generator.tree import Entry

UNSEARCHED = {"node_modules", "__pycache__", "venv", "build", "dist"}


class Obstacle(NamedTuple):
    """Something that is no regular file of the service: `what` says it for a person, and
    `points_to` where a symbolic link points."""

    what: str
    is_folder: bool = False
    points_to: bytes | None = None

    def as_link(self) -> Entry | None:
        """The symbolic link that it is, as a transaction moves it; None of anything else."""
        return None if self.points_to is None else Entry(self.points_to, link=True)


Found = Entry | Obstacle | None


class Disk:
    """The files of the service at `root`. Each path is looked at once, whatever it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._found: dict[str, Found] = {}
        self._folders: dict[str, Obstacle | None] = {"": None}

    def look(self, path: str) -> Found:
        """The file at `path`; None where there is nothing. Raises TargetError: unreadable."""
        if path not in self._found:
            self._found[path] = self._folder(os.path.dirname(path)) or self._look(path)
        return self._found[path]

    def _look(self, path: str) -> Found:
        mode = self._mode(path)
        if mode is None:
            return None
        if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
            return Obstacle(kind_of(mode), stat.S_ISDIR(mode))
        try:
            if stat.S_ISLNK(mode):
                target = os.fsencode(os.readlink(f"{self.root}/{path}"))
                return Obstacle(kind_of(mode), points_to=target)
            with open(f"{self.root}/{path}", "rb") as stream:
                return Entry(stream.read(), bool(mode & 0o100))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, error, f"chmod u+r {path}") from error

    def _mode(self, path: str) -> int | None:
        """The type and the permissions of what is at `path` itself; None where nothing is."""
        try:
            return os.lstat(f"{self.root}/{path}").st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:  # the folder that it is in is closed
            folder = os.path.dirname(path) or "."
            raise _unreadable(path, error, f"chmod u+rx {folder}") from error

    def _folder(self, folder: str) -> Obstacle | None:
        """What is wrong with a folder on the way to a file, if anything is."""
        if folder not in self._folders:
            self._folders[folder] = self._folder(os.path.dirname(folder)) or self._check(folder)
        return self._folders[folder]

    def _check(self, folder: str) -> Obstacle | None:
        mode = self._mode(folder)
        if mode is None or stat.S_ISDIR(mode):
            return None
        return Obstacle(f"below {folder}, which is {kind_of(mode)}")

    def holding(self, contents: Collection[bytes]) -> Iterator[tuple[str, Entry]]:
        """Every file of the service that holds exactly one of these contents."""
        sizes = {len(content) for content in contents}
        hashes = {hashlib.sha256(content).digest() for content in contents}
        for path in service_files(self.root):
            if os.path.getsize(f"{self.root}/{path}") in sizes:
                found = self.look(path)
                if isinstance(found, Entry) and hashlib.sha256(found.content).digest() in hashes:
                    yield path, found


def service_files(root: Path) -> Iterator[str]:
    """The path of every regular file, but for hidden folders and those that tools fill."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(n for n in folders if n[0] != "." and n not in UNSEARCHED)
        for name in sorted(files):
            file = os.path.join(folder, name)
            if os.path.isfile(file) and not os.path.islink(file):
                yield os.path.relpath(file, root).replace(os.sep, "/")


def _unreadable(path: str, error: OSError, remedy: str) -> TargetError:
    return TargetError(
        f"cannot read {printable(path)}: {error.strerror}. Nothing was written.",
        where=path,
        hint=f"make it readable, for example: {remedy}",
    )
