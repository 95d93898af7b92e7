"""What the tests of every function share. Nothing here reaches AWS."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EVENTS = Path(__file__).parent.parent / "events"

# Set before a handler is imported. A client that is not stubbed finds no credentials of yours.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",  # noqa: S106
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    IDEMPOTENCY_TABLE="testing",
    POWERTOOLS_IDEMPOTENCY_DISABLED="true",
    STAGE="test",
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
    os.environ.pop(name, None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "ignore:Disabling idempotency:UserWarning")


class Context:
    """The part of Lambda's context object that handlers use."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"
    function_name = "test"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test"
    memory_limit_in_mb = "256"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def load_event(request: pytest.FixtureRequest) -> Callable[[str], dict[str, Any]]:
    """Reads `events/<function>/<name>.json` for the tests in `tests/<function>/`."""
    folder = EVENTS / request.path.parent.name

    def load(name: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return event

    return load
