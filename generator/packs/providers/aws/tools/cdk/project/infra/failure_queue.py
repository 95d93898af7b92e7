"""A queue for what failed, and the alarm that says there is something in it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

from infra.policies import keep_policy, tls_only
from infra.stack import ServiceStack


class FailureQueue(sqs.Queue):
    def __init__(
        self,
        stack: ServiceStack,
        id: str,
        *,
        name: str,
        description: str,
        fifo: bool = False,
        redrive_allow_policy: sqs.RedriveAllowPolicy | None = None,
    ) -> None:
        super().__init__(
            stack,
            id,
            queue_name=f"{name}.fifo" if fifo else name,
            fifo=True if fifo else None,  # False would be a property that standard queues lack
            retention_period=cdk.Duration.days(14),  # the longest there is
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            redrive_allow_policy=redrive_allow_policy,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.add_to_resource_policy(tls_only("sqs", self.queue_arn))
        keep_policy(self)
        stack.alarm(
            self,
            "Alarm",
            name=name,
            description=description,
            metric=self.metric_approximate_number_of_messages_visible(
                period=cdk.Duration.minutes(5),
                statistic="Maximum",
            ),
        )
