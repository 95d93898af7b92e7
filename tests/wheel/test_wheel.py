"""A wheel in an empty environment, offline, elsewhere, does all that a checkout does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from matrix.services import PACKS, main_cases
from packaging.requirements import Requirement

from generator.base import with_base
from generator.declaration import parse_declaration
from generator.render import render
from generator.spec import build_spec
from generator.tree import read_tree

ROOT = Path(__file__).resolve().parents[2]
CASE = next(case for case in main_cases() if case.name.endswith("-all"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that has the wheel and what it depends on, no more.

    What it depends on comes from this environment's own packages: nothing is downloaded.
    """
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    [wheel] = folder.glob("*.whl")
    venv = folder / "venv"
    run(sys.executable, "-m", "venv", venv)
    python = venv / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-index", "--no-deps", "-q", wheel)
    [packages] = venv.glob("lib/python*/site-packages")
    for package in needed("serverless-py"):
        for file in package.files or []:
            source = Path(str(package.locate_file(file)))
            target = packages / file
            if ".." not in file.parts and source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
    return venv / "bin"


def run(*command: object) -> None:
    subprocess.run([str(word) for word in command], cwd=ROOT, check=True, capture_output=True)


def needed(name: str) -> list[Distribution]:
    """The distributions that `name` requires, directly or not, as they are installed here."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in distribution(name).requires or []]
    while waiting:
        requirement = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.name not in found:
            try:
                found[requirement.name] = distribution(requirement.name)
            except PackageNotFoundError:
                continue
            waiting += [Requirement(t) for t in distribution(requirement.name).requires or []]
    return list(found.values())


def gen(installed: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "HOME": str(cwd), "GEN_CACHE_DIR": str(cwd / "cache")}
    command = [str(installed / "gen"), *words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_gen_new_gives_what_the_checkout_gives(installed, tmp_path):
    answers = CASE.answers
    triggers = [f"--trigger={f.trigger}={f.name}" for f in answers.functions]
    chosen = [f"--provider={answers.provider}", f"--tool={answers.tool}", "--no-input"]
    done = gen(installed, tmp_path, "new", answers.name, *triggers, *chosen)
    assert done.returncode == 0, done.stderr
    made = read_tree(tmp_path / answers.name)
    spec = build_spec(parse_declaration(made["gen.toml"].content.decode()), PACKS)
    assert made == with_base(render(spec, PACKS))


def test_gen_list_shows_the_packs(installed, tmp_path):
    done = gen(installed, tmp_path, "list", "--json")
    assert [row["name"] for row in json.loads(done.stdout)["providers"]] == list(PACKS.providers)


def test_gen_docs_has_its_templates(installed, tmp_path):
    done = gen(installed, tmp_path, "docs")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "docs" / "reference" / "README.md").is_file()


def test_help_has_its_examples(installed, tmp_path):
    assert "Examples:" in gen(installed, tmp_path, "new", "--help").stdout


def test_the_wheel_has_no_more_than_it_needs(installed):
    [wheel] = installed.parent.parent.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"generator"}
    assert not [name for name in names if "__pycache__" in name]
    for hidden in (".gitignore", ".gitattributes", ".gen/.gitignore", ".editorconfig"):
        assert any(name.endswith("{{cookiecutter.project_slug}}/" + hidden) for name in names)
