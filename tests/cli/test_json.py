"""`--json`: every object is one of the published schema's, on standard output alone."""

from __future__ import annotations

import importlib
import json
import pkgutil
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.run import PROVIDER, TRIGGER, Result, gen, new
from evolve import playground
from schema import published, validator
from typer._click.core import Context
from typer.main import get_command

import generator
from generator.cli import app
from generator.errors import Cancelled, GeneratorError
from generator.help import COMMANDS
from generator.terminal import error_object
from generator.topics import SCHEMA

SILENT = {"merge-file", "completion", "docs", "help"}
"""Commands without `--json`."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service with two functions; the second is what `gen undo` takes back."""
    folder = tmp_path_factory.mktemp("json")
    new("--trigger", f"{TRIGGER}=api", folder=folder)
    gen("add-trigger", TRIGGER, "--name", "second", folder=folder / "orders")
    return folder / "orders"


@pytest.fixture
def service(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "orders"))


def pending(service: Path) -> None:
    """gen.toml asks for more than there is; a file of the developer's is on the way."""
    with (service / "gen.toml").open("a") as file:
        file.write(f'\n[functions.third]\ntrigger = "{TRIGGER}"\n')


def test_the_schema_is_printed_as_it_is_published() -> None:
    result = gen("help", "json", "--schema")
    assert (result.code, result.err) == (0, "")
    assert result.out == SCHEMA.read_text("utf-8")
    validator()


def test_an_undocumented_key_is_refused() -> None:
    """What holds the other tests up: a key too many, or too few, is no object of the schema."""
    data = json.loads(gen("list", "ci", "--json").out)
    published(json.dumps(data))
    for wrong in (data | {"surprise": 1}, {k: v for k, v in data.items() if k != "command"}):
        with pytest.raises(AssertionError):
            published(json.dumps(wrong))
    data["ci"][0]["surprise"] = 1
    with pytest.raises(AssertionError):
        published(json.dumps(data))


def schemas(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from schemas(item)


def test_every_object_of_the_schema_is_closed() -> None:
    found = [part for part in schemas(validator().schema) if "properties" in part]
    assert len(found) > 20
    assert [part for part in found if part.get("additionalProperties") is not False] == []


WRITES = [
    ["new", "shop", "--provider", PROVIDER, "--trigger", TRIGGER],
    ["add-trigger", TRIGGER, "--name", "third"],
    ["remove-trigger", "second"],
    ["rename", "second", "other"],
    ["apply"],
    ["update"],
    ["undo"],
    ["repair"],
]
READS = [
    ["diff"],
    ["diff", "--mine"],
    ["status"],
    ["check"],
    ["doctor"],
    ["list"],
    ["packs", "list"],
]
SEVERAL = [["status", ".", "nowhere"], ["check", ".", "nowhere"]]


def test_every_command_is_tried() -> None:
    takes = {name for name in COMMANDS if "--json" in flags(name)}
    assert takes == set(COMMANDS) - SILENT
    assert takes == {words[0] for words in (*WRITES, *READS)}


def flags(name: str) -> set[str]:
    """What a command of that name can be given."""
    group = get_command(app)
    command = group.get_command(Context(group), name)  # type: ignore[attr-defined]
    return {flag for parameter in command.params for flag in parameter.opts}


@pytest.mark.parametrize("words", WRITES, ids=lambda words: words[0])
def test_what_writes(service: Path, words: list[str]) -> None:
    if words == ["apply"]:
        pending(service)
    folder = service.parent if words[0] == "new" else service
    dry = Result(*playground.gen(folder, *words, "--dry-run", "--json"))
    assert (dry.code, dry.err, dry.data["written"]) == (0, "", False)
    real = gen(*words, "--json", folder=folder)
    assert (real.code, real.err) == (0, "")
    assert real.data == {k: v for k, v in dry.data.items() if k != "diff"} | {
        "written": words[0] not in ("update", "repair")
    }
    assert real.data["command"] == words[0]


@pytest.mark.parametrize("words", [*READS, *SEVERAL], ids=" ".join)
def test_what_reads(service: Path, words: list[str]) -> None:
    with (service / "Makefile").open("a") as file:
        file.write("# mine\n")
    pending(service)
    result = gen(*words, "--json", folder=service)
    codes = {"check": [1], "doctor": [0, 1]}.get(words[0], [0])
    assert result.code in ([2] if "nowhere" in words else codes)
    assert result.err == ""
    assert result.data["command"] in (words[0], " ".join(words))


def failed(folder: Path, *words: str) -> Result:
    """One run in this process, which has failed."""
    done = playground.gen(folder, *words, "--json")
    result = Result(*done)
    assert set(result.data) == {"format_version", "error"}
    assert result.err == ""
    return result


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - SILENT))
def test_a_mistake_in_the_command_line(tmp_path: Path, name: str) -> None:
    result = failed(tmp_path, name, "--jsn")
    assert result.code == 2
    error = result.data["error"]
    assert error["kind"] == "unknown-name"
    assert (error["where"], error["suggestion"]) == (f"gen {name} --jsn", "--json")


@pytest.mark.parametrize("words", [*WRITES[1:], *READS[:4]], ids=" ".join)
def test_outside_of_a_service(tmp_path: Path, words: list[str]) -> None:
    assert failed(tmp_path, *words).data["error"]["kind"] == "target"


@pytest.mark.parametrize("words", [*WRITES[1:-2], *READS[:4]], ids=" ".join)
def test_a_gen_toml_that_is_wrong(service: Path, words: list[str]) -> None:
    text = (service / "gen.toml").read_text()
    line = len(text.splitlines()) + 1
    (service / "gen.toml").write_text(text + 'tigger = "x"\n')
    error = failed(service, *words).data["error"]
    assert error["where"] == f'gen.toml:{line}: tigger = "x"'
    assert error["kind"] == "unknown-name"


@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["real", "dry run"])
@pytest.mark.parametrize(
    "words", [["apply"], ["add-trigger", TRIGGER, "--name", "third"], ["remove-trigger", "second"]]
)
def test_a_conflict(service: Path, words: list[str], dry: list[str]) -> None:
    """A folder is where files are to come, and an edited one is to go."""
    if words == ["apply"]:
        pending(service)
    for path in [p for p in service.rglob("*second*") if p.is_dir()]:
        (path.parent / "third").mkdir()
        for file in [p for p in path.iterdir() if p.is_file()]:
            (path.parent / "third" / file.name).mkdir()
            file.write_bytes(file.read_bytes() + b"# mine\n")
    result = failed(service, *words, *dry)
    assert result.code == 3
    error = result.data["error"]
    assert error["kind"] == "conflict"
    assert error["conflicts"]


def kinds() -> dict[str, type[GeneratorError]]:
    """Every error of the package by its kind."""
    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        importlib.import_module(module.name)
    found = [GeneratorError]
    for known in found:
        found += known.__subclasses__()
    return {error.kind: error for error in found}


def test_the_schema_knows_every_kind_of_error() -> None:
    enum = validator().schema["$defs"]["error_details"]["properties"]["kind"]["enum"]
    assert set(enum) == set(kinds()) - {Cancelled.kind}


def test_a_bug_has_the_same_keys() -> None:
    error = error_object(GeneratorError("x"))
    published(json.dumps({"format_version": 1, "error": error}))
    assert error["kind"] == "internal"
