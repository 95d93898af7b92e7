"""Runs `gen` as a program, with plain pipes for its streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from schema import published

from generator.packs import Packs

ROOT = Path(__file__).resolve().parents[2]
PACK = next(iter(Packs().providers.values()))
PROVIDER, TOOL, TRIGGER = PACK.name, next(iter(PACK.tools)), next(iter(PACK.triggers))


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output as JSON, which nothing else may be on; as the schema has it."""
        return published(self.out)


def gen(*arguments: str, folder: Path | None = None, env: dict[str, str] | None = None) -> Result:
    """What a run of `gen` printed, and its exit code. No terminal, so it never asks."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GEN_", "NO_COLOR"))}
    done = subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    encoding = (env or {}).get("PYTHONIOENCODING", "utf-8")
    result = Result(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))
    assert "Traceback" not in result.err
    return result


def new(*arguments: str, folder: Path, env: dict[str, str] | None = None) -> Result:
    """`gen new` for the first provider and trigger that the packs have."""
    return gen("new", "orders", "--provider", PROVIDER, *arguments, folder=folder, env=env)
