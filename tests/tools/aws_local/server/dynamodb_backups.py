"""DynamoDB: a table that was made a moment ago refuses point-in-time recovery, here just once.

Source: "UpdateContinuousBackups" in the Amazon DynamoDB API Reference:
`ContinuousBackupsUnavailableException`. moto never refuses.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import DynamoDBBackend


def install() -> None:
    plain = DynamoDBBackend.update_continuous_backups

    def update_continuous_backups(self: Any, table_name: str, *given: Any, **named: Any) -> Any:
        table = self.tables.get(table_name)
        if table and not getattr(table, "backups_are_enabled", False):
            table.backups_are_enabled = True
            raise JsonRESTError(
                "ContinuousBackupsUnavailableException",
                f"Backups are being enabled for the table: {table_name}. Please retry later",
            )
        return plain(self, table_name, *given, **named)

    DynamoDBBackend.update_continuous_backups = update_continuous_backups
