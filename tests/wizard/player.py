"""Plays `gen` in a pseudo-terminal: pexpect types, pyte holds the screen.

Nothing waits for a time, only for text; the limit is for a program that hangs.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pexpect
import pyte

LIMIT_SECONDS = 20
ROOT = Path(__file__).resolve().parents[2]
UP, DOWN, ESC, ENTER = "\x1b[A", "\x1b[B", "\x1b", "\r"
CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_U = "\x01", "\x02", "\x03", "\x04", "\x15"
# `gen` with the packs of another folder beside the built-in ones, as the first argument says.
WITH_PACKS = """
import sys
from pathlib import Path
import generator.packs as packs
extra = Path(sys.argv.pop(1))
packs.Packs.__init__.__defaults__ = ((extra,),)
from generator.cli import main
main()
"""


class Player:
    """One run of `gen`, `through` what a shell is to do with its output; or of another command
    line, `instead` of it. A context manager: what it started is gone at the end."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        columns: int = 80,
        rows: int = 40,
        packs: Path | None = None,
        through: str = "",
        instead: str = "",
        environment: dict[str, str] | None = None,
    ) -> None:
        start = ["-c", WITH_PACKS, str(packs)] if packs else ["-m", "generator"]
        command = instead or shlex.join([sys.executable, *start, *arguments])
        self.screen = pyte.Screen(columns, rows)
        self.raw = ""
        self._text = ""
        self._stream = pyte.Stream(self.screen)
        # COLUMNS, which xdist's workers have, would be believed before the terminal itself.
        without = ("GEN_", "NO_COLOR", "COLUMNS", "LINES")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(without)}
        settings = {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        self.child = pexpect.spawn(
            "/bin/sh",
            ["-c", f"exec {command} {through}"],
            cwd=str(folder),
            env=kept | settings | (environment or {}),
            dimensions=(rows, columns),
            encoding="utf-8",
            timeout=LIMIT_SECONDS,
            # Tests that run in the background inherit that it is ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.child.delaybeforesend = None
        self.child.ptyproc.delayafterclose = self.child.ptyproc.delayafterterminate = 0.01

    def __enter__(self) -> Player:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            print(self.text)
        if self.child.isalive():  # a busy machine takes a while to end what was killed
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close()

    @property
    def text(self) -> str:
        """The screen as a person sees it, without blanks at the end of lines."""
        if not self._text:
            rows = (self.screen.buffer[row] for row in range(self.screen.lines))
            # Only the cells that were drawn: `screen.display` visits every one, each time.
            lines = ["".join(row[x].data for x in range(max(row, default=-1) + 1)) for row in rows]
            self._text = "\n".join(line.rstrip() for line in lines).rstrip()
        return self._text

    @property
    def words(self) -> str:
        """The screen's words in one line: where a narrow window wraps does not matter."""
        return " ".join(self.text.split())

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Reads what the program draws until the condition holds."""
        end = time.monotonic() + LIMIT_SECONDS
        while not condition():
            assert time.monotonic() < end, f"waited for {what!r}, but saw:\n{self.text}"
            try:
                self._feed(self.child.read_nonblocking(65536, timeout=LIMIT_SECONDS))
            except (pexpect.EOF, pexpect.TIMEOUT) as over:
                assert condition(), f"{type(over).__name__} before {what!r}:\n{self.text}"

    def see(self, *texts: str) -> Player:
        """Waits until all texts are on the screen."""
        for text in texts:
            wanted = " ".join(text.split())
            self.until(lambda wanted=wanted: wanted in self.words, text)  # type: ignore[misc]
        return self

    def see_no(self, text: str) -> Player:
        """Waits until the text is gone."""
        self.until(lambda: text not in self.words, f"no {text}")
        return self

    def type(self, keys: str) -> Player:
        self.child.send(keys)
        return self

    def end(self) -> int:
        """Reads to the end of the program; gives its exit code."""
        while True:
            try:
                self._feed(self.child.read_nonblocking(65536, timeout=LIMIT_SECONDS))
            except pexpect.EOF:
                break
        self.child.wait()
        self.child.close()
        assert self.child.signalstatus is None
        return int(self.child.exitstatus)

    def _feed(self, text: Any) -> None:
        self.raw += text
        self._text = ""
        self._stream.feed(text)
