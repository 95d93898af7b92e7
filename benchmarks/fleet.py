"""What `gen check` and `gen status` of many services cost, beside one service at a time."""

from __future__ import annotations

import tempfile
from itertools import cycle, islice
from pathlib import Path

from benchmarks.measure import Case, Cost, disk, measure
from benchmarks.peers import gen
from benchmarks.report import Table, Target
from generator.create import new_service
from generator.packs import Packs
from generator.request import Request, to_answers

SIZES = (1, 10, 50, 100, 250, 500)
LARGEST, HALF, SMALL = 500, 250, 50
FUNCTIONS = 3
RUNS = 5

METHOD = f"""\
Services with {FUNCTIONS} functions each, of every provider and tool in turn and with other triggers
in each, in all of which a file is edited by hand. `gen check DIR...` of so many of them in one run,
beside `gen check` of the first alone, and `gen status --json DIR...`. "One more" is what a service
costs more than in the row before. CPU time and peak memory as under "Start-up", median of {RUNS}
shuffled rounds."""


def run_fleet() -> list[Table]:
    """How the cost grows with the number of services."""
    with tempfile.TemporaryDirectory(prefix="bench-fleet-", dir=disk()) as folder:
        places = [_service(Path(folder), number) for number in range(LARGEST)]
        costs = measure(_cases(places), RUNS)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    rows = [
        ("gen check, alone", *_cells(costs["alone"]), ""),
        *(
            (
                f"gen check, {number} of them",
                *_cells(costs[f"{number}"]),
                _more(costs, before, number),
            )
            for before, number in zip((0, *SIZES), SIZES, strict=False)
        ),
        (f"gen status --json, {LARGEST} of them", *_cells(costs["status"]), ""),
    ]
    method = f"{METHOD} The {LARGEST} have {size / 2**20:.0f} MiB."
    header = ("command", "CPU", "best", "peak", "one more")
    return [Table("Many services", method, header, rows, _targets(costs))]


def _service(folder: Path, number: int) -> str:
    """Writes one and edits a file of it; where it is."""
    packs = Packs()
    kinds = [(pack, tool) for pack in packs.providers.values() for tool in pack.tools]
    pack, tool = kinds[number % len(kinds)]
    usable = cycle(name for name, found in pack.triggers.items() if tool in found.tools)
    triggers = islice(usable, number, number + FUNCTIONS)
    request = Request(
        directory=str(folder / f"service-{number:03}"),
        provider=pack.name,
        tool=tool,
        trigger=tuple(f"{name}=f{n}_{number}" for n, name in enumerate(triggers)),
    )
    new_service(request.target, to_answers(request), packs).write()
    with (request.target / "Makefile").open("a", encoding="utf-8") as file:
        file.write("# by hand\n")
    return str(request.target)


def _cases(places: list[str]) -> list[Case]:
    return [
        Case("alone", [gen(), "check", "--project", places[0]]),
        *(Case(f"{number}", [gen(), "check", *places[:number]]) for number in SIZES),
        Case("status", [gen(), "status", "--json", *places]),
    ]


def _cells(cost: Cost) -> tuple[str, str, str]:
    return (*cost.cells(), f"{cost.peak_mib:.1f} MiB")


def _more(costs: dict[str, Cost], before: int, number: int) -> str:
    return f"{_slope(costs, before, number):.0f} ms" if before else ""


def _slope(costs: dict[str, Cost], before: int, number: int) -> float:
    """What one service more costs, between these numbers of them."""
    return (costs[f"{number}"].median_ms - costs[f"{before}"].median_ms) / (number - before)


def _targets(costs: dict[str, Cost]) -> list[Target]:
    growth = _slope(costs, HALF, LARGEST) / _slope(costs, SMALL, HALF)
    memory = costs[f"{LARGEST}"].peak_mib / costs[f"{SMALL}"].peak_mib
    one_by_one = costs[f"{LARGEST}"].median_ms / (LARGEST * costs["alone"].median_ms)
    return [
        Target(f"one more of {LARGEST} / of {HALF}", 1.15, growth, "x"),
        Target(f"peak of {LARGEST} / of {SMALL}", 1.05, memory, "x"),
        Target(f"{LARGEST} in one run / {LARGEST} runs", 0.2, one_by_one, "x"),
    ]
