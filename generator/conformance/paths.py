"""The files of a pack as files: what every system can check out, and what no service may get."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.conformance.files import PATHS, failure, warning
from generator.doctor.findings import Finding
from generator.errors import printable
from generator.names import WINDOWS

LARGEST = 1_000_000
"""Bytes. The largest file of ours has a twentieth of it."""
PARTS = ("base", "ci", "providers")
"""The folders of a pack; what lies beside them (a README, tests) is nobody's business."""
LEFTOVERS = ("__pycache__", ".DS_Store", "Thumbs.db")
EXPRESSION = re.compile(r"\{\{.*?\}\}")
NOT_PORTABLE = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]|[. ]$')
NEVER = (".git", ".gen", "..", ".")
TOP = ("README.md", "LICENSE", "pack.toml", *PARTS)


def check_paths(root: Path) -> Iterator[Finding]:
    """What is wrong with the names, kinds and sizes of a pack's files."""
    for folder in PARTS:
        if (root / folder).is_symlink():
            yield _link(folder)
        elif (root / folder).is_dir():
            yield from _folder(root, root / folder)


def _folder(root: Path, folder: Path) -> Iterator[Finding]:
    for parent, folders, files in os.walk(folder):
        here = Path(parent).relative_to(root).as_posix()
        yield from (
            failure(
                PATHS,
                f"{first} and {second} are one file where case does not count",
                here,
                "rename one of them",
            )
            for first, second in same_but_case([*folders, *files])
        )
        for name in sorted([*folders, *files]):
            if name in LEFTOVERS or name.endswith(".pyc"):
                folders[:] = [kept for kept in folders if kept != name]
                hint = "delete it, and let git ignore it"
                yield warning(PATHS, "no part of a pack", f"{here}/{name}", hint)
            else:
                yield from _entry(root, Path(parent, name))


def _entry(root: Path, path: Path) -> Iterator[Finding]:
    where = path.relative_to(root).as_posix()
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        yield _link(where)
        return
    problem = name_problem(EXPRESSION.sub("x", path.name))
    if problem:
        yield failure(PATHS, problem, where, "rename it")
    if stat.S_ISDIR(mode):
        return
    if not stat.S_ISREG(mode):
        yield failure(PATHS, "is no regular file", where, "a pack has files and folders, only")
        return
    if path.stat().st_size > LARGEST:
        size = path.stat().st_size // 1000
        hint = "a service gets text that people read: let the service's build fetch the rest"
        yield failure(PATHS, f"has {size} kB, at most {LARGEST // 1000} are possible", where, hint)
    elif path.suffix in (".j2", ".toml"):
        try:
            path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            yield failure(PATHS, f"is not UTF-8: {error.reason}", where, "save it as UTF-8")


def _link(where: str) -> Finding:
    hint = "put a copy of the file there: a pack is read without following links"
    return failure(PATHS, "is a symbolic link", where, hint)


def name_problem(name: str) -> str:
    """Why a file cannot be called so everywhere; empty where it can."""
    stem = name.split(".")[0].lower()
    if name.lower() in NEVER:
        return f"{printable(name)} is no name for a file of a service"
    if stem in WINDOWS:
        return f"{printable(name)} is a reserved file name on Windows"
    if NOT_PORTABLE.search(name):
        return f"{printable(name)} is no file name on Windows"
    return ""


def path_problem(path: str) -> str:
    """Why a file of a service cannot lie at a rendered path; empty where it can."""
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "is absolute"
    for part in path.split("/"):
        if not part:
            return "has an empty part"
        if problem := name_problem(part):
            return problem
    return ""


def same_but_case(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names that differ in case only."""
    first: dict[str, str] = {}
    for name in sorted(names):
        other = first.setdefault(name.lower(), name)
        if other != name:
            yield other, name
