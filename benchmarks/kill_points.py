"""Kills transactions at every point, by the tests' own harness, and counts what is left."""

from __future__ import annotations

import tempfile
from pathlib import Path

from evolve.killed import crashed_states, every_recovery

from benchmarks.measure import disk
from benchmarks.report import Table, Target

METHOD = """\
A transaction that adds, changes and deletes files, changes their modes and their base files, is
killed between any two calls that change the disk and half-way through each write; then recovery is
killed at each of its own points, from each different state, and from what that leaves again, until
no new state turns up. From each state a last recovery runs to its end: the service is then wholly
old or wholly new. A kill is SIGKILL: what the kernel was told is kept, so this says nothing of a
power cut."""


def run_kill_points() -> list[Table]:
    """How many kills there are, and what recovery makes of what they leave."""
    with tempfile.TemporaryDirectory(prefix="bench-killed-", dir=disk()) as folder:
        place = Path(folder) / "service"
        kills, states = crashed_states(place)
        count = every_recovery(place, states, kills)
    rows = [
        ("points at which a transaction was killed", str(kills)),
        ("kills altogether, those of recoveries included", str(count.kills)),
        ("different states that they left", str(count.states)),
        ("recovered to the old service", str(count.old)),
        ("recovered to the new service", str(count.new)),
    ]
    target = Target("states that end as neither", 0, count.exceptions, "")
    return [Table("Killed transactions", METHOD, ("what", "count"), rows, [target])]
