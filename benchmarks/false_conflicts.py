"""Conflicts that are none: services that evolve at random while a developer writes elsewhere.

python -m benchmarks.false_conflicts --count 20
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from pathlib import Path

import yaml

from benchmarks.measure import disk
from benchmarks.random_service import (
    MARK,
    STAYS,
    change,
    declared,
    first_functions,
    written_into,
)
from benchmarks.report import Table, Target
from generator.answers import Answers, FunctionAnswers
from generator.base import read_base
from generator.create import new_service
from generator.evolve.project import load
from generator.evolve.proposals import Proposal, apply
from generator.packs import Packs
from generator.transaction.commit import commit

COUNT = 1000
STEPS = 5
EDITS = 3
SHARED = {"sam": "template.yaml", "serverless": "serverless.yml"}
NOTES = (
    "README.md",
    "Makefile",
    "docs/architecture.md",
    "requirements-dev.txt",
    f"src/orders/{STAYS}/logic.py",
)
"""Files that get a line, too: at the end, or at the top of code."""

METHOD = """\
{count} services that evolve at random, half of them by each tool: {steps} steps each. In a step the
developer writes up to {edits} entries and comments of their own between others in the tool's shared
file (`template.yaml`, `serverless.yml`), and a line each into some of
{notes}
(at the end, or at the top of code); gen.toml then gets a function more, one less, or an option
changed, and `gen apply` follows. None of it is a conflict. Beside it, `git merge-file` merges the
same three versions of the shared file, in the same steps. "Wrong": the result does not parse, a
line of the developer's is gone, or what is left without those lines is not what the generator
renders; for `git merge-file`, of the steps without a conflict."""


def run_false_conflicts(count: int = COUNT) -> list[Table]:
    """How many steps had a conflict."""
    with tempfile.TemporaryDirectory(prefix="bench-conflicts-", dir=disk()) as folder:
        found = {tool: _all_of(tool, count // 2, folder) for tool in SHARED}
    rows = []
    for tool, seen in found.items():
        for name in ("gen", "git merge-file"):
            share = f"{100 * seen[name, 'conflict'] / max(1, seen['steps', '']):.1f} %"
            figures = (seen["steps", ""], seen[name, "conflict"], share, seen[name, "wrong"])
            rows.append((f"{tool}, {name}", *map(str, figures)))
    what = "false conflicts or wrong results of gen"
    bad = sum(seen["gen", kind] for seen in found.values() for kind in ("conflict", "wrong"))
    notes = ", ".join(f"`{path}`" for path in NOTES)
    method = METHOD.format(count=count // 2 * 2, steps=STEPS, edits=EDITS, notes=notes)
    header = ("merged by", "steps", "with a conflict", "share", "wrong")
    return [Table("False conflicts", method, header, rows, [Target(what, 0, bad, "")])]


def _all_of(tool: str, count: int, folder: str) -> Counter[tuple[str, str]]:
    total: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for seen in pool.map(evolved, repeat(tool), range(count), repeat(folder), chunksize=5):
            total.update(seen)
    return total


def evolved(tool: str, seed: int, folder: str) -> Counter[tuple[str, str]]:
    """Lets one service evolve: counts of what happened, by who merged and what.

    A conflict of `gen` ends it, and is described on standard error.
    """
    chance = random.Random(seed)
    seen: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        root = Path(scratch) / "orders"
        functions = first_functions(chance)
        _create(root, tool, functions)
        for step in range(STEPS):
            _write_by_hand(root, tool, step, chance)
            change(functions, chance)
            declaration = root / "gen.toml"
            declaration.write_text(declared(declaration.read_text("utf-8"), functions), "utf-8")
            seen["steps", ""] += 1
            if not _step(root, tool, f"{tool} {seed}.{step}", seen):
                break
    return seen


@cache
def _packs() -> Packs:
    return Packs()


def _create(root: Path, tool: str, functions: dict[str, dict[str, object]]) -> None:
    given = tuple(FunctionAnswers(str(o["trigger"]), name) for name, o in functions.items())
    answers = Answers(name="orders", provider="aws", tool=tool, functions=given)
    new_service(root, answers, _packs()).write()


def _write_by_hand(root: Path, tool: str, step: int, chance: random.Random) -> None:
    shared = root / SHARED[tool]
    for number in range(chance.randint(1, EDITS)):
        text = shared.read_text("utf-8")
        shared.write_text(written_into(text, tool, 10 * step + number, chance), "utf-8")
    for path in chance.sample(NOTES, chance.randint(0, len(NOTES))):
        file = root / path
        text, line = file.read_text("utf-8"), f"# {MARK} {step}\n"
        file.write_text(line + text if path.endswith(".py") else text + line, "utf-8")


def _step(root: Path, tool: str, label: str, seen: Counter[tuple[str, str]]) -> bool:
    """One `gen apply`, and `git merge-file` beside it; False after a conflict of `gen`."""
    paths = (SHARED[tool], *NOTES)
    before = {path: (root / path).read_text("utf-8") for path in paths}
    bases = _recorded(root, paths)
    proposal = apply(load(root, _packs()), _packs())
    if proposal.reconciled.conflicts:
        seen["gen", "conflict"] += 1
        print(f"{label}: {[*_described(proposal)]}", file=sys.stderr)
        return False
    commit(root, proposal.changes, proposal.label)
    theirs = _recorded(root, paths)
    for path in paths:
        merged = (root / path).read_text("utf-8")
        problem = _problem(path, before[path], theirs[path], merged)
        if problem:
            seen["gen", "wrong"] += 1
            print(f"{label}: {path} {problem}", file=sys.stderr)
    path = SHARED[tool]
    merged_by_git = _merge_file(root.parent, before[path], bases[path], theirs[path])
    if merged_by_git is None:
        seen["git merge-file", "conflict"] += 1
    elif _problem(path, before[path], theirs[path], merged_by_git):
        seen["git merge-file", "wrong"] += 1
    return True


def _described(proposal: Proposal) -> Iterator[str]:
    for conflict in proposal.reconciled.conflicts:
        places = ", ".join(hunk.what or str(hunk.line) for hunk in conflict.hunks)
        yield f"{conflict.path} {conflict.kind} {places}"


def _recorded(root: Path, paths: Sequence[str]) -> dict[str, str]:
    """What the generator rendered last."""
    base = read_base(root)
    return {path: next(base.entries(path)).content.decode() for path in paths}


def _problem(path: str, ours: str, theirs: str, merged: str) -> str:
    """What is wrong with a merge, or an empty text."""
    mine = [line for line in ours.splitlines() if MARK in line]
    if Counter(mine) - Counter(merged.splitlines()):
        return "lost a line of the developer's"
    rest = [line for line in merged.splitlines() if line.strip() and MARK not in line]
    if rest != [line for line in theirs.splitlines() if line.strip()]:
        return "has other lines than were rendered"
    if path in SHARED.values():
        try:
            yaml.compose(merged, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError as error:
            return f"does not parse: {error}"
    return ""


def _merge_file(folder: Path, ours: str, base: str, theirs: str) -> str | None:
    """What git makes of the three, or None for a conflict."""
    names = ("ours", "base", "theirs")
    for name, text in zip(names, (ours, base, theirs), strict=True):
        (folder / name).write_text(text, "utf-8")
    done = subprocess.run(
        ["git", "merge-file", "-p", "-q", *names],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return None if done.returncode else done.stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="services, half by each tool")
    for table in run_false_conflicts(parser.parse_args().count):
        print(table.text())
