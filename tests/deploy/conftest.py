"""Keeps all tests of one deployment on one worker: they share it, and the last takes it away."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A mark on a fixture's parameter reaches its tests too late for xdist, which is told here."""
    for item in items:
        deployment = getattr(item, "callspec", None)
        if deployment and "deployed" in deployment.params:
            item.add_marker(pytest.mark.xdist_group(f"deploy-{deployment.id}"))
