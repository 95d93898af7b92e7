"""Every valid combination renders in memory, parses, and is clean to the byte."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from matrix.services import PACKS, Case, main_cases, option_cases, valid

from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree
from generator.write import write_new


class AnyTag(yaml.SafeLoader):
    """Reads YAML with any tags (`!Sub`), and refuses duplicate keys, which PyYAML does not."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in map(str, keys) if list(map(str, keys)).count(key) > 1}
        assert not twice, f"line {node.start_mark.line + 1}: {twice} twice"
        return super().construct_mapping(node, deep)


def read_any(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


AnyTag.add_multi_constructor("!", read_any)

# Jinja that was not rendered. GitHub's expressions (`${{ }}`) and Mermaid's hexagons (`x{{text}}`)
# look alike and are meant, as is the length of a value in Bash (`${#x}`).
LEFTOVER = re.compile(r"(?<![$\w])\{\{|\{%|%\}|(?<!\$)\{#(?!\s*$)|<Undefined|jinja2")

CASES = [*main_cases(), *option_cases()]


def tree_of(case: Case) -> Tree:
    """The rendered service; a combination that the rules forbid is skipped by not being valid."""
    return render(build_spec(case.answers, PACKS), PACKS)


VALID = [case for case in CASES if valid(case)]


def chunks() -> dict[str, list[Case]]:
    """The cases by tool and by what their functions are, which render much the same."""
    found: dict[str, list[Case]] = {}
    for case in VALID:
        triggers = sorted({function.trigger for function in case.answers.functions})
        kind = triggers[0] if len(triggers) == 1 else "all"
        found.setdefault(f"{case.answers.provider}-{case.answers.tool}-{kind}", []).append(case)
    return found


CHUNKS = chunks()


def test_the_matrix_is_not_empty():
    assert len(VALID) > 20
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(valid(case) for case in main_cases()), "defaults must fit together"


@pytest.mark.parametrize("chunk", CHUNKS)
def test_renders_clean_and_formatted(chunk, tmp_path):
    """Every file of every case; ruff sees each Python file that differs, with its settings."""
    seen: set[tuple[bytes, str, bytes]] = set()
    for case in CHUNKS[chunk]:
        tree = tree_of(case)
        for path, entry in tree.items():
            check_file(f"{case.name}: {path}", path, entry.content.decode())
        write_new(tmp_path / re.sub(r"[^A-Za-z0-9.=-]", "_", case.name), unseen(tree, seen))
    for command in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", tmp_path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def unseen(tree: Tree, seen: set[tuple[bytes, str, bytes]]) -> Tree:
    """The Python files that are new, and what tells ruff which packages are the service's."""
    settings = tree["pyproject.toml"].content
    found = {}
    for path, entry in tree.items():
        if path == "pyproject.toml" or path.endswith("/__init__.py"):
            found[path] = entry
        elif path.endswith(".py") and (settings, path, entry.content) not in seen:
            seen.add((settings, path, entry.content))
            found[path] = entry
    return found


def check_file(place: str, path: str, text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._/@-]+", path), place
    for number, line in enumerate(text.split("\n"), 1):
        assert line == line.rstrip(), f"{place}:{number}: trailing blanks"
        assert not LEFTOVER.search(line), f"{place}:{number}: {line}"
    assert text.endswith("\n") and not text.endswith("\n\n"), f"{place}: its end"
    assert not text.startswith("\n"), f"{place}: its start"
    check_parses(path, text)


def check_parses(path: str, text: str) -> None:
    suffix = Path(path).suffix
    if suffix == ".toml":  # Python is read by ruff, as of the service's version
        tomllib.loads(text)
    elif suffix == ".json":
        json.loads(text)
    elif suffix in (".yaml", ".yml"):
        list(yaml.load_all(text, AnyTag))


def test_rendering_twice_gives_the_same_bytes():
    case = VALID[0]
    assert tree_of(case) == tree_of(case)
