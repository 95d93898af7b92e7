"""Start-up is a feature: what a command does not need is not imported. Never a timed test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, os, sys
sys.argv[0] = "gen"
os._exit = lambda code: (print(json.dumps(sorted(sys.modules)), file=sys.__stdout__), exit(code))
from generator.__main__ import main
main()
"""
NEVER = {
    "asyncio",
    "cookiecutter",
    "dataclasses",
    "importlib.metadata",
    "prompt_toolkit",
    "pydantic",
    "questionary",
    "rich",
    "ruamel",
    "tomlkit",
}
NEW = ["new", "orders", "--provider", "aws", "--trigger", "http=api", "--no-input"]


def imported(cwd: Path, *words: str) -> set[str]:
    """The modules that one run of `gen` has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words],
        cwd=cwd,
        env={**os.environ, "GEN_CACHE_DIR": str(cwd / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("words", [["--help"], ["list"], NEW], ids=lambda words: words[0])
def test_no_command_imports_what_only_the_wizard_or_a_peer_needs(
    tmp_path: Path, words: list[str]
) -> None:
    found = imported(tmp_path, *words)
    assert "generator.cli" in found
    assert not found & NEVER


@pytest.mark.parametrize("words", [["--help"], ["list"]], ids=lambda words: words[0])
def test_help_and_lists_do_without_templates(tmp_path: Path, words: list[str]) -> None:
    assert not imported(tmp_path, *words) & {"jinja2", "generator.spec", "generator.render"}


def test_a_second_run_parses_and_compiles_nothing(tmp_path: Path) -> None:
    imported(tmp_path, *NEW, "--dry-run")
    assert "tomllib" not in imported(tmp_path, *NEW)
