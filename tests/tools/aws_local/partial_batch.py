"""What a function's answer to a batch of messages means.

Source: "Implementing partial batch responses" (Amazon SQS) in the AWS Lambda Developer Guide.
"""

from __future__ import annotations

import json
from collections.abc import Collection


def failed_ids(response: bytes, sent: Collection[str]) -> set[str]:
    """The messages that the function reports as failed; all of them for a malformed report.

    A missing, null or empty `batchItemFailures` is complete success. A response that is no JSON
    object, an entry without `itemIdentifier`, and an identifier that is empty or was not sent,
    are complete failure.
    """
    everything = set(sent)
    try:
        answer = json.loads(response or b"null")
    except ValueError:
        return everything
    if answer is None:
        return set()
    if not isinstance(answer, dict):
        return everything
    entries = answer.get("batchItemFailures") or []
    if not isinstance(entries, list):
        return everything
    reported = {
        entry.get("itemIdentifier") if isinstance(entry, dict) else None for entry in entries
    }
    return everything & reported if reported <= everything else everything
