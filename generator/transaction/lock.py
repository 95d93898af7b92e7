"""One `gen` at a time on a service.

The lock is the kernel's: it goes when its process goes, however that ends. The file's text says
only who holds it, for the message to whoever waits; the file itself stays, since taking it away
would let two processes lock two files of one name.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.errors import TargetError, UserError, printable
from generator.transaction.places import FOLDER, LOCK, NOTHING_WRITTEN, unwritable

POLL = 0.05
COMMAND_LENGTH = 100
_TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)

_held: set[str] = set()  # by this process: recovery and commit lock again inside of a command


class BusyError(UserError):
    """Raised when another `gen` still works on the service after the time to wait."""

    kind = "busy"


@contextmanager
def locked(root: Path, wait: float = 5.0) -> Iterator[None]:
    """Keeps every other `gen` off the service at `root`; may be nested.

    Makes `.gen` where there is none. Waits up to `wait` seconds, then raises BusyError, which
    says who holds the lock. Raises TargetError when the folder cannot be written.
    """
    place = os.path.realpath(root)
    if place in _held:
        yield
        return
    handle = _open(place)
    try:
        _acquire(handle, place, wait)
        _held.add(place)
        try:
            _sign(handle, _who())
            yield
        finally:
            _sign(handle, b"")
            _held.discard(place)
    finally:
        os.close(handle)


def _open(place: str) -> int:
    """The lock's file. What a link leads to would be overwritten, so none may be on the way."""
    folder = os.path.join(place, FOLDER)
    if os.path.islink(folder) or (os.path.exists(folder) and not os.path.isdir(folder)):
        what = "a symbolic link" if os.path.islink(folder) else "a file"
        raise TargetError(
            f"{FOLDER} is {what}. {NOTHING_WRITTEN}",
            where=printable(folder),
            hint=f"put a real folder there: git checkout -- {FOLDER}, or delete it and gen repair",
        )
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        with suppress(FileExistsError):
            os.mkdir(os.path.join(place, FOLDER))
        return os.open(os.path.join(place, LOCK), flags, 0o666)
    except OSError as error:
        raise unwritable(place, error) from error


def _acquire(handle: int, place: str, wait: float) -> None:
    until = time.monotonic() + wait
    while not _try(handle, place):
        if time.monotonic() >= until:
            raise _busy(place)
        time.sleep(POLL)


def _try(handle: int, place: str) -> bool:
    """True if the lock is ours now. Raises TargetError where the file system has no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # A byte far behind the text: on Windows nobody else can read what is locked.
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise unwritable(place, error) from error
    return True


def _who() -> bytes:
    """This process in three lines: its number, its start here, its command."""
    from shlex import join

    name = os.path.basename(sys.argv[0]) if sys.argv else ""
    command = join(["gen" if name in ("", "-c", "__main__.py") else name, *sys.argv[1:]])
    started = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    return f"{os.getpid()}\n{started}\n{command}\n".encode(errors="replace")


def _sign(handle: int, text: bytes) -> None:
    """What the lock says is a courtesy: on a full disk it says nothing, and still locks."""
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text)


def _busy(place: str) -> BusyError:
    try:
        with open(os.path.join(place, LOCK), encoding="utf-8", errors="replace") as stream:
            number, started, command = stream.read(4096).split("\n", 2)
        shown = printable(command.strip(), COMMAND_LENGTH)
        holder = f"process {int(number)}, {shown}, since {printable(started)[1:-1]}"
    except (OSError, ValueError):  # not signed yet
        holder = "another gen"
    return BusyError(
        f"another command is at work on this service: {holder}. {NOTHING_WRITTEN}",
        where=printable(place),
        hint="wait until it has ended, then run the same command again",
    )
