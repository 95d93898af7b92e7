"""How far a long command is: one line on a terminal, drawn over and over; nothing elsewhere."""

import os
import sys
import time

from generator import terminal

INTERVAL = 0.1
"""Seconds between two drawings. A command that is done sooner shows none."""
ERASE = "\r\x1b[K"


class Progress:
    """`verb 12 of 500: name`, on standard error. What else is printed calls `clear` before it."""

    def __init__(self, verb: str, total: int) -> None:
        self._start = f"{verb} {{}} of {total}: "
        self._wanted = total > 1 and sys.stderr.isatty() and not terminal.is_plain()
        self._last = time.monotonic()
        self._drawn = False

    def at(self, number: int, name: str) -> None:
        """The work is at the `number`-th, called `name`."""
        if not self._wanted or time.monotonic() - self._last < INTERVAL:
            return
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        # Of a character that is wider than one column, the line might wrap and could not be erased.
        shown = "".join(c if " " <= c <= "~" else "?" for c in name)
        line = (self._start.format(number) + shown)[: max(columns - 1, 1)]
        terminal.draw(f"{ERASE}{line}")
        self._last, self._drawn = time.monotonic(), True

    def clear(self) -> None:
        """Takes the line away, if there is one."""
        if self._drawn:
            terminal.draw(ERASE)
            self._drawn = False
