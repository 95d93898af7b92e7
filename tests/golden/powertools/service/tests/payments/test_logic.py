from __future__ import annotations

from billing.payments import logic


def test_a_second_time_raises_nothing() -> None:
    """It may come again after it was done. What it leaves behind then, once, is yours to assert."""
    for _ in range(2):
        logic.process({"order": 1}, message_id="1")
