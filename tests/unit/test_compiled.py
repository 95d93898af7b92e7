"""What is kept of templates from run to run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from matrix.services import PACKS, answer, one_each, supported, tools

from generator import cache
from generator.render import render
from generator.spec import build_spec
from generator.templates import templates_of


def every_tool() -> None:
    """What somebody renders who uses all providers and tools, each with all its triggers."""
    for pack, tool in tools():
        answers = answer(
            pack, tool, one_each(supported(pack, tool)), ci=next(iter(PACKS.ci_systems))
        )
        render(build_spec(answers, PACKS), PACKS)
    cache.keep()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEN_CACHE_DIR", str(tmp_path))
    return tmp_path


def forget() -> None:
    """As a new process begins."""
    templates_of.cache_clear()
    cache._cache.cache_clear()
    cache._opened.clear()


def test_nothing_is_compiled_twice(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is: a cache that is too full for all would start anew in each run."""
    forget()
    every_tool()
    forget()
    before = {file.name: file.stat().st_mtime_ns for file in empty_cache.iterdir()}
    monkeypatch.setattr("jinja2.Environment.compile", None)  # whoever calls it fails
    every_tool()
    assert {file.name: file.stat().st_mtime_ns for file in empty_cache.iterdir()} == before
    assert not [name for name in before if set(name) & set("{}:%" + os.sep)]
    forget()
