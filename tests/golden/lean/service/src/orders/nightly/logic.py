"""What there is to do when the time comes. Plain Python: no AWS in here."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs 3 ms of every cold start; type checkers know this name
if TYPE_CHECKING:
    from typing import Any


def run(*, scheduled: str) -> dict[str, Any]:
    """Do the work that was due at `scheduled`, as in 2025-11-27T03:00:00Z.

    The same run may come twice, or late: let what you do depend on `scheduled`, never on the
    clock, and make it the key of what must happen once. Then twice is as good as once.
    """
    return {"scheduled": scheduled}
