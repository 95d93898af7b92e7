"""Measures commands: CPU time and peak memory of each run, in shuffled rounds."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import HERE

RUNS = 21
PROJECT = "orders"
RUN_FOLDER = "{run}"
"""In a command or its environment: the fresh folder of this very run."""


@dataclass(frozen=True)
class Case:
    """A command to measure, started in a folder that is empty each time.

    With a `project`, it is started in a fresh copy of that folder.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    project: Path | None = None


@dataclass(frozen=True)
class Cost:
    """What the runs of one case cost."""

    cpu_ms: tuple[float, ...]
    peak_mib: float

    @property
    def median_ms(self) -> float:
        return median(self.cpu_ms)

    def cells(self) -> tuple[str, str]:
        """The median, and the cheapest run: how quiet the machine was."""
        return f"{self.median_ms:.0f} ms", f"{min(self.cpu_ms):.0f} ms"


def measure(cases: Sequence[Case], runs: int = RUNS) -> dict[str, Cost]:
    """Costs by the case's name, after one run of each that is not counted (it fills caches).

    The rounds are shuffled, so that whatever else the machine does hits all cases alike.
    """
    shuffled = random.Random(0)
    found: dict[str, list[tuple[float, float]]] = {case.name: [] for case in cases}
    with tempfile.TemporaryDirectory(prefix="bench-", dir=disk()) as folder:
        for number in range(-1, runs):
            for case in shuffled.sample(cases, len(cases)):
                cost = _run(case, Path(folder), number)
                if number >= 0:
                    found[case.name].append(cost)
    return {
        name: Cost(tuple(ms for ms, _ in costs), max(mib for _, mib in costs))
        for name, costs in found.items()
    }


def disk() -> str | None:
    """A file system in memory, where there is one.

    On ext4 the same run costs up to three times as much after others have removed many files, as
    it passes over their inodes for a while: the order of the runs would be what is measured.
    """
    memory = "/dev/shm"
    return memory if os.path.isdir(memory) and os.access(memory, os.W_OK) else None


def _run(case: Case, folder: Path, number: int) -> tuple[float, float]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    run = tempfile.mkdtemp(dir=folder)
    changes = {name: value.replace(RUN_FOLDER, run) for name, value in case.environment.items()}
    place = run if case.project is None else _fresh_copy(case.project, Path(run) / PROJECT)
    launcher = [sys.executable, "-I", "-S", str(HERE / "launch.py")]
    done = subprocess.run(
        [*launcher, *(word.replace(RUN_FOLDER, run) for word in case.command)],
        cwd=place,
        env=_environment(home) | changes,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, kib, status = done.stdout.split()
    if status != "0":
        raise RuntimeError(f"{case.name} failed ({status}) in round {number}: {case.command}")
    if case.project is not None:
        shutil.rmtree(run)  # many copies of a large service would fill the memory
    return float(seconds) * 1000, float(kib) / 1024


def _fresh_copy(project: Path, place: Path) -> Path:
    """A copy whose git index knows its files, as it does where a person works."""
    shutil.copytree(project, place, symlinks=True)
    if (place / ".git").exists():
        command = ["git", "update-index", "-q", "--refresh"]
        subprocess.run(command, cwd=place, check=True, capture_output=True)
    return place


def _environment(home: Path) -> dict[str, str]:
    """As a user's, with a home that outlives the rounds: caches and settings stay."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "SAM_CLI_TELEMETRY": "0",
        "NO_COLOR": "1",
    }
