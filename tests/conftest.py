"""In which order the tests run."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker begins with its part of the deployments, which take minutes each.

    `--dist worksteal` gives each worker a part of the list in its order, and moves from the end of
    a part what a worker without work can take: it must find short tests there.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.path.parent.name == "deploy"]
    short = [item for item in items if item.path.parent.name != "deploy"]
    size = -(-len(short) // workers)
    items[:] = [
        item
        for worker in range(workers)
        for item in (*long[worker::workers], *short[worker * size : (worker + 1) * size])
    ]
