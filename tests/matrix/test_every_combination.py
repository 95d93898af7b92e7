"""Every valid combination renders in memory, parses, and is clean to the byte."""

from __future__ import annotations

import ast
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


def _any(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


AnyTag.add_multi_constructor("!", _any)

# Jinja that was not rendered. GitHub's expressions (`${{ }}`) and Mermaid's hexagons (`x{{text}}`)
# look alike and are meant, as is the length of a value in Bash (`${#x}`).
LEFTOVER = re.compile(r"(?<![$\w])\{\{|\{%|%\}|(?<!\$)\{#(?!\s*$)|<Undefined|jinja2")

CASES = [*main_cases(), *option_cases()]


def tree_of(case: Case) -> Tree:
    """The rendered service; a combination that the rules forbid is skipped by not being valid."""
    return render(build_spec(case.answers, PACKS), PACKS)


VALID = [case for case in CASES if valid(case)]


def test_the_matrix_is_not_empty():
    assert len(VALID) > 20
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(valid(case) for case in main_cases()), "defaults must fit together"


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.name)
def test_renders_clean(case):
    for path, entry in tree_of(case).items():
        assert re.fullmatch(r"[A-Za-z0-9._/@-]+", path), path
        text = entry.content.decode()
        for number, line in enumerate(text.split("\n"), 1):
            assert line == line.rstrip(), f"{path}:{number}: trailing blanks"
            assert not LEFTOVER.search(line), f"{path}:{number}: {line}"
        assert text.endswith("\n") and not text.endswith("\n\n"), f"{path}: its end"
        assert not text.startswith("\n"), f"{path}: its start"
        check_parses(path, text)


def check_parses(path: str, text: str) -> None:
    suffix = Path(path).suffix
    if suffix == ".py":
        ast.parse(text)
    elif suffix == ".toml":
        tomllib.loads(text)
    elif suffix == ".json":
        json.loads(text)
    elif suffix in (".yaml", ".yml"):
        list(yaml.load_all(text, AnyTag))


def test_python_is_formatted_as_ruff_does_and_lints_clean(tmp_path):
    """One call for the whole matrix; each service with its own settings."""
    for case in VALID:
        # A plain name: ruff takes brackets in a path for a pattern.
        write_new(tmp_path / re.sub(r"[^A-Za-z0-9.=-]", "_", case.name), tree_of(case))
    for command in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", tmp_path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_rendering_twice_gives_the_same_bytes():
    case = VALID[0]
    assert tree_of(case) == tree_of(case)
