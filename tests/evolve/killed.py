"""Kills transactions: between any two calls that change the disk, and half way through a write.

A state of a service is all its files and folders in memory, so that what a killed run has left
can be laid out again as often as it takes. Each run is a fork of this process that counts its
calls and kills itself at one of them. From every state that a killed commit leaves, recovery is
killed at each of its own points, and from what that leaves again, until no new state turns up:
that is every way in which any number of kills can go. `python tests/evolve/killed.py` counts.
"""

from __future__ import annotations

import errno
import fcntl  # noqa: F401  # what locking imports: here once, and not in each fork
import json
import os
import shlex  # noqa: F401
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from generator.base import encode
from generator.errors import UserError
from generator.transaction.commit import Change, commit, recover
from generator.tree import Entry

CALLS = ("open", "write", "fsync", "replace", "rename", "unlink", "mkdir", "rmdir", "chmod")

State = dict[str, tuple[bytes | None, int]]
"""path -> (content, permissions). A folder has no content. Without the lock, which names a pid."""

Program = Callable[[Path], object]


class Fault(NamedTuple):
    """What happens at the point of this number: the process is killed, or Ctrl-C is pressed, or
    the call fails, or that call and all that follow do."""

    number: int
    kind: str  # "kill", "interrupt", "fail" or "fail on"


class Run(NamedTuple):
    """What a run has left, how it ended ("killed", "done", "refused", "broken"), what it said,
    and how many points it passed."""

    state: State
    ended: str
    said: str
    points: int


class Disk:
    """Between the program and the disk, in a fork: counts the points, and lets faults happen."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        self.points = 0
        for name in CALLS:
            setattr(os, name, self._faulty(name, getattr(os, name)))

    def _faulty(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if name == "open" and not args[1] & os.O_CREAT:
                return real(*args, **options)
            self.reach(args[0])
            if name == "fsync":  # what the kernel has outlives a kill
                return None
            if name == "write" and len(args[1]) > 1:
                half = len(args[1]) // 2
                real(args[0], args[1][:half])
                self.reach()
                return half + real(args[0], args[1][half:])
            return real(*args, **options)

        return call

    def reach(self, what: object = None) -> None:
        """One point: after the call before it, which is before this one."""
        self.points += 1
        for number, kind in self.faults:
            if kind == "kill" and number == self.points:
                os.kill(os.getpid(), signal.SIGKILL)
            elif kind == "interrupt" and number == self.points:
                raise KeyboardInterrupt
            elif (kind, number) == ("fail", self.points) or (
                kind == "fail on" and number <= self.points
            ):
                name = what if isinstance(what, str) else None
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


def run(folder: Path, state: State, program: Program, *faults: Fault) -> Run:
    """Lays `state` out in `folder` and runs `program` on it in a fork, with faults."""
    lay(folder, state)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os._exit(_inside(writer, folder, program, faults))
    os.close(writer)
    with open(reader, "rb") as stream:
        said = stream.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return Run(snapshot(folder), "killed", "", 0)
    return Run(snapshot(folder), *json.loads(said))


def _inside(writer: int, folder: Path, program: Program, faults: tuple[Fault, ...]) -> int:
    noon = time.gmtime(1_750_000_000)
    time.gmtime = lambda *_: noon  # the same run, the same bytes
    os.umask(0o022)
    write, disk = os.write, Disk(faults)
    try:
        ended, said = "done", str(program(folder))
        disk.faults = tuple(fault for fault in faults if fault.kind == "kill")
        disk.reach()
    except UserError as error:
        ended, said = "refused", f"{type(error).__name__}: {error.message} / {error.hint}"
    except BaseException as error:
        ended, said = "broken", repr(error)
    write(writer, json.dumps([ended, said, disk.points]).encode())
    return 0


def every_fault(
    folder: Path, state: State, program: Program, kind: str = "kill", *others: Fault
) -> Iterator[tuple[int, Run]]:
    """The runs with one fault at point 1, 2, ... as long as a run gets that far; with `others`,
    after those."""
    number = 1 + max((fault.number for fault in others), default=0)
    one = run(folder, state, program, *others, Fault(number, kind))
    while one.ended == "killed" or one.points >= number:
        yield number, one
        number += 1
        one = run(folder, state, program, *others, Fault(number, kind))


# --- folders in memory ------------------------------------------------------------------------


def lay(folder: Path, state: State) -> None:
    """Makes `folder` hold `state` and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path, (content, mode) in sorted(state.items()):
        place = os.path.join(folder, path)
        if content is None:
            os.mkdir(place)
        else:
            with open(place, "wb") as stream:
                stream.write(content)
        os.chmod(place, mode)


def snapshot(folder: Path) -> State:
    found: State = {}
    start = len(str(folder)) + 1
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            file = os.path.join(place, name)
            if file[start:] != ".gen/lock":
                content = None if name in folders else Path(file).read_bytes()
                found[file[start:]] = (content, os.stat(file).st_mode & 0o777)
    return found


