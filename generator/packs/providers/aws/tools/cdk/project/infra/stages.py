"""The settings of each stage. A new stage is a copy of one of these; there are no others.

Secrets do not belong here: keep them in Secrets Manager and pass their names.
"""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk.aws_lambda import ApplicationLogLevel
from aws_cdk.aws_logs import RetentionDays


@dataclass(frozen=True)
class Settings:
    log_level: ApplicationLogLevel
    log_retention: RetentionDays
    alarm_email: str  # who is told of alarms; the address must confirm once


STAGES = {
    "dev": Settings(
        log_level=ApplicationLogLevel.INFO,  # DEBUG has boto3 log whole requests, too
        log_retention=RetentionDays.TWO_WEEKS,
        alarm_email="",
    ),
    "prod": Settings(
        log_level=ApplicationLogLevel.INFO,
        log_retention=RetentionDays.THREE_MONTHS,
        alarm_email="",
    ),
}
