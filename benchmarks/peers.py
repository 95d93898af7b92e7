"""The programs that are measured, each installed as its users have it: alone, byte-compiled."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from tools.provision import CACHE, requirements_venv

from benchmarks import HERE, REPOSITORY

SOURCES = ("generator", "{{cookiecutter.project_slug}}", "pyproject.toml")


@cache
def program(distribution: str, name: str) -> str:
    """A program of a peer that requirements.txt pins, in an environment of its own."""
    return str(_environment(distribution, _pin(distribution), []) / "bin" / name)


@cache
def environment_on(python: str, *distributions: str) -> Path:
    """The environment of peers that requirements.txt pins, on another Python: `"3.13"`."""
    pins = "\n".join(map(_pin, distributions))
    return _environment(distributions[0], pins, [], python)


def _pin(distribution: str) -> str:
    lines = (HERE / "requirements.txt").read_text("utf-8").splitlines()
    [pin] = [line for line in lines if line.startswith(f"{distribution}==")]
    return pin


@cache
def gen() -> str:
    """`gen` from a wheel of this checkout, built anew when a file of it has changed."""
    files = [
        path
        for source in SOURCES
        for path in sorted([REPOSITORY / source, *(REPOSITORY / source).rglob("*")])
        if path.is_file() and path.suffix != ".pyc"
    ]
    # uv would take a wheel that it built of other sources: it looks at pyproject.toml only.
    os.environ["UV_NO_CACHE"] = "1"
    try:
        return str(_environment("gen", str(REPOSITORY), files) / "bin" / "gen")
    finally:
        del os.environ["UV_NO_CACHE"]


def _environment(
    name: str, requirement: str, depends_on: list[Path], python: str | None = None
) -> Path:
    requirements = CACHE / "benchmarks" / f"{name}.txt"
    requirements.parent.mkdir(parents=True, exist_ok=True)
    requirements.write_text(requirement + "\n", "utf-8")
    return requirements_venv(f"bench-{name}", [requirements, *depends_on], python)
