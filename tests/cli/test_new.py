"""`gen new` without a terminal: the plan, the result, and what goes to which stream."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from cli.run import PACK, PROVIDER, TRIGGER, gen, new

from generator.cli import app
from generator.request import Request, repeat_command
from generator.tree import read_tree


def test_plan_and_result(tmp_path: Path) -> None:
    result = new("--trigger", f"{TRIGGER}=api", folder=tmp_path)
    assert (result.code, result.out) == (0, "")
    plan, written = result.err.split("\nCreated orders: ")
    files = [path for path in read_tree(tmp_path / "orders") if not path.startswith(".gen/base/")]
    for path in files:
        assert f"  + {path}\n" in plan
    assert f"Function api ({TRIGGER}):" in plan
    assert f"To create: {len(files)} files, 1 function, " in plan
    assert written.startswith(f"{len(files)} files, 1 function.")
    commands = [line.strip() for line in written.splitlines()[1:4]]
    assert commands[0] == "cd orders"
    # `make -n` says that make knows the targets, without running them.
    for command in commands[1:]:
        words = shlex.split(command)
        assert words[0] == "make"
        subprocess.run(["make", "-n", *words[1:]], cwd=tmp_path / "orders", check=True)


def test_a_dry_run_is_the_same_plan_and_writes_nothing(tmp_path: Path) -> None:
    dry = new("--trigger", TRIGGER, "--dry-run", folder=tmp_path)
    assert (dry.code, dry.out) == (0, "")
    assert dry.err.splitlines()[-1] == "Dry run: nothing was written."
    assert not list(tmp_path.iterdir())
    real = new("--trigger", TRIGGER, folder=tmp_path)
    assert real.err.split("\nCreated")[0] == dry.err.split("\nDry run")[0]


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    dry = new("--trigger", f"{TRIGGER}=api", "--dry-run", "--json", folder=tmp_path)
    assert not list(tmp_path.iterdir())
    real = new("--trigger", f"{TRIGGER}=api", "--json", folder=tmp_path)
    assert (real.code, real.err, dry.err) == (0, "", "")
    assert real.data == dry.data | {"written": True}
    assert real.data["format_version"] == 1
    assert real.data["functions"][0]["name"] == "api"
    written = read_tree(tmp_path / "orders")
    assert set(real.data["files"]) | {p for p in written if p.startswith(".gen/base/")} == {
        *written
    }


def test_the_command_shown_repeats_the_run(tmp_path: Path) -> None:
    flags = ["--trigger", f"{TRIGGER}=a", "--trigger", f"{TRIGGER}=b", "--description", "It's $5"]
    first = new(*flags, "--region", PACK.provider.region_example, folder=tmp_path)
    command = shlex.split(first.err.splitlines()[-1])
    again = tmp_path / "again"
    again.mkdir()
    assert gen(*command[1:], folder=again).code == 0
    assert read_tree(again / "orders") == read_tree(tmp_path / "orders")


@pytest.mark.parametrize(
    "request_",
    [
        Request(directory="-x", name="x", provider=PROVIDER, trigger=(TRIGGER,)),
        Request(directory="a b/x", provider=PROVIDER, trigger=(TRIGGER,), description="--json"),
        Request(name="x", provider=PROVIDER, trigger=(f"{TRIGGER}=a",), set=("a.timeout=5",)),
    ],
)
def test_the_command_is_read_as_it_was_meant(
    tmp_path: Path, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Request] = []

    def stop(request: Request, packs: object) -> None:
        seen.append(request)
        raise KeyboardInterrupt

    monkeypatch.setattr("generator.request.check_complete", stop)
    words = shlex.split(repeat_command(request_))
    assert words[0] == "gen"
    app(words[1:], standalone_mode=False)
    assert repeat_command(seen[0]) == repeat_command(request_)
    assert seen[0].description == request_.description


def test_it_never_asks_without_a_terminal(tmp_path: Path) -> None:
    result = gen("new", folder=tmp_path)
    assert result.code == 2
    assert "[1/" not in result.err


def test_no_escape_sequence_without_a_terminal(tmp_path: Path) -> None:
    result = new("--trigger", TRIGGER, folder=tmp_path)
    assert "\x1b" not in result.err
