"""What one more function costs in a service that people have edited, beside peers' updates."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import RUN_FOLDER, RUNS, Case, Cost, disk, measure
from benchmarks.peers import gen
from benchmarks.peers_evolve import (
    WHO,
    Evolution,
    Tool,
    commit_all,
    copier,
    cruft,
    new_service,
    read,
    run,
)
from benchmarks.report import Table, Target
from generator.tree import Entry, Tree, read_tree

THREE = ("http=api", "sqs=work", "schedule=nightly")
ADDED = "s3=uploads"
EDITED = 30
SIZES = (10, 50, 100, 200)
PEER_SIZES = (10, 200)
GROWTH_RUNS, LARGE_PEER_RUNS = 9, 1
SHARES = {"cruft": 0.25, "copier": 0.12}
OWN_COMMAND = ("add-trigger", "s3", "--name", "uploads")

METHOD = f"""\
A service with three functions (http, sqs, schedule) deployed by SAM, in which {EDITED} files were
edited by hand: a line at the end, or at the top of the files that the change touches. The change
is one more function, with s3: {{new}} new files and {{changed}} changed ones. All start in a fresh
copy of a committed project, work in one file system, which is in memory where the machine has such
a one, and leave the very same files, with the edits in them; that is checked first.

- `gen add-trigger s3 --name uploads`
- `cruft update --skip-apply-ask`, `copier update --defaults --trust`: the same files as two
  versions of a local git template, in which the service's name and region are variables. It has no
  conditions and no loops, so it is cheaper to render than one that could make other services too.

CPU time and peak memory as under "Start-up", median of {RUNS} shuffled rounds."""
GROWTH_METHOD = f"""\
The same change and as many edits in services with more functions (http, sqs and schedule in turn).
"Files" counts those that people read and that the change makes or changes; `gen` also changes
gen.toml and remembers what it wrote in as many files of `.gen/base`. Median of {GROWTH_RUNS}
shuffled rounds; {LARGE_PEER_RUNS} run of the peers in their largest service."""


class Project(NamedTuple):
    """A project in which `command` adds the function; `touched` files that people read change."""

    path: Path
    command: Sequence[str]
    touched: int


def run_evolve() -> list[Table]:
    """The comparison with peers, and how it grows."""
    with tempfile.TemporaryDirectory(prefix="bench-evolve-", dir=disk()) as folder:
        return [_comparison(Path(folder)), _growth(Path(folder))]


def _comparison(folder: Path) -> Table:
    evolution = _evolution(folder, THREE)
    projects = {
        "gen add-trigger": own_project(folder / "gen", THREE, evolution),
        "cruft update": peer_project(folder / "cruft", cruft(), evolution),
        "copier update": peer_project(folder / "copier", copier(), evolution),
    }
    costs = measure([_case(name, project) for name, project in projects.items()])
    own = costs["gen add-trigger"].median_ms
    rows = [
        (name, *cost.cells(), f"{own / cost.median_ms:.2f}", f"{cost.peak_mib:.1f} MiB")
        for name, cost in costs.items()
    ]
    targets = []
    for peer, share in SHARES.items():
        name = f"{peer} update"
        target = Target(f"gen add-trigger / {name}", share, own / costs[name].median_ms, "x")
        targets.append(target)
    changed = len(_changed(evolution))
    method = METHOD.format(new=len(evolution.after) - len(evolution.before), changed=changed)
    header = ("command", "CPU", "best", "gen / this", "peak")
    return Table("One more function in an edited service", method, header, rows, targets)


def _growth(folder: Path) -> Table:
    projects: dict[str, Project] = {}
    large: dict[str, Project] = {}
    for size in SIZES:
        place = folder / f"of-{size}"
        functions = _functions(size)
        evolution = _evolution(place, functions)
        projects[f"gen, {size} functions"] = own_project(place / "gen", functions, evolution)
        if size in PEER_SIZES:
            found = large if size == max(PEER_SIZES) else projects
            for tool in (cruft(), copier()):
                name = f"{tool.name}, {size} functions"
                found[name] = peer_project(place / tool.name, tool, evolution)
    costs = dict(_costs(projects, GROWTH_RUNS)) | dict(_costs(large, LARGE_PEER_RUNS))
    rows = [
        (name, *costs[name].cells(), f"{costs[name].peak_mib:.1f} MiB", str(project.touched))
        for name, project in (projects | large).items()
    ]
    header = ("command", "CPU", "best", "peak", "files")
    return Table("One more function in a larger service", GROWTH_METHOD, header, rows)


def _costs(projects: Mapping[str, Project], runs: int) -> dict[str, Cost]:
    return measure([_case(name, project) for name, project in projects.items()], runs)


def _case(name: str, project: Project) -> Case:
    """Temporary files of all lie beside the project, so on the same file system."""
    return Case(name, project.command, {**WHO, "TMPDIR": RUN_FOLDER}, project.path)


def _functions(size: int) -> tuple[str, ...]:
    kinds = islice(cycle(("http", "sqs", "schedule")), size)
    return tuple(f"{kind}=more_{number:03}" for number, kind in enumerate(kinds))


def _evolution(folder: Path, functions: Sequence[str]) -> Evolution:
    """The trees before and after the change, without edits."""
    before = read(new_service(folder / "before", functions))
    return Evolution(before, read(new_service(folder / "after", [*functions, ADDED])))


def own_project(folder: Path, functions: Sequence[str], evolution: Evolution) -> Project:
    """A service of `gen` with edits, committed."""
    path = new_service(folder, functions)
    edit(path, evolution)
    commit_all(path, "edited")
    return _tried(path, [gen(), *OWN_COMMAND], evolution)


def peer_project(folder: Path, tool: Tool, evolution: Evolution) -> Project:
    """A project of a peer with edits, committed, whose template has the second version."""
    folder.mkdir(parents=True)
    path = tool.create(folder, evolution)
    edit(path, evolution)
    commit_all(path, "edited")
    return _tried(path, tool.update, evolution)


def _tried(path: Path, command: Sequence[str], evolution: Evolution) -> Project:
    """The project, after a try of the command in a copy. Raises ValueError for a wrong result."""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        copy = Path(scratch) / path.name
        run(["cp", "-a", str(path), str(copy)], path.parent)
        run(command, copy)
        found = read(copy)
    wanted = _edited(evolution.after, evolution)
    if found != wanted:
        paths = sorted(p for p in {*found, *wanted} if found.get(p) != wanted.get(p))
        raise ValueError(f"{command[0]} left other files than were wanted: {paths}")
    before = read(path)
    return Project(path, command, sum(before.get(p) != entry for p, entry in found.items()))


def edit(path: Path, evolution: Evolution) -> None:
    """Edits files of a project as `_edited` does."""
    for name, entry in _edited(read_tree(path), evolution).items():
        file = path / name
        if file.read_bytes() != entry.content:
            file.write_bytes(entry.content)


def _edited(tree: Tree, evolution: Evolution) -> Tree:
    """`tree` with a line of a developer's in some files: where the change does not reach."""
    changed = _changed(evolution)
    plain = (p for p in evolution.before if not p.endswith(".json") and p not in changed)
    result = dict(tree)
    for path in [*changed, *plain][:EDITED]:
        line = b"<!-- by hand -->\n" if path.endswith(".md") else b"# by hand\n"
        entry = tree[path]
        edited = line + entry.content if path in changed else entry.content + line
        result[path] = Entry(edited, entry.executable)
    return result


def _changed(evolution: Evolution) -> list[str]:
    """The files that are there before and after, and differ."""
    before, after = evolution
    return [path for path, entry in before.items() if entry != after.get(path, entry)]
