from __future__ import annotations

from orders.nightly import logic


def test_twice_is_as_good_as_once() -> None:
    first = logic.run(scheduled="2025-11-27T03:00:00Z")
    assert logic.run(scheduled="2025-11-27T03:00:00Z") == first