def service(state: State) -> State:
    """`state` without the undo record, the one thing that a transaction may leave beside it."""
    return {path: held for path, held in state.items() if path != ".gen/undo"}


def with_folders(files: Mapping[str, tuple[bytes | None, int]]) -> State:
    """`files` and the folders that they lie in."""
    state = dict(files)
    for path in files:
        state |= {str(parent): (None, 0o755) for parent in list(Path(path).parents)[:-1]}
    return state


# --- a transaction with one of everything ------------------------------------------------------

UNTOUCHED = {
    ".gen/.gitignore": (b"*\n!base\n", 0o644),
    "README.md": (b"mine\n", 0o644),
    "shared/mine.txt": (b"mine\n", 0o600),
}
# path: the file before and after, content and permissions; None is no file.
FILES: dict[str, tuple[tuple[bytes, int] | None, tuple[bytes, int] | None]] = {
    "changed.txt": ((b"old\n", 0o600), (b"new\n", 0o600)),
    "gone/deep/only.txt": ((b"old\n", 0o644), None),
    "new/deep/file.txt": (None, (b"new\n", 0o644)),
    "new/run.sh": (None, (b"#!/bin/sh\n", 0o755)),
    "now-a-script.sh": ((b"#!/bin/sh\n", 0o640), (b"#!/bin/sh\n", 0o750)),
    "no-script-now.txt": ((b"old\n", 0o744), (b"new\n", 0o644)),
    "shared/gone.txt": ((b"old\n", 0o644), None),
}
REMEMBERED = ("changed.txt", "gone/deep/only.txt", "new/deep/file.txt")


def _entry(held: tuple[bytes, int] | None) -> Entry | None:
    return None if held is None else Entry(held[0], bool(held[1] & 0o100))


def base_file(path: str, after: bool) -> tuple[str, tuple[bytes, int]] | None:
    """The base file of `path`, before or after the transaction."""
    entry = _entry(FILES[path][after])
    if entry is None:
        return None
    stored_at, stored = encode(path, entry)
    return stored_at, (stored.content, 0o644)


def state_of(after: bool) -> State:
    """The whole service, before or after the transaction."""
    files = {path: held[after] for path, held in FILES.items()}
    bases = [base_file(path, after) for path in REMEMBERED]
    there = {path: held for path, held in files.items() if held is not None}
    return with_folders(UNTOUCHED | there | dict(base for base in bases if base is not None))


def changes() -> dict[str, Change]:
    found = {path: Change(_entry(old), _entry(new)) for path, (old, new) in FILES.items()}
    for path in REMEMBERED:
        old, new = base_file(path, False), base_file(path, True)
        if old is not None:
            found[old[0]] = Change(_entry(old[1]), None)
        if new is not None:
            found[new[0]] = Change(None, _entry(new[1]))
    return found


LABEL = "gen add-trigger s3"


def committing(root: Path) -> None:
    commit(root, changes(), LABEL)


# --- every way that kills can go ---------------------------------------------------------------


class Count(NamedTuple):
    """What `every_kill` did: kills, the different states they left, ends that are neither old nor
    new, and how many recoveries ended with each."""

    kills: int
    states: int
    exceptions: int
    old: int
    new: int


def crashed_states(folder: Path) -> tuple[int, list[State]]:
    """How many kills a commit can die of, and the different states that they leave."""
    kills, states = 0, dict[str, State]()
    for _, one in every_fault(folder, state_of(False), committing):
        kills += 1
        states.setdefault(repr(sorted(one.state.items())), one.state)
    return kills, list(states.values())


def every_kill(folder: Path) -> Count:
    """Kills commit everywhere, then recovery everywhere, as often as it leaves something new."""
    kills, todo = crashed_states(folder)
    return every_recovery(folder, todo, kills)


def every_recovery(folder: Path, todo: list[State], kills: int = 0) -> Count:
    """Kills recovery everywhere from the states of `todo`, and wherever that leads."""
    seen = {repr(sorted(state.items())) for state in todo}
    todo, ends = list(todo), {"old": 0, "new": 0, "neither": 0}
    expected = {"old": state_of(False), "new": state_of(True)}
    while todo:
        state = todo.pop()
        for _, one in every_fault(folder, state, recover):
            if one.ended == "killed":
                kills += 1
                key = repr(sorted(one.state.items()))
                if key not in seen:
                    seen.add(key)
                    todo.append(one.state)
        end = run(folder, state, recover)
        which = [name for name, held in expected.items() if held == service(end.state)]
        ends[which[0] if which and end.ended == "done" else "neither"] += 1
    return Count(kills, len(seen), ends["neither"], ends["old"], ends["new"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(every_kill(Path(scratch, "service")))
