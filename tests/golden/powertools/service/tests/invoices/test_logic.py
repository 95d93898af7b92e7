from __future__ import annotations

from billing.invoices import logic


def test_get() -> None:
    result = logic.get({"id": "42"}, {"name": "example"})
    assert result["parameters"] == {"id": "42"}


def test_post() -> None:
    result = logic.post({"id": "42"}, {"name": "example"})
    assert result["parameters"] == {"id": "42"}
