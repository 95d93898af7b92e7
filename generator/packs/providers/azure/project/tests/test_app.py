"""The app as a whole, as the Functions host gets to know it."""

from __future__ import annotations

import json

from scripts.worker import ROOT, Worker


def test_every_handler_is_a_function_of_its_own_name(worker: Worker) -> None:
    folders = {path.parent.name for path in (ROOT / "src").glob("*/*/handler.py")}
    assert set(worker.functions) == folders


def test_what_connects_to_a_service_has_a_local_setting(worker: Worker) -> None:
    """Without it, `make start` would stop at the first binding that it cannot connect."""
    settings = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))["Values"]
    used = {
        binding["connection"]
        for function in worker.functions.values()
        for binding in function.bindings
        if binding.get("connection")
    }
    known = {name.partition("__")[0] for name in settings}
    assert used <= known
