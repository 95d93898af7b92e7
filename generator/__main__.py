"""`gen`, and `python -m generator`: one short run of `cli.main`.

Two things that Python does for long-lived programs are left out, a fifth of the CPU time of a run:
looking for garbage, and taking the interpreter apart at the end.
"""

import gc
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    gc.disable()
    from generator.cache import keep
    from generator.cli import main as run

    code: object = 0
    try:
        run()
    except SystemExit as exit:
        code = exit.code
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    keep()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    main()
