"""How long `gen` takes to say something: help and lists, beside `sam --help`."""

from __future__ import annotations

from benchmarks.measure import RUNS, Case, measure
from benchmarks.peers import gen, program
from benchmarks.report import Table, Target

METHOD = f"""\
User and system CPU time of the process and its children, median of {RUNS} shuffled rounds after
one that is not counted; "best" is the cheapest run and shows how quiet the machine was; peak is the
largest resident memory of any run. Each program is installed alone in an environment of its own,
byte-compiled, all on the same Python; telemetry is off. `gen` is installed from a wheel."""


def run() -> list[Table]:
    sam = program("aws-sam-cli", "sam")
    cases = [
        Case("gen --help", [gen(), "--help"]),
        Case("gen list", [gen(), "list"]),
        Case("sam --help", [sam, "--help"]),
    ]
    costs = measure(cases)
    peer = costs["sam --help"].median_ms
    rows = [
        (name, *c.cells(), f"{c.median_ms / peer:.2f}", f"{c.peak_mib:.1f} MiB")
        for name, c in costs.items()
    ]
    targets = [
        Target(f"{name} / sam --help", 0.75, costs[name].median_ms / peer, "x")
        for name in ("gen --help", "gen list")
    ]
    header = ("command", "CPU", "best", "x sam --help", "peak")
    return [Table("Start-up", METHOD, header, rows, targets)]
