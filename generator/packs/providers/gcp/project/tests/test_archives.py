"""What is deployed: the archive of a function has what it imports, and nothing of another."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from scripts import package

FUNCTIONS = package.functions()
# In a process of its own, which has imported nothing yet.
LOAD = "import functions_framework, sys; functions_framework.create_app(); print(*sys.modules)"

every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda folder: folder.name)


@every_function
def test_a_function_can_be_loaded_from_its_archive(
    function: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "function.zip"
    package.write_archive(archive, package.content(function))
    with zipfile.ZipFile(archive) as made:
        made.extractall(tmp_path)
    monkeypatch.setenv("FUNCTION_TARGET", function.name)
    command = [sys.executable, "-c", LOAD]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
    places = {f"{package.PACKAGE.name}.{folder.name}" for folder in FUNCTIONS}
    assert places & set(done.stdout.split()) == {f"{package.PACKAGE.name}.{function.name}"}


@every_function
def test_the_same_code_is_the_same_archive(function: Path, tmp_path: Path) -> None:
    archives = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for archive in archives:
        package.write_archive(archive, package.content(function))
    assert archives[0].read_bytes() == archives[1].read_bytes()
