"""Services to change: rendered once for each tool, and copied for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from evolve.playground import Service, new_service
from evolve.witness import copy_of

TOOLS = ("sam", "serverless")

Make = Callable[[str], Service]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """The pristine service of a tool, which nobody may change."""
    made: dict[str, Service] = {}

    def of(tool: str) -> Service:
        if tool not in made:
            folder = tmp_path_factory.mktemp(tool)
            made[tool] = new_service(folder, "http=api", "s3=uploads", tool=tool)
        return made[tool]

    return of


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A pristine service with the function `api` alone."""
    return new_service(tmp_path_factory.mktemp("small"), "http=api")


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory, small: Service) -> Service:
    """What `gen add-trigger s3 --name uploads` makes of it."""
    service = copy_of(small, tmp_path_factory.mktemp("grown"))
    service.gen("add-trigger", "s3", "--name", "uploads")
    return service


@pytest.fixture
def copy(rendered: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A service of this tool with the functions `api` (http) and `uploads` (s3), to change."""
    monkeypatch.setattr(os, "fsync", lambda file: None)  # no power fails here
    made: list[Path] = []

    def of(tool: str) -> Service:
        made.append(tmp_path / f"{len(made)}" / "orders")
        shutil.copytree(rendered(tool).root, made[-1])
        return Service(made[-1])

    return of


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(copy: Make, tool: str) -> Service:
    return copy(tool)


@pytest.fixture
def sam(copy: Make) -> Service:
    return copy("sam")


@pytest.fixture
def serverless(copy: Make) -> Service:
    return copy("serverless")
