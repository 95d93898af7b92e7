"""A run of the schedule."""

from __future__ import annotations

import logging

from . import logic

TYPE_CHECKING = False  # `typing` costs 3 ms of every cold start; type checkers know this name
if TYPE_CHECKING:
    from typing import Any

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do the work that is due.

    A failure is raised, not caught: Lambda then tries the same event twice more, counts the errors
    for the alarm, and puts the event into the queue of failed ones.
    """
    scheduled = event["time"]
    result = logic.run(scheduled=scheduled)
    logger.info("run done", extra={"scheduled": scheduled})
    return result
