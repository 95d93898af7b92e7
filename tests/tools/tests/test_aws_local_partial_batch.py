"""What the Developer Guide says of each kind of response to a batch."""

from __future__ import annotations

import pytest
from tools.aws_local.partial_batch import failed_ids

SENT = ["a", "b"]


@pytest.mark.parametrize(
    ("response", "failed"),
    [
        ("", set()),
        ("null", set()),
        ("{}", set()),
        ('{"batchItemFailures": null}', set()),
        ('{"batchItemFailures": []}', set()),
        ('{"batchItemFailures": [{"itemIdentifier": "a"}]}', {"a"}),
        ('{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}', {"a", "b"}),
        ('{"batchItemFailures": [{"itemIdentifier": ""}]}', {"a", "b"}),
        ('{"batchItemFailures": [{"itemIdentifier": null}]}', {"a", "b"}),
        ('{"batchItemFailures": [{"id": "a"}]}', {"a", "b"}),
        ('{"batchItemFailures": [{"itemIdentifier": "c"}]}', {"a", "b"}),
        ('{"batchItemFailures": ["a"]}', {"a", "b"}),
        ('{"batchItemFailures": "a"}', {"a", "b"}),
        ('"done"', {"a", "b"}),
        ("not JSON", {"a", "b"}),
    ],
)
def test_failed_ids(response: str, failed: set[str]) -> None:
    assert failed_ids(response.encode(), SENT) == failed
