"""Asks programs which version they are: all at once, for a time at most, without a network.

The only module of the doctor that starts anything. What is started gets no input, and proxies that
are not there: a program that would look for a newer version of itself finds no way out at once.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TIMEOUT = 10.0
"""Seconds. A cold start of a large command line tool on a busy machine takes three."""
LIMIT = 65536
NOWHERE = "http://127.0.0.1:9"
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
QUIET = {"DO_NOT_TRACK": "1", "UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never"}
CANNOT_RUN = 126


class Answer(NamedTuple):
    """What a program printed on standard output. `code` is None where it had to be stopped."""

    code: int | None
    out: str


def find(program: str) -> str:
    """Where the program is on PATH; empty where it is not."""
    return shutil.which(program, path=environment()["PATH"]) or ""


def ask(
    commands: Mapping[str, Sequence[str]], folder: Path, timeout: float | None = None
) -> dict[str, Answer]:
    """The answer to each command, run in `folder`; all of them have `timeout` seconds together."""
    started = {name: _Run(words, folder) for name, words in commands.items()}
    deadline = time.monotonic() + (TIMEOUT if timeout is None else timeout)
    try:
        return {name: run.answer(deadline) for name, run in started.items()}
    finally:
        for run in started.values():
            run.stop()


def environment() -> dict[str, str]:
    """This process's environment without a way to the network.

    `uvx` and `pipx run` put their own environment first on PATH: it is no Python of the user's.
    """
    hidden = {*PROXIES, "no_proxy"}
    kept = {name: value for name, value in os.environ.items() if name.lower() not in hidden}
    ways = {name: NOWHERE for proxy in PROXIES for name in (proxy, proxy.upper())}
    folders = kept.get("PATH", os.defpath).split(os.pathsep)
    if sys.prefix != sys.base_prefix and kept.get("VIRTUAL_ENV") != sys.prefix:
        own = os.path.dirname(sys.executable)
        folders = [folder for folder in folders if os.path.normpath(folder) != own]
    return {**kept, **ways, **QUIET, "PATH": os.pathsep.join(folders)}


class _Run:
    """A program at work. What it prints is read on the side, so that a flood cannot block it."""

    def __init__(self, words: Sequence[str], folder: Path) -> None:
        self._read = b""
        self._process: subprocess.Popen[bytes] | None = None
        # One that cannot be started at all answers like one that a shell could not start.
        with suppress(OSError):
            self._process = subprocess.Popen(
                words,
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # it is stopped with all that it started
            )
            self._reader = threading.Thread(target=self._drain, daemon=True)
            self._reader.start()

    def answer(self, deadline: float) -> Answer:
        """What it printed until it ended, or `deadline` came."""
        if self._process is None:
            return Answer(CANNOT_RUN, "")
        code: int | None = None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(max(deadline - time.monotonic(), 0))
        self.stop()
        self._reader.join(1)
        return Answer(code, self._read.decode("utf-8", "replace"))

    def stop(self) -> None:
        """Ends it, and what it left running."""
        if self._process is None:
            return
        if hasattr(os, "killpg"):
            with suppress(OSError):  # nothing of it is left
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def _drain(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        while part := self._process.stdout.read1(LIMIT):  # type: ignore[attr-defined]
            if len(self._read) < LIMIT:
                self._read += part
