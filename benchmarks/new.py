"""What creating a service costs, beside peers that render as many files."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from benchmarks.measure import RUN_FOLDER, RUNS, Case, Cost, measure
from benchmarks.peer_template import check_same, write_cookiecutter, write_copier
from benchmarks.peers import gen, program
from benchmarks.report import Table, Target
from generator.packs import Packs
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.tree import Tree

THREE = ("http=api", "s3=uploads", "sqs=refunds")
MORE = 100
SERVICE = ["--name", "orders", "--provider", "aws", "--tool", "sam", "--no-input"]
WARM, COLD = "gen new", "gen new, first run ever"
COOKIECUTTER, COPIER, SAM = "cookiecutter", "copier copy", "sam init"
SHARES = {COOKIECUTTER: 0.35, COPIER: 0.20, SAM: 0.15}

METHOD = f"""\
A service with three functions (http, s3, sqs) deployed by SAM: {{files}} files of {{kib:.0f}} KiB
that people read; `gen` writes as many compressed copies beside them (`.gen/base`), validates the
answers and shows a plan, the peers do not. The peers render a neutral template with exactly those
files, in which the service's name and region are variables; that they write the same bytes is
checked first. All ask nothing and write to an empty folder of one file system, which is in memory
where the machine has such a one:

- `gen new DIR --no-input`: compiled templates come from the user's cache; "first run ever" has an
  empty cache and fills it.
- `cookiecutter --no-input DIR`, a local template.
- `copier copy --defaults DIR`, a local template that is no git repository.
- `sam init --no-input --location DIR`, the same local template: SAM runs Cookiecutter in-process.

CPU time and peak memory as under "Start-up", median of {RUNS} shuffled rounds."""
SLOPE_METHOD = f"""\
`gen new` for a service with three functions and with {MORE} more (http, s3 and sqs in turn, each
s3 and sqs function with a bucket or queue of its own). The cost of one is the difference of the
medians, divided by {MORE}."""


def run() -> list[Table]:
    tree = three_functions()
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        templates = _peer_templates(Path(folder), tree)
        costs = measure([*_gen_cases(), *_peer_cases(*templates)])
    return [_comparison(costs, tree), _slope()]


def three_functions() -> Tree:
    """What `gen new` writes for people to read."""
    packs = Packs()
    request = Request(name="orders", provider="aws", tool="sam", trigger=THREE)
    return render(build_spec(to_answers(request), packs), packs)


def _gen_cases() -> list[Case]:
    command = [gen(), "new", "orders", *SERVICE, *_flags(THREE)]
    return [Case(WARM, command), Case(COLD, command, {"GEN_CACHE_DIR": f"{RUN_FOLDER}/cache"})]


def _flags(triggers: Sequence[str]) -> list[str]:
    return [word for trigger in triggers for word in ("--trigger", trigger)]


def _peer_templates(folder: Path, tree: Tree) -> tuple[Path, Path]:
    cookiecutter, copier = folder / "cookiecutter", folder / "copier"
    write_cookiecutter(cookiecutter, tree)
    write_copier(copier, tree)
    for case in _peer_cases(cookiecutter, copier):
        with tempfile.TemporaryDirectory(dir=folder) as run:
            subprocess.run(case.command, cwd=run, check=True, capture_output=True)
            check_same(Path(run) / "orders", tree)
    return cookiecutter, copier


def _peer_cases(cookiecutter: Path, copier: Path) -> list[Case]:
    sam = [program("aws-sam-cli", "sam"), "init", "--no-input", "--location", str(cookiecutter)]
    return [
        Case(
            COOKIECUTTER,
            [program("cookiecutter", "cookiecutter"), "--no-input", str(cookiecutter)],
        ),
        Case(
            COPIER,
            [program("copier", "copier"), "copy", "--quiet", "--defaults", str(copier), "orders"],
        ),
        Case(SAM, sam),
    ]


def _comparison(costs: dict[str, Cost], tree: Tree) -> Table:
    own = costs[WARM]
    rows = [
        (
            name,
            *cost.cells(),
            f"{own.median_ms / cost.median_ms:.2f}",
            f"{cost.peak_mib:.1f} MiB",
        )
        for name, cost in costs.items()
    ]
    targets = [
        Target(f"gen new / {peer}", share, own.median_ms / costs[peer].median_ms, "x")
        for peer, share in SHARES.items()
    ]
    targets.append(Target("peak memory of gen new", 25, own.peak_mib, "MiB"))
    kib = sum(len(entry.content) for entry in tree.values()) / 1024
    method = METHOD.format(files=len(tree), kib=kib)
    header = ("command", "CPU", "best", "gen new / this", "peak")
    return Table("A new service", method, header, rows, targets)


def _slope() -> Table:
    few, many = THREE, (*THREE, *_more())
    cases = [
        Case(f"{len(t)} functions", [gen(), "new", "orders", *SERVICE, *_flags(t)])
        for t in (few, many)
    ]
    costs = measure(cases)
    small, large = costs.values()
    each = (large.median_ms - small.median_ms) / MORE
    rows = [(name, *cost.cells(), f"{cost.peak_mib:.1f} MiB") for name, cost in costs.items()]
    targets = [Target("one more function", 2, each, "ms")]
    return Table(
        "One more function", SLOPE_METHOD, ("service", "CPU", "best", "peak"), rows, targets
    )


def _more() -> Iterator[str]:
    kinds = islice(cycle(("http", "s3", "sqs")), MORE)
    return (f"{kind}=more_{number:03}" for number, kind in enumerate(kinds))
