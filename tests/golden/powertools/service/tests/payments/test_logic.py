from __future__ import annotations

from billing.payments import logic


def test_twice_is_as_good_as_once() -> None:
    for _ in range(2):
        logic.process({"order": 1}, message_id="1")
