"""Serves one function here: python scripts/start.py FUNCTION PORT.

In the Functions Framework and the web server that serve it in the cloud, with the variables that .env
says, or .env.example where there is none. Nobody is asked for a token.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.functions import ROOT, load_settings, names


def main(name: str, port: str) -> None:
    if name not in names():
        there = f'there is no function "{name}"' if name else "no FUNCTION was given"
        print(f"start: {there}: make start FUNCTION={'|'.join(names())}", file=sys.stderr)
        raise SystemExit(2)
    own = ROOT / ".env"
    load_settings(own if own.exists() else ROOT / ".env.example")
    source = str(ROOT / "src" / "main.py")
    place = ["--host", "127.0.0.1", "--port", port]
    # Not `python -m`, which would let the function import the folders beside src.
    program = str(Path(sys.executable).with_name("functions-framework"))
    command = [program, "--target", name, "--source", source, *place]
    os.execv(program, command)  # noqa: S606 (a program of ours, no shell)


if __name__ == "__main__":
    main(*sys.argv[1:])
