"""Our own packs pass the test that anybody's do, `gen packs check`: every valid combination renders
in memory, parses, is clean to the byte, pins what it uses and holds no secret.

Beyond that test, ruff sees all Python as a service's own settings would have it.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from matrix.services import PACKS, Case, valid

from generator.conformance.cases import all_cases
from generator.conformance.check import read, rendered
from generator.doctor.findings import OK
from generator.doctor.knowledge import knowledge
from generator.doctor.pins import pins_of
from generator.packs import BUILT_IN
from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree
from generator.write import write_new


def tree_of(case: Case) -> Tree:
    return render(build_spec(case.answers, PACKS), PACKS)


CASES = list(all_cases(PACKS))


def test_the_matrix_is_not_empty():
    assert len(CASES) > 20
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(valid(case) for case in CASES if case.must), "defaults must fit together"


def test_metadata_and_folders_follow_the_format():
    found = list(read(PACKS, BUILT_IN))
    assert {finding.status for finding in found} == {OK}, found


@pytest.mark.parametrize("provider", PACKS.providers)
def test_every_service_is_sound(provider, tmp_path):
    """One rendering of each serves the conformance test and ruff."""
    seen: set[tuple[bytes, str, bytes]] = set()
    chunk = [case for case in CASES if case.answers.provider == provider]

    mine = (f"providers/{provider}/", "ci/", "base/")

    def keep(case: Case, tree: Tree) -> None:
        name = re.sub(r"[^A-Za-z0-9.=-]", "_", case.name)
        write_new(tmp_path / name, unseen(tree, seen))

    found = list(rendered(PACKS, BUILT_IN, chunk, keep=keep, below=mine))
    assert {finding.status for finding in found} == {OK}, found
    for command in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", tmp_path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def unseen(tree: Tree, seen: set[tuple[bytes, str, bytes]]) -> Tree:
    """The Python files that are new, and what tells ruff which packages are the service's."""
    settings = tree["pyproject.toml"].content
    found = {}
    for path, entry in tree.items():
        text = (settings, path, entry.content)
        if path.endswith(".py") and not path.endswith("/__init__.py") and text not in seen:
            seen.add(text)
            found[path] = entry
    if not found:
        return {}
    packages = {path: e for path, e in tree.items() if path.endswith("/__init__.py")}
    return {"pyproject.toml": tree["pyproject.toml"], **packages, **found}


@pytest.mark.parametrize("name", [case.name for case in CASES if case.name.endswith("-all")])
def test_its_pins_are_found(name: str) -> None:
    """What pins a thing is known: else nothing would be said about an open one."""
    tree = tree_of(next(case for case in CASES if case.name == name))
    texts = {path: entry.content.decode() for path, entry in tree.items()}
    assert {"pytest", "ruff"} <= {pin.name for pin in pins_of(texts, knowledge(PACKS).pins)}
