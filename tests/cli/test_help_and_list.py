"""Help pages, `gen list`, and what a start of `gen` loads."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cli.run import PACK, PROVIDER, ROOT, TRIGGER, gen, new

from generator import __version__, help
from generator.catalogue import KINDS
from generator.help import EXAMPLES
from generator.packs import Packs

COMMANDS = tomllib.loads(EXAMPLES.read_text("utf-8"))
HEAVY = ["questionary", "prompt_toolkit", "rich", "pydantic", "cookiecutter", "importlib.metadata"]
SHOW_LOADED = """
import sys
from generator.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = [name for name in sys.argv[-1].split(",") if name in sys.modules]
sys.stderr.write(f"loaded: {loaded}")
"""


def test_every_command_has_examples() -> None:
    assert list(COMMANDS) == list(help.COMMANDS)
    assert all(lines for lines in COMMANDS.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_come_first(command: str) -> None:
    result = gen(command, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Usage: gen {command} ")
    for line in COMMANDS[command]:
        assert f"  {line}\n" in result.out
    assert result.out.index("Examples:") < result.out.index("Options:")


@pytest.mark.parametrize(
    "line", [line for lines in COMMANDS.values() for line in lines if "asks" not in line]
)
def test_every_example_runs(tmp_path: Path, line: str) -> None:
    words = shlex.split(line, comments=True)
    folder = tmp_path
    if words[1] not in ("new", "list"):
        folder = a_service(tmp_path, with_uploads=words[1] != "add-trigger")
    if "*" in line:  # which a shell expands; the service is one of several then
        services = tmp_path / "repository/services"
        services.mkdir(parents=True)
        folder = folder.rename(services / "orders").parents[1]
        words[-1:] = [str(path.relative_to(folder)) for path in folder.glob(words[-1])]
    # What the doctor finds depends on the machine.
    assert gen(*words[1:], folder=folder).code in ((0, 1) if words[1] == "doctor" else (0,))


def a_service(folder: Path, with_uploads: bool) -> Path:
    """The service that the examples are about: a change by gen, a file deleted, three to merge.

    And a folder of packs, with nothing in it yet.
    """
    new("--trigger", "http=api", "--no-input", folder=folder)
    service = folder / "orders"
    if with_uploads:
        gen("add-trigger", "s3", "--name", "uploads", folder=service)
        (service / "docs/architecture.md").unlink()
        (service / "platform").mkdir()
        (service / "platform/pack.toml").write_text(
            'name = "platform"\ntitle = "Platform"\ndescription = "What we all use"\n'
        )
        for side in ("base", "ours", "theirs"):
            (service / f"{side}.yaml").write_text(
                "a: 1\n" if side == "base" else f"a: 1\n{side}: 1\n"
            )
    return service


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_the_first_page(arguments: list[str]) -> None:
    result = gen(*arguments)
    assert (result.code, result.err) == (0, "")
    for command, lines in COMMANDS.items():
        assert lines[0] in result.out
        assert f"\n  {command} " in result.out.split("Commands:")[1]


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_help_fits(columns: str) -> None:
    out = gen("new", "--help", env={"COLUMNS": columns}).out
    options = out.split("Options:")[1]
    assert max(map(len, options.splitlines())) <= int(columns)


def test_version() -> None:
    assert gen("--version").out == f"serverless-py {__version__}\n"


def test_list_shows_every_pack_in_whole_lines() -> None:
    result = gen("list", env={"COLUMNS": "40"})
    assert (result.code, result.err) == (0, "")
    for pack in Packs().providers.values():
        for trigger in pack.triggers.values():
            [line] = [row for row in result.out.splitlines() if trigger.description in row]
            assert line.split()[0] == trigger.name
            assert all(tool in line for tool in pack.tools if tool in trigger.tools)
        for tool in pack.tools.values():
            assert tool.description in result.out


@pytest.mark.parametrize("kind", KINDS)
def test_list_of_one_kind(kind: str) -> None:
    text = gen("list", kind).out
    data = gen("list", kind, "--json", "--provider", PROVIDER).data
    assert text.startswith(f"{kind}:\n")
    assert set(data) == {"format_version", "command", kind}
    assert all(row["name"] in text for row in data[kind])


def test_options_of_each_function_are_told_apart_from_those_of_the_service() -> None:
    for pack in Packs().providers.values():
        text = gen("list", "providers", "--provider", pack.name).out
        whole, each = text.split("    of each function, as --set FUNCTION.OPTION=VALUE:\n")
        assert whole.count("    of the service:") == 1
        for part, options in (
            (whole.partition("of the service:")[2], pack.provider.options),
            (each, pack.provider.function_options),
        ):
            names = [line.split("=")[0].strip() for line in part.splitlines() if line.strip()]
            assert names == list(options)


def test_list_as_json() -> None:
    data = gen("list", "--json").data
    assert {"format_version", "command", *KINDS} == set(data)
    [trigger] = [
        row for row in data["triggers"] if (row["provider"], row["name"]) == (PROVIDER, TRIGGER)
    ]
    assert trigger["tools"] == [tool for tool in PACK.tools if tool in PACK.triggers[TRIGGER].tools]
    assert trigger["options"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_encoding_without_the_characters_never_raises(tmp_path: Path, encoding: str) -> None:
    env = {"PYTHONIOENCODING": encoding}
    assert gen("list", env=env).code == 0
    result = new(
        "--trigger", TRIGGER, "--description", "caf\u00e9 \u2713", folder=tmp_path, env=env
    )
    assert result.code == 0
    assert "--description 'caf" in result.err


def test_a_reader_that_goes_away() -> None:
    command = f"set -o pipefail; {shlex.quote(sys.executable)} -m generator list | true"
    done = subprocess.run(
        ["bash", "-c", command], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["list"],
        ["list", "--json"],
        ["new", "--help"],
        ["new", "orders", "--provider", PROVIDER, "--trigger", TRIGGER, "--no-input"],
    ],
)
def test_what_asks_is_loaded_only_to_ask(tmp_path: Path, arguments: list[str]) -> None:
    heavy = ",".join(HEAVY)
    code = SHOW_LOADED.replace("sys.argv[-1]", repr(heavy))
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.stderr.endswith("loaded: []"), done.stderr[-300:]
