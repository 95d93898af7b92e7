"""Kills a command at many moments, and looks at the tree that it leaves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers_evolve import WHO, read, run
from generator.tree import Tree

CHANGES = range(1, 13)
"""Killed as soon as so many files are seen to have changed."""
DELAYS = 20
"""Killed after so many parts of the time that a whole run takes."""
INTERNALS = (".git/", ".gen/")
"""Where half-done work is nobody's trouble, as long as the next run copes with it."""

Moment = Callable[[float, int], bool]
"""Whether to kill, by the seconds that passed and the files that have changed."""


class Killed(NamedTuple):
    """How often the command was killed, what it left, and what a second run made of it."""

    runs: int
    torn: int
    repaired: int
    whole: int
    """Second runs after which the tree was complete, whatever it was before."""
    codes: tuple[int, ...]
    """Of the second runs that met a torn tree."""

    def tree(self) -> str:
        return f"torn in {self.torn} of {self.runs} runs"

    def second_run(self) -> str:
        codes = "/".join(map(str, sorted(set(self.codes)))) or "-"
        return (
            f"repairs {self.repaired} of {self.torn} torn (exit {codes}), "
            f"complete in {self.whole} of {self.runs}"
        )


def kill_often(project: Path, command: Sequence[str], folder: Path) -> Killed:
    """Runs the command in fresh copies of `project`, made in `folder`, and kills each run.

    A run that ends before its moment has come is not counted.
    """
    before = read(project, INTERNALS)
    after, seconds = _whole_run(project, command, folder)
    runs = torn = repaired = whole = 0
    codes = []
    for moment in _moments(seconds):
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            copy = _copy(project, scratch)
            if not _killed(copy, command, moment):
                continue
            runs += 1
            is_torn = read(copy, INTERNALS) not in (before, after)
            second = run(command, copy, check=False)
            complete = read(copy, INTERNALS) == after
        whole += complete
        if is_torn:
            torn += 1
            repaired += complete
            codes.append(second.returncode)
    return Killed(runs, torn, repaired, whole, tuple(codes))


def _moments(seconds: float) -> list[Moment]:
    by_change: list[Moment] = [lambda _, seen, n=n: seen >= n for n in CHANGES]  # type: ignore[misc]
    by_delay: list[Moment] = [
        lambda passed, _, n=n: passed >= seconds * n / DELAYS  # type: ignore[misc]
        for n in range(1, DELAYS + 1)
    ]
    return by_change + by_delay


def _whole_run(project: Path, command: Sequence[str], folder: Path) -> tuple[Tree, float]:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        copy = _copy(project, scratch)
        start = time.monotonic()
        run(command, copy)
        return read(copy, INTERNALS), time.monotonic() - start


def _copy(project: Path, scratch: str) -> Path:
    return Path(shutil.copytree(project, Path(scratch) / project.name, symlinks=True))


def _killed(copy: Path, command: Sequence[str], moment: Moment) -> bool:
    """Whether the command was killed, with all that it had started, before it ended."""
    first = _stamps(copy)
    start = time.monotonic()
    process = subprocess.Popen(
        list(command),
        cwd=copy,
        env={**os.environ, **WHO},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while process.poll() is None:
        now = _stamps(copy)
        changed = sum(first.get(path) != now.get(path) for path in {*first, *now})
        if moment(time.monotonic() - start, changed):
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
    return False


def _stamps(root: Path) -> dict[str, tuple[int, int, int]]:
    """What tells whether a file has changed, of all files but tools' internals."""
    found: dict[str, tuple[int, int, int]] = {}
    waiting = [str(root)]
    internals = {str(root / name.rstrip("/")) for name in INTERNALS}
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.path in internals:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        status = entry.stat(follow_symlinks=False)
                        found[entry.path] = status.st_mtime_ns, status.st_size, status.st_ino
        except FileNotFoundError:
            continue  # it went while we looked
    return found
