"""Executions of state machines, by moto's interpreter: the deployed code is a task of each."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import Any

from deploy.breaking import failing
from deploy.deployed import ACCOUNT, REGION, Deployed
from deploy.effect import grants, retention
from tools.aws_local import LocalAws

FUNCTIONS = ("step-functions=fulfil", "step-functions=quick")
SETTINGS = ("quick.type=EXPRESS",)
NAMES = ("orders-fulfil-dev", "orders-quick-dev")
PATIENCE_SECONDS = 20


def arn(name: str) -> str:
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def effect(aws: LocalAws) -> dict[str, object]:
    return {"state_machines": {name: state_machine(aws, name) for name in NAMES}}


def state_machine(aws: LocalAws, name: str) -> dict[str, Any]:
    found = aws.client("stepfunctions").describe_state_machine(stateMachineArn=arn(name))
    logging = found["loggingConfiguration"]
    [place] = logging["destinations"]
    group = place["cloudWatchLogsLogGroup"]["logGroupArn"].split(":log-group:")[1]
    role = aws.client("iam").get_role(RoleName=found["roleArn"].rsplit("/", 1)[1])["Role"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    return {
        "type": found["type"],
        "definition": json.loads(stable(found["definition"])),
        "may": grants(aws, found["roleArn"]),
        "trusted_if": trust["Condition"],
        "log_group": group.removesuffix(":*"),
        "log_retention_days": retention(aws, group.removesuffix(":*")),
        "logs": [logging["level"], logging["includeExecutionData"]],
        "traced": found["tracingConfiguration"]["enabled"],
    }


def stable(definition: str) -> str:
    """Without the host of the queues' URLs, which each deployment has anew."""
    return re.sub(rf"https?://[^/]+/{ACCOUNT}/", "", definition)


def execute(deployed: Deployed, name: str, given: object) -> dict[str, Any]:
    """The execution once it has ended."""
    client = deployed.aws.client("stepfunctions")
    started = client.start_execution(
        stateMachineArn=arn(name), name=uuid.uuid4().hex, input=json.dumps(given)
    )
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found: dict[str, Any] = client.describe_execution(executionArn=started["executionArn"])
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{started} does not end\n{deployed.aws.server_log}")


def invocations(deployed: Deployed, function: str) -> int:
    return deployed.aws.server_log.count(f"INVOKE orders-{function}-dev ")


def check_an_execution_runs_the_code(deployed: Deployed) -> None:
    ended = execute(deployed, "orders-fulfil-dev", {"id": "1"})
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"]) == {"received": {"id": "1"}}
    [record] = [r for r in deployed.records("fulfil") if r.get("execution")]
    assert record["execution"] == ended["executionArn"]
    assert deployed.waiting("orders-fulfil-dev-failed") == []


def check_an_invalid_input_fails_at_once(deployed: Deployed) -> None:
    before = invocations(deployed, "fulfil")
    ended = execute(deployed, "orders-fulfil-dev", "no object")
    assert (ended["status"], ended["error"]) == ("FAILED", "InvalidInput")
    assert "not a JSON object" in ended["cause"]
    assert invocations(deployed, "fulfil") == before + 1
    assert deployed.waiting("orders-fulfil-dev-failed") == []


def check_what_an_execution_fails_on_is_kept(deployed: Deployed) -> None:
    with failing(deployed, "fulfil"):
        ended = execute(deployed, "orders-fulfil-dev", {"id": "2"})
    assert ended["status"] == "FAILED"
    [kept] = deployed.waiting("orders-fulfil-dev-failed")
    message = json.loads(kept)
    assert message["execution"] == ended["executionArn"]
    assert message["input"] == {"id": "2"}
    assert message["failure"]["Error"] == ended["error"]


def check_only_a_temporary_failure_is_tried_again(deployed: Deployed) -> None:
    """By the definition that is deployed: the generated logic never raises one."""
    client = deployed.aws.client("stepfunctions")
    for name in NAMES:
        found = client.describe_state_machine(stateMachineArn=arn(name))
        [service, own] = json.loads(found["definition"])["States"]["Run"]["Retry"]
        assert all(error.startswith("Lambda.") for error in service["ErrorEquals"])
        assert own["ErrorEquals"] == ["TemporaryFailure"]
