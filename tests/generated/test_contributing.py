"""CONTRIBUTING.md's example, followed literally on a copy of the packs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools.provision import python_interpreter
from tools.workbench import Workbench, clean_environment, link_up_to_date, shared_venv

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FILE = re.compile(r"^`([^`\n]+)`\n\n```[a-z]+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of this repository with the guide's files in the guide's folder."""
    copy: Path = tmp_path_factory.mktemp("guide") / "serverless-py"
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("generator", "{{cookiecutter.project_slug}}"):
        shutil.copytree(ROOT / part, copy / part, ignore=ignored)
    [folder] = re.findall(r"^`(generator/packs/\S+)`;", GUIDE, re.MULTILINE)
    files = FILE.findall(GUIDE)
    assert len(files) == 9
    assert not (copy / folder).exists()
    for path, content in files:
        target = copy / folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8")
    return copy


def test_the_example_works_as_the_guide_says(checkout, tmp_path):
    commands = re.findall(r"^    (gen new .*|make -C .*)$", GUIDE, re.MULTILINE)
    assert len(commands) == 2
    gen, make = (command.replace("/tmp/weather", "weather").split() for command in commands)
    command = [sys.executable, "-m", "generator", *gen[1:]]
    environment = clean_environment() | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    service = tmp_path / "weather"
    python = python_interpreter("3.13")
    assert python is not None
    link_up_to_date(service, ".venv", shared_venv(service, python))
    done = Workbench(service).make(*make[3:])
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"processed": [ "temperature" ]' in " ".join(done.stdout.split())


def test_a_tool_without_a_folder_is_refused(checkout, tmp_path):
    command = [sys.executable, "-m", "generator", "new", "x", "--provider=aws", "--trigger=iot"]
    environment = clean_environment() | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [*command, "--tool=serverless", "--no-input"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "serverless does not support the trigger iot" in done.stderr
    assert "tools that do: sam" in done.stderr
