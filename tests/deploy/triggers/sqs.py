"""Messages of a queue: good ones, poison, and both in one batch."""

from __future__ import annotations

from deploy.deployed import Deployed

FUNCTIONS = ("sqs=refunds",)
SETTINGS = ()


def check_a_poison_message_ends_in_the_dead_letter_queue(deployed: Deployed) -> None:
    sqs = deployed.aws.client("sqs")
    url = deployed.queue("orders-refunds-dev")
    good = deployed.event("refunds", "sample")["Records"][0]["body"]
    sqs.send_message(QueueUrl=url, MessageBody=good)
    assert deployed.waiting("orders-refunds-dev") == []
    sqs.send_message(QueueUrl=url, MessageBody="alone {")
    bodies = [good, "in a batch {", good]
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert deployed.waiting("orders-refunds-dev") == []
    assert sorted(deployed.waiting("orders-refunds-dev-dlq")) == ["alone {", "in a batch {"]
