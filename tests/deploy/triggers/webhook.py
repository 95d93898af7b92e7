"""Signed requests to function URLs. moto serves no URL: the functions get what one would send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

from deploy.deployed import Deployed
from deploy.effect import invoked, resource_policy
from tools.aws_local import LocalAws

FUNCTIONS = ("webhook=hooks", "webhook=pushes")
SETTINGS = (
    "pushes.sender=github",
    "pushes.reserved_concurrency=0",
    "pushes.secrets=payment-api",
)
NAMES = ("hooks", "pushes")
SENDERS_OWN = base64.b64encode(b"a secret of the sender's own").decode()


def prepare(deployed: Deployed) -> None:
    """The secret that a function reads is there before; its own is made by the deployment."""
    deployed.aws.client("secretsmanager").create_secret(
        Name="orders/dev/payment-api", SecretString="of-the-team"
    )


def effect(aws: LocalAws) -> dict[str, object]:
    return {
        "urls": {name: url(aws, f"orders-{name}-dev") for name in NAMES},
        "secrets": secrets(aws),
    }


def url(aws: LocalAws, function: str) -> dict[str, Any]:
    client = aws.client("lambda")
    found = client.get_function_url_config(**invoked(aws, function))
    reserved = client.get_function_concurrency(FunctionName=function)
    return {
        "auth": found["AuthType"],
        "reserved_concurrency": reserved.get("ReservedConcurrentExecutions"),
        "everyone_may": sorted(
            {
                f"{statement['Action']} if {statement['Condition']}"
                for statement in resource_policy(aws, function)
                if statement["Principal"] in ("*", {"AWS": "*"})
            }
        ),
    }


def secrets(aws: LocalAws) -> dict[str, Any]:
    client = aws.client("secretsmanager")
    return {
        name: len(client.get_secret_value(SecretId=name)["SecretString"])
        for name in sorted(each["Name"] for each in client.list_secrets()["SecretList"])
    }


def signing_secret(deployed: Deployed, function: str) -> str:
    client = deployed.aws.client("secretsmanager")
    return str(client.get_secret_value(SecretId=f"orders/dev/{function}")["SecretString"])


def hook(deployed: Deployed, delivery_id: str, *, age: int = 0, secret: str = "") -> int:
    """Sends what Standard Webhooks has its senders send, and tells the status of the answer."""
    event = deployed.event("hooks", "sample")
    timestamp = str(int(time.time()) - age)
    key = base64.b64decode(secret or signing_secret(deployed, "hooks"))
    signed = f"{delivery_id}.{timestamp}.{event['body']}".encode()
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    event["headers"] |= {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    return int(deployed.aws.invoke("orders-hooks-dev", event)["statusCode"])


def push(deployed: Deployed, body: str, secret: str = "") -> int:
    """Sends what GitHub sends."""
    event = deployed.event("pushes", "sample")
    key = (secret or signing_secret(deployed, "pushes")).encode()
    digest = hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
    event["headers"]["x-hub-signature-256"] = f"sha256={digest}"
    event |= {"body": base64.b64encode(body.encode()).decode(), "isBase64Encoded": True}
    return int(deployed.aws.invoke("orders-pushes-dev", event)["statusCode"])


def processed(deployed: Deployed, function: str) -> list[str]:
    return [r["delivery_id"] for r in deployed.records(function) if "delivery_id" in r]


def check_a_signed_request_reaches_the_code(deployed: Deployed) -> None:
    assert hook(deployed, "msg_signed") == 200
    assert processed(deployed, "hooks") == ["msg_signed"]
    assert push(deployed, '{"ref": "refs/heads/main"}') == 200
    assert len(processed(deployed, "pushes")) == 1


def check_what_is_not_signed_right_does_not(deployed: Deployed) -> None:
    before = processed(deployed, "hooks")
    unsigned = deployed.invoke("hooks", "sample")
    assert unsigned["statusCode"] == 401
    assert json.loads(unsigned["body"]) == {"message": "Unauthorized"}
    assert hook(deployed, "msg_forged", secret="b3RoZXItb3RoZXItb3RoZXItb3RoZXI=") == 401
    assert hook(deployed, "msg_recorded", age=301) == 401
    assert push(deployed, "{}", secret="another") == 401
    assert push(deployed, "[]") == 400
    assert processed(deployed, "hooks") == before
    reasons = [r["reason"] for r in deployed.records("hooks") if "reason" in r]
    assert reasons[0] == "there is no header 'webhook-timestamp'"
    assert reasons[1] == "no signature matches"
    assert reasons[2].startswith("it was signed 30")


def check_a_delivery_that_comes_twice(deployed: Deployed) -> None:
    """The Powertools variant remembers it; the lean one leaves that to the logic, and says so."""
    table = "orders-idempotency-dev"
    before = remembered(deployed, table)
    assert [hook(deployed, "msg_twice"), hook(deployed, "msg_twice")] == [200, 200]
    added = remembered(deployed, table) - before
    assert added == (1 if deployed.variant == "powertools" else 0)


def remembered(deployed: Deployed, table: str) -> int:
    client = deployed.aws.client("dynamodb")
    if table not in client.list_tables()["TableNames"]:
        return 0
    return int(client.scan(TableName=table, Select="COUNT")["Count"])


def across_the_secret_survives_a_deployment(deployed: Deployed) -> Iterator[None]:
    """A value that the sender gave is not replaced."""
    old = signing_secret(deployed, "hooks")
    put_secret(deployed, f"{SENDERS_OWN}\n{old}\n")
    yield
    assert signing_secret(deployed, "hooks") == f"{SENDERS_OWN}\n{old}\n"
    put_secret(deployed, old)


def put_secret(deployed: Deployed, value: str) -> None:
    client = deployed.aws.client("secretsmanager")
    client.put_secret_value(SecretId="orders/dev/hooks", SecretString=value)
