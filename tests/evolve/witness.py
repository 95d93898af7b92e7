"""What is on the disk, in every detail: for tests of what a command left alone.

A picture of a folder has each path in it: what it is, its permissions, its contents or where a
link leads, and when it was written last, so that a file which was replaced by its like shows.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

from evolve.playground import Service


class Seen(NamedTuple):
    """One path: `content` is a link's target, and None for a folder."""

    kind: int
    mode: int
    content: bytes | None
    written: int = 0


Picture = dict[str, Seen]

OWN = (".gen", ".gen/lock", ".gen/undo")
"""What may differ: the lock, which needs its folder, and what `gen undo` takes back."""


def picture(root: Path, times: bool = True) -> Picture:
    """Everything below `root`; without `times`, a file that was put back is the same file."""
    found: Picture = {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in folders + files:
            file = os.path.join(folder, name)
            path = os.fsdecode(os.path.relpath(file, os.fsencode(root)))
            if not path.endswith(OWN):
                found[path] = _seen(file, times)
    return found


def _seen(file: bytes, times: bool) -> Seen:
    status = os.lstat(file)
    kind, mode = stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode)
    if kind == stat.S_IFLNK:
        return Seen(kind, mode, os.readlink(file))
    if kind == stat.S_IFDIR:  # a folder's time changes when the lock is made in it
        return Seen(kind, mode, None)
    with open(file, "rb") as stream:
        return Seen(kind, mode, stream.read(), status.st_mtime_ns if times else 0)


def changed(before: Picture, after: Picture) -> set[str]:
    """The paths that are not as they were."""
    return {path for path in {*before, *after} if before.get(path) != after.get(path)}


def copy_of(service: Service, folder: Path) -> Service:
    """The same service in `folder`, links and permissions included."""
    shutil.copytree(service.root, folder / "orders", symlinks=True)
    return Service(folder / "orders")


def one_message(said: str) -> str:
    """What an error says, if it is one, is no bug of ours and shows no traceback."""
    assert said.count("error: ") == 1, said
    assert "Traceback" not in said and "this is a bug" not in said, said
    return said


def refuses(service: Service, *arguments: str, code: int) -> str:
    """Runs `gen`, which must refuse with that exit code and write nothing. Gives the message."""
    before = picture(service.root.parent)
    message = one_message(service.gen(*arguments, code=code).err)
    assert changed(before, picture(service.root.parent)) == set()
    return message
