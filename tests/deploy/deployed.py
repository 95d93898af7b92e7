"""A service that `make deploy` has put on a local AWS, as the checks see it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.aws_local import LocalAws
from tools.provision import node_environment
from tools.workbench import Workbench

from generator.request import Request

ACCOUNT = "123456789012"
REGION = "eu-west-1"


@dataclass(frozen=True)
class Deployed:
    """The service in its folder, what was asked for, and the server that it is deployed to."""

    request: Request
    variant: str
    service: Workbench
    aws: LocalAws
    until_the_end: ExitStack = field(default_factory=ExitStack)
    extra_environment: dict[str, str] = field(default_factory=dict)
    """What `prepare` of the tool's module has put there, for the tool."""

    @property
    def folder(self) -> Path:
        return self.service.folder

    def make(self, *words: str) -> str:
        """What `make` said; it must succeed."""
        done = self.service.make(*words, env=self.environment())
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.aws.server_log}"
        return done.stdout + done.stderr

    def environment(self) -> dict[str, str]:
        return {**self.aws.child_env(node_environment()), **self.extra_environment}

    def event(self, function: str, name: str) -> Any:
        return json.loads((self.folder / "events" / function / f"{name}.json").read_text())

    def invoke(self, function: str, event: str) -> Any:
        return self.aws.invoke(f"orders-{function}-dev", self.event(function, event))

    def records(self, function: str) -> list[dict[str, Any]]:
        """The structured log records of a function: every line of its log is one."""
        return [json.loads(line) for line in self.aws.logs(f"orders-{function}-dev")]

    def queue(self, name: str) -> str:
        """A queue's URL."""
        url: str = self.aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        return url

    def waiting(self, name: str) -> list[str]:
        """The bodies of the messages in a queue, which is left as it was."""
        answer = self.aws.client("sqs").receive_message(
            QueueUrl=self.queue(name), MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in answer.get("Messages", [])]
