"""Log lines that can be searched by their fields.

The Functions host adds the invocation to each line: Application Insights has its id in
`customDimensions.InvocationId` and the function in `operation_Name`. Of a record itself the host
takes the text alone, so the fields are in the text, as JSON. docs/architecture.md has a query.
"""

from __future__ import annotations

import json


def line(message: str, **fields: object) -> str:
    """The text of a log record, for `logger.info(...)` and its siblings."""
    return json.dumps({"message": message, **fields}, ensure_ascii=False, default=str)
