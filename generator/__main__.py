"""`gen`, and `python -m generator`: one short run of `cli.main`.

Two things that Python does for long-lived programs are left out, a fifth of the CPU time of a run:
looking for garbage, and taking the interpreter apart at the end.
"""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

CANCELLED = 130


def main() -> NoReturn:
    gc.disable()
    open_closed()
    code = run()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # of standard output, `terminal` has told it
            stream.flush()
    os._exit(code)


def open_closed() -> None:
    """A stream that the caller closed (`>&-`) is one that leads nowhere; Python has None for it.

    In the order of their numbers: what is opened takes the lowest that is free, so no other file
    gets that of a stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def run() -> int:
    """The exit code of one run. Ctrl-C while modules are still being loaded is no traceback."""
    try:
        from generator.cache import keep
        from generator.cli import main as gen

        try:
            gen()
        except SystemExit as stop:
            keep()
            return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        with suppress(OSError):
            sys.stderr.write("\nCancelled. Nothing was written.\n")
        return CANCELLED


if __name__ == "__main__":
    main()
