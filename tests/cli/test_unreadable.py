"""Paths that nobody can look at: too long, a loop, in a closed folder. And a pipe for a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli.run import PROVIDER, ROOT, TRIGGER, Result, gen, new

LONG = "n" * 300
COMMANDS = [
    *(["status", "--project"], ["diff", "--json", "--project"], ["apply", "--project"]),
    *(["status"], ["check"], ["doctor"], ["list", "--packs"], ["packs", "check"]),
]
RIGHTS = "dac_override", "dac_read_search"
"""What lets root open what is closed."""


def closed(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Result:
    """What a run of `gen` gives for which a closed folder is closed, also as root."""
    words = [sys.executable, "-m", "generator", *arguments]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root opens every folder, and there is no setpriv")
        words = ["setpriv", "--bounding-set", ",".join(f"-{right}" for right in RIGHTS), *words]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GEN_")}
    done = subprocess.run(
        words,
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT)} | (env or {}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def told(result: Result, problem: str) -> None:
    assert result.code == 2
    assert f"cannot be read: {problem}" in result.out + result.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_name_that_is_too_long(tmp_path: Path, command: list[str]) -> None:
    told(gen(*command, LONG, folder=tmp_path), "File name too long")
    told(gen(*command, f"{LONG}/inner", folder=tmp_path), "File name too long")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_link_to_itself(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "loop").symlink_to("loop")
    told(gen(*command, "loop", folder=tmp_path), "Too many levels of symbolic links")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_folder_in_a_closed_one(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "closed" / "sub").mkdir(parents=True)
    (tmp_path / "closed").chmod(0)
    told(closed(tmp_path, *command, "closed/sub"), "Permission denied")
    (tmp_path / "closed").chmod(0o755)


def test_packs_that_the_environment_and_gen_toml_name(tmp_path: Path) -> None:
    told(gen("list", folder=tmp_path, env={"GEN_PACKS": LONG}), "File name too long")
    (tmp_path / "closed" / "sub").mkdir(parents=True)
    (tmp_path / "closed").chmod(0)
    told(closed(tmp_path, "list", env={"GEN_PACKS": "closed/sub"}), "Permission denied")
    assert new("--trigger", f"{TRIGGER}=api", folder=tmp_path).code == 0
    declaration = tmp_path / "orders" / "gen.toml"
    text = declaration.read_text()
    for place, problem in ((LONG, "File name too long"), ("../closed/sub", "Permission denied")):
        declaration.write_text(f'{text}\n[packs]\na = "{place}"\n')
        result = closed(tmp_path / "orders", "status")
        told(result, problem)
        assert "the pack a is not found: " in result.err
    (tmp_path / "closed").chmod(0o755)


@pytest.mark.parametrize("place", ["ci", f"providers/{PROVIDER}/triggers/own", "base"])
def test_a_closed_folder_in_a_pack(tmp_path: Path, place: str) -> None:
    pack = tmp_path / "acme"
    (pack / place / "inner").mkdir(parents=True)
    (pack / "pack.toml").write_text('name = "acme"\ntitle = "A"\ndescription = "B"\n')
    (pack / place).chmod(0)
    if place != "base":
        listed = closed(tmp_path, "list", "--packs", "acme")
        told(listed, "Permission denied")
        assert listed.err.splitlines()[-1] == f"  help:  gen packs check {pack}"
    told(closed(tmp_path, "packs", "check", "acme", "--no-tests"), "Permission denied")
    (pack / place).chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
@pytest.mark.parametrize("command", ["status", "check .", "apply", "diff", "repair", "list"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, command: str) -> None:
    assert new("--trigger", f"{TRIGGER}=api", folder=tmp_path).code == 0
    declaration = tmp_path / "orders" / "gen.toml"
    declaration.unlink()
    os.mkfifo(declaration)
    result = gen(*command.split(), folder=tmp_path / "orders")
    if command != "list":
        assert result.code == 2
        assert "gen.toml is a special file" in result.err


def test_the_doctor_looks_at_what_else_there_is(tmp_path: Path) -> None:
    """A closed folder of the base is a finding; no check is told of it twice."""
    new("--trigger", f"{TRIGGER}=api", folder=tmp_path)
    folder = tmp_path / "orders" / ".gen" / "base" / "README.md"
    folder.chmod(0)
    try:
        result = closed(tmp_path / "orders", "doctor")
    finally:
        folder.chmod(0o755)
    assert result.code == 1
    assert result.out.count(".gen/base/README.md cannot be read: Permission denied") == 1
    assert "chmod u+rx .gen/base/README.md" in result.out
