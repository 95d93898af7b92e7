"""What happens to an object. Plain Python: no S3 and no AWS in here."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs 3 ms of every cold start; type checkers know this name
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def process(
    *, bucket: str, key: str, size: int | None, event: str, read: Callable[[], bytes]
) -> dict[str, Any]:
    """Do the work for one object. `read` fetches its content; `size` is unknown of a removed one.

    An event may come twice, and after a later one of the same object: let what you write depend
    on the object alone, as in a key of your own made from `key`, and twice is as good as once.
    """
    return {"bucket": bucket, "key": key, "size": size, "event": event}
