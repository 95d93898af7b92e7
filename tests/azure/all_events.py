"""Runs every function of a service on every event of it, and says what came of each, as JSON.

Run by the service's own Python in the service's folder: `python all_events.py`.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))


class Lines(logging.Handler):
    """What the functions log, each line with the invocation that the library gives the host."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[str, str | None]] = []

    def emit(self, record: logging.LogRecord) -> None:
        from azure_functions_runtime.utils.executor import invocation_id_cv

        if not record.name.startswith("azure"):
            self.kept.append((record.getMessage(), invocation_id_cv.get()))


def main() -> None:
    from scripts.worker import IndexingError, Worker, load_settings

    lines = Lines()
    logging.basicConfig(level="INFO", handlers=[lines])
    load_settings(Path("local.settings.example.json"))
    try:
        worker = Worker()
    except IndexingError as error:
        print(json.dumps({"refused": str(error)}))
        return
    found: dict[str, Any] = {}
    for name, function in worker.functions.items():
        events = {
            path.stem: outcome(worker, name, json.loads(path.read_text("utf-8")))
            for path in sorted(Path("events", name).glob("*.json"))
        }
        retry = {key: str(value) for key, value in function.retry.items()}
        found[name] = {"bindings": function.bindings, "retry": retry, "events": events}
    worker.close()
    print(json.dumps({"functions": found, "lines": lines.kept}))


def outcome(worker: Any, name: str, event: object) -> dict[str, Any]:
    from scripts.worker import EventError, FunctionError

    try:
        return {"result": worker.invoke(name, event)}
    except (EventError, FunctionError) as error:
        return {"error": str(error)}


if __name__ == "__main__":
    main()
