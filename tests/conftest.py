"""In which order the tests run; how long an example may take: as long as the machine needs."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# In CI hypothesis does so by itself; a busy machine elsewhere is no mistake either.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")

# Folders whose tests take longest, the first of them minutes each; tests that take no time.
LONG = ("deploy", "packages", "generated")
SHORT = ("unit", "cli", "wizard", "golden")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker begins with its share of the longest tests, and ends with its share of the short.

    `--dist worksteal` gives each worker a part of the list in its order, of the same length, and
    moves from the end of a part what a worker without work can take: it must find short tests
    there, so that the run does not end with one worker at a long one.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    folders = [item.path.parent.name for item in items]
    long = [item for name in LONG for item, at in zip(items, folders, strict=True) if at == name]
    rest = [item for item, at in zip(items, folders, strict=True) if at not in (*LONG, *SHORT)]
    short = [item for item, at in zip(items, folders, strict=True) if at in SHORT]
    items[:] = [
        item
        for worker in range(workers)
        for item in (
            *long[worker::workers],
            *part(rest, worker, workers),
            *part(short, worker, workers),
        )
    ]


def part(items: list[pytest.Item], worker: int, workers: int) -> list[pytest.Item]:
    """Tests that stand together stay together: they share fixtures."""
    return items[worker * len(items) // workers : (worker + 1) * len(items) // workers]
