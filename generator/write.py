"""Puts a new service on disk. What is there already is changed by `transaction`.

A new service is staged beside its place and renamed there, so that it is either whole or absent:
a full disk, Ctrl-C or a missing right leaves nothing behind.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import TargetError, printable
from generator.tree import Tree

STAGING_PREFIX = ".gen-new-"


def check_target(target: Path) -> None:
    """Raises TargetError when a new service cannot be written to `target`."""
    try:
        _check_free(target)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _unusable(target, error) from error


def _check_free(target: Path) -> None:
    if target.is_symlink() and not target.exists():
        raise _in_the_way(target, "is a broken symbolic link")
    if not target.exists():
        return
    if not target.is_dir():
        raise _in_the_way(target, "is a file")
    inside = sorted(set(os.listdir(target)) - {".git"})  # a fresh clone is as good as empty
    if "gen.toml" in inside:
        later = "gen add-trigger, gen apply and gen update change it in place"
        raise _in_the_way(target, "is a service already", later)
    if inside:
        raise _in_the_way(target, f"is not empty: it has {inside[0]}")


def write_new(target: Path, tree: Tree) -> None:
    """Writes `tree` to `target`, which is absent or an empty folder. Raises TargetError."""
    check_target(target)
    try:
        if target.exists():
            _fill_empty(target, tree)
        else:
            _create(target, tree)
    except OSError as error:
        raise _unusable(target, error) from error


def write_missing(target: Path, tree: Tree) -> None:
    """Writes what Cookiecutter has not written yet, and sets the modes of what it has.

    Cookiecutter itself takes the folder away again when its hook fails. Raises TargetError.
    """
    try:
        for path, entry in tree.items():
            file = target / path
            if not file.exists() or file.read_bytes() != entry.content:
                _write_file(file, entry.content)
            _set_mode(file, entry.executable)
    except OSError as error:
        raise _unusable(target, error) from error


def _create(target: Path, tree: Tree) -> None:
    made = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _staged(target.parent, tree) as staging:
            os.replace(staging, target)
    except BaseException:
        for parent in made:
            if parent.is_dir():
                parent.rmdir()
        raise


def _fill_empty(target: Path, tree: Tree) -> None:
    moved: list[Path] = []
    with _staged(target, tree) as staging:
        try:
            for name in sorted(os.listdir(staging)):
                os.replace(staging / name, target / name)
                moved.append(target / name)
        except BaseException:
            for path in moved:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            raise


@contextmanager
def _staged(parent: Path, tree: Tree) -> Iterator[Path]:
    """A folder in `parent` that holds `tree`; what is left of it is removed at the end."""
    staging = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=parent))
    try:
        staging.chmod(0o777 & ~_umask())
        made = {str(staging)}
        for path, entry in tree.items():
            file = os.path.join(staging, path)
            _make_folder(os.path.dirname(file), made)
            with open(file, "wb") as stream:
                stream.write(entry.content)
            if entry.executable:
                os.chmod(file, 0o777 & ~_umask())
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _make_folder(folder: str, made: set[str]) -> None:
    """Like os.makedirs, which asks the disk about every parent of every file."""
    if folder not in made:
        _make_folder(os.path.dirname(folder), made)
        os.mkdir(folder)
        made.add(folder)


def _write_file(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _set_mode(file: Path, executable: bool) -> None:
    mode = (0o777 if executable else 0o666) & ~_umask()
    if file.stat().st_mode & 0o777 != mode:
        file.chmod(mode)


def _umask() -> int:
    """The process's file mode mask; there is no way to read it but to set it."""
    current = os.umask(0o022)
    os.umask(current)
    return current


def _in_the_way(
    target: Path, problem: str, instead: str = "choose another folder: gen new DIR"
) -> TargetError:
    return TargetError(f"{target} {problem}", where=str(target), hint=instead)


def _unusable(target: Path, error: OSError | ValueError) -> TargetError:
    hints = {
        errno.ENOSPC: "make room on the disk, then run the same command again",
        errno.EACCES: "choose a folder that you may write to",
        errno.EPERM: "choose a folder that you may write to",
        errno.EROFS: "choose a folder on a disk that can be written",
        errno.ENAMETOOLONG: "choose a shorter path",
    }
    code = getattr(error, "errno", None) or 0
    reason = getattr(error, "strerror", None) or str(error)
    return TargetError(
        f"cannot write to {printable(str(target))}: {reason}. Nothing was written.",
        where=printable(str(getattr(error, "filename", None) or target)),
        hint=hints.get(code, "choose another folder"),
    )
