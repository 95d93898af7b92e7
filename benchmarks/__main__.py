"""`python -m benchmarks [NAME]...`"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks import HERE, coldstart, new, startup
from benchmarks.every_tool import run_every_tool
from benchmarks.evolve import run_evolve
from benchmarks.false_conflicts import run_false_conflicts
from benchmarks.faults import run_faults
from benchmarks.fleet import run_fleet
from benchmarks.framework import run_framework
from benchmarks.kill_points import run_kill_points
from benchmarks.report import Table, machine, replaced

BENCHMARKS: dict[str, Callable[[], list[Table]]] = {
    "startup": startup.run,
    "new": new.run,
    "tools": run_every_tool,
    "coldstart": coldstart.run,
    "framework": run_framework,
    "evolve": run_evolve,
    "fleet": run_fleet,
    "faults": run_faults,
    "conflicts": run_false_conflicts,
    "kills": run_kill_points,
}
HEADER = """\
# Benchmarks

Written by `make bench`. {machine}. Peers are pinned in [requirements.txt](requirements.txt).
"""


def main() -> None:
    names = sys.argv[1:]
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        sys.exit(
            f"error: no benchmark is called {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}"
        )
    tables = []
    for name in names or BENCHMARKS:
        print(f"measuring {name} ...", file=sys.stderr)
        for table in BENCHMARKS[name]():
            tables.append(table)
            print(table.text(), flush=True)
    results = HERE / "results.md"
    before = results.read_text("utf-8") if names else HEADER.format(machine=machine())
    results.write_text(replaced(before, tables), "utf-8")


if __name__ == "__main__":
    main()
