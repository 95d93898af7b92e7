"""`gen`, and `python -m generator`: one short run of `cli.main`.

Two things that Python does for long-lived programs are left out, a fifth of the CPU time of a run:
looking for garbage, and taking the interpreter apart at the end.
"""

import gc
import os
import sys
from typing import NoReturn

CANCELLED = 130


def main() -> NoReturn:
    gc.disable()
    code = run()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)


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
        sys.stderr.write("\nCancelled. Nothing was written.\n")
        return CANCELLED


if __name__ == "__main__":
    main()
