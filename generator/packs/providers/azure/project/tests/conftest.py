"""What the tests of every function share. Nothing here reaches Azure."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.worker import ROOT, Worker, load_settings

# Set before a handler is imported.
os.environ["STAGE"] = "test"
load_settings(ROOT / "local.settings.example.json")


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """The app in the library that runs it in Azure: it would refuse what the host refuses."""
    made = Worker(ROOT)
    yield made
    made.close()


@pytest.fixture
def invoke(worker: Worker, request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Runs the function that `tests/<function>/` is about. Raises RuntimeError when it fails."""
    name = request.path.parent.name

    def run(event: Any) -> Any:
        return worker.invoke(name, event)

    return run


@pytest.fixture
def load_event(request: pytest.FixtureRequest) -> Callable[[str], dict[str, Any]]:
    """Reads `events/<function>/<name>.json` for the tests in `tests/<function>/`."""
    folder = ROOT / "events" / request.path.parent.name

    def load(name: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return event

    return load
