"""What the tests of every function share. Nothing here reaches Google Cloud."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.functions import ROOT, load, load_settings, send

# Set before a handler is imported.
os.environ["STAGE"] = "test"
load_settings(ROOT / ".env.example")


@functools.cache
def app(name: str) -> flask.Flask:
    """The function in the framework that runs it in the cloud."""
    return load(name)


@pytest.fixture
def invoke(request: pytest.FixtureRequest) -> Callable[[Any], dict[str, Any]]:
    """Sends an event to the function that `tests/<function>/` is about: `status`, `headers`, `body`.

    Status 500 is a function that failed: whoever sent the event tries again.
    """
    served = app(request.path.parent.name)

    def run(event: Any) -> dict[str, Any]:
        return send(served, event)

    return run


@pytest.fixture
def load_event(request: pytest.FixtureRequest) -> Callable[[str], dict[str, Any]]:
    """Reads `events/<function>/<name>.json` for the tests in `tests/<function>/`."""
    folder = ROOT / "events" / request.path.parent.name

    def load(name: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return event

    return load
