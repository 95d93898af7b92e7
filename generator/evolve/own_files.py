"""The developer's own files in the folders of a function that is called otherwise now."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from generator.errors import TargetError, printable
from generator.evolve.decide import Conflict
from generator.evolve.disk import Disk, Obstacle
from generator.transaction.journal import Change
from generator.tree import Entry, Tree

MADE_AGAIN = {
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "venv",
    "node_modules",
}
"""Folders that tools fill by themselves: they are not worth moving, and may be large."""


class Own(NamedTuple):
    """A file or a symbolic link that goes from `origin` to `target`."""

    origin: str
    target: str


def folders_between(moves: Mapping[str, str], theirs: Tree) -> dict[str, str]:
    """The folders that a function has for itself, old -> new: what its files' paths do not share.

    One in which something generated stays is not the function's own.
    """
    found: dict[str, str] = {}
    for old, new in moves.items():
        before, after = old.split("/"), new.split("/")
        shared = 0
        while shared < min(len(before), len(after)) and before[-1 - shared] == after[-1 - shared]:
            shared += 1
        folder, other = "/".join(before[: len(before) - shared]), "/".join(after[:-shared])
        if shared and folder and other:
            found[folder] = other
    return {
        folder: other
        for folder, other in found.items()
        if not any(path.startswith(f"{folder}/") for path in theirs)
    }


def move_along(
    disk: Disk,
    folders: Mapping[str, str],
    generated: Collection[str],
    files: dict[str, Change],
    conflicts: list[Conflict],
) -> Iterator[Own]:
    """Moves what is in `folders` and is no generated file, which move by themselves.

    The changes are added to `files`, what is in the way to `conflicts`; gives what moves. Raises
    TargetError for a folder that cannot be read.
    """
    for own in _own_files(disk, folders, generated):
        found = _moved(own, disk, files)
        if isinstance(found, Conflict):
            conflicts.append(found)
        elif found:
            files.update(found)
            yield own


def _own_files(disk: Disk, folders: Mapping[str, str], generated: Collection[str]) -> Iterator[Own]:
    for folder, other in sorted(folders.items()):
        for path in _below(disk.root, folder):
            if path not in generated or isinstance(disk.look(path), Obstacle):
                yield Own(path, other + path[len(folder) :])


def _moved(own: Own, disk: Disk, files: Mapping[str, Change]) -> dict[str, Change] | Conflict:
    """The changes that move it as it is to be; a conflict where something is in the way."""
    found, there = disk.look(own.origin), disk.look(own.target)
    if there is not None or own.target in files:
        what = there.what if isinstance(there, Obstacle) else "a file of yours"
        return Conflict(own.target, "obstacle", what=what)
    before = found.as_link() if isinstance(found, Obstacle) else found
    after = files[own.origin].after if own.origin in files else before
    if before is None or after is None:
        return {}
    return {own.origin: Change(before, None), own.target: Change(None, after)}


def _below(root: Path, folder: str) -> Iterator[str]:
    """Every file and symbolic link below `folder`, or the folder itself, where it is a link.

    A repository within (a submodule) is left alone: git keeps its place elsewhere, too.
    """
    top = os.path.join(root, folder)
    if os.path.islink(top):
        yield folder
        return
    for place, folders, files in os.walk(top, onerror=_unreadable):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        if ".git" in (*folders, *files):
            folders.clear()
            continue
        folders[:] = sorted({*folders} - {*links} - MADE_AGAIN)
        for name in sorted([*links, *files]):
            file = os.path.join(place, name)
            if os.path.islink(file) or os.path.isfile(file):
                yield os.path.relpath(file, root).replace(os.sep, "/")


def _unreadable(error: OSError) -> None:
    raise TargetError(
        f"cannot read {printable(str(error.filename))}: {error.strerror}. Nothing was written.",
        where=str(error.filename),
        hint=f"make it readable, for example: chmod u+rx {error.filename}",
    ) from error


def entry_at(disk: Disk, path: str, change: Change) -> Entry | Obstacle | None:
    """What is at a path that `change` has written: a link where one was expected."""
    found = disk.look(path)
    link = found.as_link() if isinstance(found, Obstacle) and change.links else None
    return link or found
