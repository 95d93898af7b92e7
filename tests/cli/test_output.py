"""Standard output and standard error that are full or closed: a message and a code, no traceback.

What is for people may be lost; a result may not: then standard error and the exit code say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli.run import PROVIDER, ROOT, TRIGGER, Result, new

from generator.tree import read_tree

FULL = Path("/dev/full")
LOST = "error: standard output cannot be written: No space left on device"
ADD = ("add-trigger", TRIGGER, "--name", "more")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is full")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("output")
    assert new("--trigger", f"{TRIGGER}=api", folder=folder).code == 0
    return folder / "orders"


@pytest.fixture
def service(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "orders")


def gen(folder: Path, redirect: str, *arguments: str, python: tuple[str, ...] = ()) -> Result:
    """What a run of `gen` gives whose streams a shell has redirected so."""
    words = [sys.executable, *python, "-m", "generator", *arguments]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GEN_")}
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *words],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        *(["status"], ["list"], ["--help"], [], ["--version"], ["help"], ["help", "json"]),
        *(["new", "--help"], ["apply", "--json"], ["check", "--json"], ["apply", "--dry-run"]),
        *(["status", "."], ["check", "--json", "."], ["packs", "list"], ["completion", "bash"]),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("python", [(), ("-u",)], ids=["buffered", "unbuffered"])
def test_a_full_output_is_told(
    service: Path, arguments: list[str], python: tuple[str, ...]
) -> None:
    if arguments == ["apply", "--dry-run"]:
        declaration = service / "gen.toml"
        declaration.write_text(f'{declaration.read_text()}\n[functions.b]\ntrigger="{TRIGGER}"\n')
    result = gen(service, "> /dev/full", *arguments, python=python)
    assert result.code == 2
    assert LOST in result.err.splitlines()
    assert result.err.splitlines()[-1].startswith("  help:  ")


def test_a_change_is_whole_although_its_report_is_lost(service: Path) -> None:
    result = gen(service, "> /dev/full", *ADD, "--json")
    assert result.code == 2
    assert result.err.splitlines()[0] == LOST
    assert gen(service, "", "check").code == 0
    assert "[functions.more]" in (service / "gen.toml").read_text()


def test_an_error_that_is_lost_as_json_is_told_as_text(tmp_path: Path) -> None:
    result = gen(tmp_path, "> /dev/full", "status", "--json")
    assert result.code == 2
    first, _, second, *_ = result.err.splitlines()
    assert first == LOST
    assert second.startswith("error: there is no gen.toml in ")


@pytest.mark.parametrize("redirect", ["2> /dev/full", "2>&-"])
def test_what_is_for_people_may_be_lost(service: Path, redirect: str) -> None:
    assert gen(service, redirect, "check").code == 0
    assert gen(service, redirect, *ADD) == Result(0, "", "")
    assert "[functions.more]" in (service / "gen.toml").read_text()
    (service / "gen.toml").write_text("x = 1")
    assert gen(service, redirect, "check").code == 2
    assert gen(service, redirect, "--bogus").code == 2


@pytest.mark.parametrize("redirect", [">&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-", "> /dev/null"])
def test_a_closed_stream_leads_nowhere(service: Path, redirect: str) -> None:
    for arguments in (("status",), ("check", "--json"), ("--help",), ("list",), (*ADD, "--json")):
        assert gen(service, redirect, *arguments).code == 0
    assert "[functions.more]" in (service / "gen.toml").read_text()
    before = read_tree(service)
    assert gen(service, redirect, "add-trigger", "nowhere").code == 2
    assert read_tree(service) == before


def test_both_are_full(service: Path) -> None:
    assert gen(service, "> /dev/full 2>&1", "status") == Result(2, "", "")


def test_a_new_service_without_streams(tmp_path: Path) -> None:
    words = ("new", "orders", "--provider", PROVIDER, "--trigger", TRIGGER)
    assert gen(tmp_path, "<&- >&- 2>&-", *words).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["orders"]


@pytest.mark.parametrize("arguments", ["list", "--help", "help", "status", "status --json"])
def test_a_reader_that_is_gone_is_no_error(service: Path, arguments: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "generator", *arguments.split()],
            cwd=service,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=gone,
            stderr=subprocess.PIPE,
        )
    assert (done.returncode, done.stderr) == (0, b"")
