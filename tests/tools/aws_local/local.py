"""`local_aws()`: a server that is AWS enough to deploy a service to and to send it events.

    with local_aws() as aws:
        subprocess.run([sam, "deploy", ...], env=aws.child_env(), check=True)
        aws.client("sqs").send_message(QueueUrl=..., MessageBody="{}")
        assert "done" in aws.logs("orders-dev-worker")

How tools are pointed at it: by their environment alone, `child_env()`. boto3, the aws CLI, `sam`
and the JavaScript SDK v3 read AWS_ENDPOINT_URL; osls holds the JavaScript SDK v2, which does not,
so NODE_OPTIONS preloads `moto_endpoint.js`. A project's own files are not touched.

What is not emulated: IAM (but for a function's resource policy, which it has in common with its
aliases), API Gateway's own endpoints and
function URLs (invoke the function with the event instead), time (schedules do not fire: see
`fire_schedule`; visibility timeouts, batching windows and retry delays are cut short),
throttling and concurrency limits, quotas, encryption, VPCs, rollback of stacks, and
metrics (so alarms never ring).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools import provision
from tools.aws_local.sandbox import REGION

HERE = Path(__file__).resolve().parent
_TESTS = HERE.parents[1]
_PATIENCE_SECONDS = 10


class LocalAws:
    """A running server. `server_log` tells every invocation, and what was not delivered and why."""

    def __init__(self, folder: Path, region: str) -> None:
        self.region = region
        self._folder = folder
        self._clients: dict[str, Any] = {}
        python = provision.venv_program("aws_local", "python")
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-m", "tools.aws_local.server"],
                cwd=folder,
                env=self._server_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        self.endpoint_url = self._process.stdout.readline().strip()
        if not self.endpoint_url:
            raise RuntimeError(f"the server did not start:\n{self.server_log}")

    @property
    def env(self) -> dict[str, str]:
        """What points a tool at this server; `child_env` is this over the process's own."""
        hook = json.dumps(str(HERE / "moto_endpoint.js"))
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": str(self._folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._folder / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "SAM_CLI_TELEMETRY": "0",
            "SLS_TELEMETRY_DISABLED": "1",
            "SLS_NOTIFICATIONS_MODE": "off",
            "SLS_AWS_MONITORING_FREQUENCY": "200",  # milliseconds; osls waits five seconds
            "NODE_OPTIONS": f"--require {hook}",
        }

    def child_env(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment for a tool: `base` (this process's) without its own words on AWS."""
        kept = {
            name: value
            for name, value in (os.environ if base is None else base).items()
            if not name.startswith("AWS_") or name == "AWS_CA_BUNDLE"
        }
        return {**kept, **self.env}

    def client(self, service: str) -> Any:
        """A boto3 client of this server."""
        import boto3  # here, so that a test of the sandbox alone needs no boto3

        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._clients[service]

    def invoke(self, function_name: str, event: object) -> Any:
        """The function's result; RuntimeError with what it raised otherwise."""
        answer = self.client("lambda").invoke(
            FunctionName=function_name, Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise RuntimeError(f"{function_name}: {json.dumps(payload)}")
        return payload

    def logs(self, function_name: str) -> list[str]:
        """The lines that a function has written, oldest first; none before its first event."""
        settings = self.client("lambda").get_function_configuration(FunctionName=function_name)
        group = settings.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{function_name}")
        logs = self.client("logs")
        try:
            pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=group))
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for page in pages for event in page["events"]]

    def fire_schedule(self, name: str, group: str = "default") -> None:
        """Do what EventBridge Scheduler would at the appointed time: invoke the target."""
        schedule = self.client("scheduler").get_schedule(Name=name, GroupName=group)
        target = schedule["Target"]
        attributes = {"scheduled-time": "2025-11-27T03:00:00Z", "schedule-arn": schedule["Arn"]}
        event = target.get("Input", "{}")
        for name, value in attributes.items():
            event = event.replace(f"<aws.scheduler.{name}>", value)
        self.client("lambda").invoke(
            FunctionName=target["Arn"],
            InvocationType="Event",
            Payload=event.encode(),
        )

    @property
    def server_log(self) -> str:
        """Everything the server has said so far."""
        return self._log_path.read_text(errors="replace")

    def stop(self) -> None:
        """End the server and, with it, every function's process."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    @property
    def _log_path(self) -> Path:
        return self._folder / "server.log"

    def _server_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **kept,
            "PYTHONPATH": str(_TESTS),
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            # Roles attach managed policies by ARN; moto knows them only if asked to.
            "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        }


@contextlib.contextmanager
def local_aws(region: str = REGION) -> Iterator[LocalAws]:
    """A server of its own on a free port, gone with all its processes and files afterwards.

    When the block fails, the server's log goes to standard error, where pytest shows it.
    """
    with tempfile.TemporaryDirectory(prefix="aws-local-") as folder:
        aws = LocalAws(Path(folder), region)
        try:
            yield aws
        except BaseException:
            print(aws.server_log, file=sys.stderr)
            raise
        finally:
            aws.stop()
