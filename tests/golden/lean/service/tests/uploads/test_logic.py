from __future__ import annotations

from orders.uploads import logic


def read() -> bytes:
    return b"content"


def test_twice_is_as_good_as_once() -> None:
    first = logic.process(bucket="b", key="k", size=1, event="created", read=read)
    assert logic.process(bucket="b", key="k", size=1, event="created", read=read) == first
    assert first["key"] == "k"
