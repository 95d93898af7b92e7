"""A mistake in the command line: exit 2, one message with what, where and what to type next."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.run import PROVIDER, ROOT, TOOL, TRIGGER, gen, new
from schema import published

from generator.tree import read_tree

MISTAKES = [
    (["lst"], 'unknown command "lst"', "gen lst", "list"),
    (["nwe", "orders"], 'unknown command "nwe"', "gen nwe", "new"),
    (["--verson"], 'unknown option "--verson"', "gen --verson", "--version"),
    (["new", "--trigge", "x"], 'unknown option "--trigge"', "gen new --trigge", "--trigger"),
    (["new", "--bogus=1"], 'unknown option "--bogus"', "gen new --bogus", ""),
    (["list", "toolz"], 'unknown kind of pack "toolz"', "gen list toolz", "tools"),
    (
        ["list", "--provider", PROVIDER + "x"],
        f'unknown provider "{PROVIDER}x"',
        f"--provider {PROVIDER}x",
        PROVIDER,
    ),
    (
        ["new", "orders", "--provider", PROVIDER, "--trigger", f"{TRIGGER}x=api"],
        f'unknown {PROVIDER} trigger "{TRIGGER}x"',
        f"--trigger {TRIGGER}x=api",
        TRIGGER,
    ),
    (
        ["new", "orders", "--provider", PROVIDER, "--trigger", TRIGGER, "--tool", f"{TOOL}x"],
        f'unknown {PROVIDER} tool "{TOOL}x"',
        f"--tool {TOOL}x",
        TOOL,
    ),
    (
        ["new", "orders", "--provider", PROVIDER, "--trigger", f"{TRIGGER}=my-fn"],
        'function name "my-fn" is not possible',
        f"--trigger {TRIGGER}=my-fn",
        "my_fn",
    ),
    (
        ["new", "orders", "--provider", PROVIDER, "--trigger", TRIGGER, "--set", "api.x=1"],
        'there is no function "api" to set an option of',
        "--set api.x=1",
        "",
    ),
    (
        ["new", "My Orders", "--provider", PROVIDER, "--trigger", TRIGGER],
        'service name "My Orders" is not possible',
        "DIR My Orders",
        "my-orders",
    ),
    (
        ["new", "x", "--name", "O", "--provider", PROVIDER, "--trigger", TRIGGER],
        'service name "O" is not possible',
        "--name O",
        "o",
    ),
]


@pytest.mark.parametrize(("arguments", "message", "where", "nearest"), MISTAKES)
def test_what_where_and_what_next(
    tmp_path: Path, arguments: list[str], message: str, where: str, nearest: str
) -> None:
    result = gen(*arguments, folder=tmp_path)
    assert (result.code, result.out) == (2, "")
    first, second, marks, *_ = result.err.splitlines()
    assert first == f"error: {message}"
    assert second == f"  where: {where}"
    quoted = message.split('"')[1]
    assert marks.strip() == "^" * len(quoted)
    assert second[marks.index("^") :].startswith(quoted)
    assert nearest in result.err.splitlines()[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("arguments", "message", "where", "nearest"), MISTAKES)
def test_the_same_as_json(
    tmp_path: Path, arguments: list[str], message: str, where: str, nearest: str
) -> None:
    result = gen(*arguments, "--json", folder=tmp_path)
    assert (result.code, result.err) == (2, "")
    assert result.data["format_version"] == 1
    error = result.data["error"]
    assert (error["message"], error["where"]) == (message, where)
    assert error["suggestion"] == nearest
    assert set(error) == {"kind", "message", "where", "hint", "suggestion"}


def test_a_missing_answer_is_asked_for_with_a_complete_command(tmp_path: Path) -> None:
    result = gen("new", "--tool", TOOL, folder=tmp_path)
    assert result.code == 2
    assert "missing: DIR or --name, --provider, --trigger" in result.err
    command = result.err.split("for example: gen ")[1].split()
    assert f"--tool {TOOL}" in " ".join(command)
    assert gen(*command, folder=tmp_path).code == 0


def test_what_is_wrong_comes_before_what_is_missing(tmp_path: Path) -> None:
    """An example with the mistake in it would be none."""
    for flags, said in (
        (("--provider", "nimbus"), 'unknown provider "nimbus"'),
        (("--provider", PROVIDER, "--tool", "hammer"), f'unknown {PROVIDER} tool "hammer"'),
    ):
        result = gen("new", "orders", *flags, folder=tmp_path)
        assert result.code == 2
        assert said in result.err


@pytest.mark.parametrize("arguments", [["new", "--provider"], ["new", "a", "b"]])
def test_other_mistakes_name_the_help_page(tmp_path: Path, arguments: list[str]) -> None:
    result = gen(*arguments, folder=tmp_path)
    assert result.code == 2
    assert result.err.splitlines()[-1] == "  help:  gen new --help"


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "bell\x07", "\u202egnorw"])
def test_control_characters_never_reach_the_terminal(tmp_path: Path, text: str) -> None:
    for flag in ("--trigger", "--set", "--name", "--tool", "--description"):
        result = new("--trigger", TRIGGER, flag, text, folder=tmp_path)
        assert result.code == 2
        assert all(c.isprintable() for c in result.err.replace("\n", ""))
        assert len(result.err.splitlines()) <= 4


def test_a_target_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders/notes.txt").touch()
    result = new("--trigger", TRIGGER, folder=tmp_path)
    assert result.code == 2
    assert "orders is not empty: it has notes.txt" in result.err
    assert [path.name for path in (tmp_path / "orders").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("place", ["inner", "docs/inner", "linked/inner"])
def test_a_service_inside_of_a_service_is_refused(tmp_path: Path, place: str) -> None:
    new("--trigger", f"{TRIGGER}=api", folder=tmp_path)
    outer = tmp_path / "orders"
    (tmp_path / "linked").symlink_to(outer / "docs")
    folder = tmp_path if place.startswith("linked") else outer
    before = read_tree(outer)
    result = gen("new", place, "--provider", PROVIDER, "--trigger", TRIGGER, folder=folder)
    assert result.code == 2
    assert f"{place} would be a service inside of the service {outer}" in result.err
    assert "gen add-trigger TRIGGER" in result.err.splitlines()[-1]
    assert read_tree(outer) == before


def test_a_bug_is_no_traceback(tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import generator.packs\n"
        "def fail(self): raise ZeroDivisionError('by nought')\n"
        "generator.packs.Packs.providers = property(fail)\n"
    )
    path = f"{tmp_path}:{ROOT}"
    result = gen("list", folder=tmp_path, env={"PYTHONPATH": path})
    assert result.code == 70
    assert "this is a bug in gen: ZeroDivisionError: by nought" in result.err
    assert "report it at https://" in result.err
    error = gen("list", "--json", env={"PYTHONPATH": path}).data["error"]
    assert error["kind"] == "internal"
    assert error["hint"].startswith("report it at https://")
    for flags in ([], ["--json"]):
        shown = subprocess.run(
            [sys.executable, "-m", "generator", "list", *flags],
            env=os.environ | {"PYTHONPATH": path, "GEN_DEBUG": "1"},
            capture_output=True,
            text=True,
        )
        assert shown.returncode == 70
        assert "raise ZeroDivisionError('by nought')" in shown.stderr
        assert published(shown.stdout)["error"] == error if flags else not shown.stdout
