"""What a message is for. Plain Python: no SQS and no AWS in here."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs 3 ms of every cold start; type checkers know this name
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def process(message: Mapping[str, Any], *, message_id: str) -> None:
    """Do the work for one message. What it raises makes SQS send the message again.

    A message may come twice: `message_id` is then the same, and a good key for
    what must happen once (a conditional write, an idempotency key of an API).
    """
