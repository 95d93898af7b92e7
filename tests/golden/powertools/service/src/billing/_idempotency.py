"""Keeps what comes twice from being done twice: a table remembers what was done."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
    from aws_lambda_powertools.utilities.typing import LambdaContext


def once[**P, Result](
    function: Callable[P, Result], *, key: str, context: LambdaContext, days: int = 1
) -> Callable[P, Result]:
    """`function`, but not run again for a value of its argument `key` that it had in these days.

    It then returns what it returned the first time, as JSON has it. A run that raised something is
    not remembered, so the next one does the work. The argument must be given by its name.
    """
    # Not at the top: this imports boto3, which takes 0.4 s, and no start should wait for that.
    # The first event that has something to remember does.
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function

    config = IdempotencyConfig(
        expires_after_seconds=days * 24 * 60 * 60, raise_on_no_idempotency_key=True
    )
    # With it the table learns when a run that is cut off by its timeout is over.
    config.register_lambda_context(context)
    remembered: Callable[P, Result] = idempotent_function(
        function, data_keyword_argument=key, config=config, persistence_store=_store(days)
    )
    return remembered


@functools.cache
def _store(days: int) -> DynamoDBPersistenceLayer:
    """One for all invocations; what a store is first used with is its period from then on."""
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    return DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
