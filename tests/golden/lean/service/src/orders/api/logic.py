"""What the requests are for. Plain Python: no HTTP and no AWS in here.

Every function gets the parameters of the path, and what was sent: the query of GET and DELETE, the
JSON object in the body of the others. What it returns goes back as JSON.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs 3 ms of every cold start; type checkers know this name
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class InvalidRequest(Exception):
    """Raised when a request cannot be served as it is: the caller gets status 400 and the text."""


class NotFound(Exception):
    """Raised when there is no such thing: the caller gets status 404 and the text."""


def get(parameters: Mapping[str, str], query: Mapping[str, str]) -> dict[str, Any]:
    """Look something up."""
    return {"parameters": dict(parameters), "query": dict(query)}


def post(parameters: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
    """Create something."""
    return {"parameters": dict(parameters), "received": dict(body)}
