"""`gen help`: what the pages say is true."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.run import PROVIDER, ROOT, TRIGGER, gen, new

from generator import errors
from generator.help import COMMANDS
from generator.topics import lines, topics

PAGES = topics()
THROUGH_PYTHON = {
    "COLUMNS": "shutil.get_terminal_size",
    "HOME": "os.path.expanduser",
    "PATH": "shutil.which",
}
"""Variables that gen reads without naming them, and by which of Python's functions."""


def test_the_topics() -> None:
    assert {"environment", "exit-codes", "json", "packs"} <= set(PAGES)
    # The topic says what packs are; `gen packs --help` is the command's page.
    assert set(PAGES) & set(COMMANDS) == {"packs"}
    first = gen("--help").out.split("Topics")[1]
    assert all(f"\n  {name} " in first for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_short_and_has_its_examples_first(name: str) -> None:
    result = gen("help", name, env={"COLUMNS": "80"})
    assert (result.code, result.err) == (0, "")
    shown = result.out.splitlines()
    assert shown[2] == "Examples:"
    assert len(shown) <= 60
    assert max(map(len, shown)) <= 80


@pytest.mark.parametrize("width", [30, 40, 80])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_any_width_says_the_same(name: str, width: int) -> None:
    text = PAGES[name].read_text("utf-8")
    shown = [*lines(PAGES[name], width)]
    assert " ".join(" ".join(shown).split()) == " ".join(text.split())
    examples = {line.strip() for line in text.splitlines() if line.startswith("    ")}
    for line in shown:
        assert len(line) <= width or line.strip() in examples or " " not in line.strip()


def examples() -> Iterator[str]:
    for page in PAGES.values():
        yield from re.findall(r"^    (.*)$", page.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("topics")
    new("--trigger", f"{TRIGGER}=api", folder=folder)
    return folder / "orders"


@pytest.mark.parametrize("line", [*examples()])
def test_every_example_of_a_page_runs(service: Path, line: str) -> None:
    if "gen new" in line:
        line = f"{line.partition('#')[0]} --provider {PROVIDER} --trigger {TRIGGER} --dry-run"
        service = Path(tempfile.mkdtemp(dir=service.parent))
    pack = service.parent / "platform" / "packs" / "pack.toml"
    pack.parent.mkdir(parents=True, exist_ok=True)
    pack.write_text('name = "acme"\ntitle = "Acme"\ndescription = "Its platform"\n', "utf-8")
    start = f'gen() {{ {shlex.quote(sys.executable)} -m generator "$@"; }}\n'
    done = subprocess.run(
        ["sh", "-c", start + line.replace("/tmp/", "")],
        cwd=service,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    # The doctor finds what it finds on this machine.
    assert done.returncode in ((0, 1) if "doctor" in line else (0,)), done.stderr


@pytest.mark.parametrize("words", [[], ["new"], ["check"], ["completion"]])
def test_help_of_a_command_is_its_help_page(words: list[str]) -> None:
    assert gen("help", *words).out.rstrip() == gen(*words, "--help").out.rstrip()


@pytest.mark.parametrize(
    ("words", "message", "suggestion"),
    [
        (["exit-code"], 'unknown topic or command "exit-code"', "exit-codes"),
        (["enviroment"], 'unknown topic or command "enviroment"', "environment"),
        (["addtrigger"], 'unknown topic or command "addtrigger"', "add-trigger"),
        (["packs", "--schema"], "only the topic json has a schema", "gen help json --schema"),
    ],
)
def test_a_topic_that_is_none(words: list[str], message: str, suggestion: str) -> None:
    result = gen("help", *words)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert suggestion in result.err.splitlines()[-1]


def test_exit_codes_are_those_of_the_program() -> None:
    text = PAGES["exit-codes"].read_text("utf-8")
    said = {int(code) for code in re.findall(r"^  (\d+) ", text, re.MULTILINE)}
    assert said == {value for name, value in vars(errors).items() if name.startswith("EXIT_")}


def read_variables() -> set[str]:
    """Every name that the program's own code looks up in its environment."""
    found = set()
    for path in (ROOT / "generator").rglob("*.py"):
        if "packs" in path.relative_to(ROOT / "generator").parts[:-1]:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                # The doctor's probe gives programs an environment that it has changed.
                also = "kept.get" if path.name == "probe.py" else ""
                if called in ("os.environ.get", "os.getenv", also):
                    found.add(ast.literal_eval(node.args[0]))
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                found.add(ast.literal_eval(node.slice))
            elif isinstance(node, ast.Compare) and "os.environ" in map(
                ast.unparse, node.comparators
            ):
                found.add(ast.literal_eval(node.left))
    return found


def test_every_variable_that_is_read_is_named() -> None:
    text = PAGES["environment"].read_text("utf-8")
    said = set(re.findall(r"^  ([A-Z][A-Z_]+) ", text, re.MULTILINE))
    assert read_variables() >= {"GEN_PLAIN", "GEN_DEBUG", "NO_COLOR", "TERM"}
    assert said == read_variables() | set(THROUGH_PYTHON)
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "generator").glob("*.py"))
    code += (ROOT / "generator/doctor/probe.py").read_text("utf-8")
    assert all(function in code for function in THROUGH_PYTHON.values())


@pytest.mark.parametrize("name", ["GEN_DEBUG", "GEN_PLAIN", "NO_COLOR"])
def test_an_empty_variable_is_as_good_as_none(name: str) -> None:
    assert gen("list", env={name: ""}) == gen("list")
