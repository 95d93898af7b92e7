"""What a deployment has made of a service, read back from the cloud: the same for every tool."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

from deploy.composition import trigger_module
from tools.aws_local import LocalAws

STREAM_FIELDS = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FilterCriteria",
    "MaximumBatchingWindowInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ScalingConfig",
    "StartingPosition",
)


def effect_by_trigger(aws: LocalAws, triggers: Iterable[str]) -> dict[str, Any]:
    """What each trigger's functions have and may do, and what is around them, by its name.

    Names that a tool chooses for itself are left out. What belongs to no function is `service`.
    """
    everything: dict[str, dict[str, Any]] = {
        "functions": {name: function(aws, name) for name in function_names(aws)},
        "queues": queues(aws),
        "alarms": alarms(aws),
        "tables": tables(aws),
    }
    found: dict[str, Any] = {}
    for trigger in triggers:
        module = trigger_module(trigger)
        functions = [text.partition("=")[2].replace("_", "-") for text in module.FUNCTIONS]
        beginnings = tuple(f"orders-{name}-" for name in functions)
        found[trigger] = {
            kind: {name: these.pop(name) for name in list(these) if name.startswith(beginnings)}
            for kind, these in everything.items()
        } | (module.effect(aws) if hasattr(module, "effect") else {})
    return without_alias({**found, "service": everything})


def without_alias(found: dict[str, Any]) -> dict[str, Any]:
    """As if all were invoked directly: that is the one thing in which a canary differs."""
    text = re.sub(r':live(?=["/ ])', "", json.dumps(found))
    plain: dict[str, Any] = json.loads(text)
    return plain


def grants_of_functions(aws: LocalAws) -> dict[str, list[str]]:
    """`action on resource` for all that each function may do."""
    client = aws.client("lambda")
    return {
        name: grants(aws, client.get_function_configuration(FunctionName=name)["Role"])
        for name in function_names(aws)
    }


def function_names(aws: LocalAws) -> list[str]:
    return sorted(f["FunctionName"] for f in aws.client("lambda").list_functions()["Functions"])


def function(aws: LocalAws, name: str) -> dict[str, Any]:
    client = aws.client("lambda")
    configuration = client.get_function_configuration(FunctionName=name)
    group = configuration["LoggingConfig"].get("LogGroup", f"/aws/lambda/{name}")
    return {
        "runtime": configuration["Runtime"],
        "handler": configuration["Handler"],
        "architectures": configuration["Architectures"],
        "timeout": configuration["Timeout"],
        "memory": configuration["MemorySize"],
        "environment": configuration.get("Environment", {}).get("Variables", {}),
        "tracing": configuration["TracingConfig"]["Mode"],
        "log_format": configuration["LoggingConfig"]["LogFormat"],
        "log_group": group,
        "log_retention_days": retention(aws, group),
        "tags": own_tags(client.list_tags(Resource=configuration["FunctionArn"])["Tags"]),
        "may": grants(aws, configuration["Role"]),
        "on_failure": on_failure(aws, name),
        "event_sources": event_sources(aws, name),
        "invoked_by": invoked_by(aws, name),
    }


def own_tags(tags: dict[str, str]) -> dict[str, str]:
    """The tags of the service: each tool adds some of its own to what it makes."""
    return {key: value for key, value in sorted(tags.items()) if key in ("service", "stage")}


def retention(aws: LocalAws, group: str) -> int:
    [found] = aws.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    days: int = found["retentionInDays"]
    return days


def grants(aws: LocalAws, role_arn: str) -> list[str]:
    """`action on resource` for every statement of the role, inline and attached."""
    iam = aws.client("iam")
    role = role_arn.rsplit("/", 1)[1]
    documents = [
        as_json(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    found = [f"everything in {policy['PolicyName']}" for policy in attached]
    for document in documents:
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            for action in as_list(statement["Action"]):
                found += [
                    f"{action} on {stable(resource)}" for resource in as_list(statement["Resource"])
                ]
    return sorted(found)


def as_json(document: Any) -> Any:
    """A policy; of one that CloudFormation made, moto tells Python's text for it.

    In that, a log group's attribute lacks the `:*` for its streams that CloudFormation's has. Where
    a tool writes the ARN itself, nothing is put right: without it the function cannot log.
    """
    if not isinstance(document, str):
        return document
    return ast.literal_eval(re.sub(r"(:log-group:[^:']*)'", r"\1:*'", document))


def in_order(document: Any) -> Any:
    """The same JSON with its keys sorted: each tool writes them in an order of its own."""
    return json.loads(json.dumps(document, sort_keys=True))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def on_failure(aws: LocalAws, name: str) -> dict[str, Any] | None:
    client = aws.client("lambda")
    try:
        found = client.get_function_event_invoke_config(**invoked(aws, name))
    except client.exceptions.ResourceNotFoundException:
        return None
    return {
        "retries": found.get("MaximumRetryAttempts"),
        "destination": found["DestinationConfig"]["OnFailure"]["Destination"],
    }


def event_sources(aws: LocalAws, name: str) -> list[dict[str, Any]]:
    """The mappings from queues and streams to a function; of streams, how they are read."""
    found = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return [
        {
            "source": stable(mapping["EventSourceArn"]),
            "batch_size": mapping["BatchSize"],
            "reports": mapping.get("FunctionResponseTypes", []),
            **{field: mapping[field] for field in STREAM_FIELDS if mapping.get(field)},
        }
        for mapping in found
        if f":function:{name}" in mapping["FunctionArn"]
    ]


def invoked(aws: LocalAws, name: str) -> dict[str, str]:
    """What triggers invoke: the function, or its alias `live` where there is one."""
    aliases = aws.client("lambda").list_aliases(FunctionName=name)["Aliases"]
    live = any(alias["Name"] == "live" for alias in aliases)
    return {"FunctionName": name, **({"Qualifier": "live"} if live else {})}


def function_in(arn: str) -> str:
    """The name in a function's ARN, or an alias's, or an API's URI of either."""
    return re.split("[:/]", arn.split(":function:")[1])[0]


def invoked_by(aws: LocalAws, name: str) -> list[str]:
    """Who may do what, by the function's resource policy: `lambda:InvokeFunction by ...`.

    Tools differ in how closely they name the source, so that is left to a check of its own.
    """
    found = resource_policy(aws, name)
    return sorted({f"{entry['Action']} by {principal(entry)}" for entry in found})


def resource_policy(aws: LocalAws, name: str) -> list[dict[str, Any]]:
    client = aws.client("lambda")
    try:
        statements: list[dict[str, Any]] = json.loads(
            client.get_policy(**invoked(aws, name))["Policy"]
        )["Statement"]
    except client.exceptions.ResourceNotFoundException:
        return []
    return statements


def principal(statement: dict[str, Any]) -> str:
    who = statement["Principal"]
    return who if isinstance(who, str) else str(next(iter(who.values())))


def stable(text: str) -> str:
    """Without what the cloud makes up: ids of APIs and of streams."""
    text = re.sub(r"(:execute-api:[^:]*:[^:]*:)[a-z0-9]+/", r"\1API/", text)
    return re.sub(r"/stream/[0-9T:.-]+", "/stream/LABEL", text)


def queues(aws: LocalAws) -> dict[str, Any]:
    sqs = aws.client("sqs")
    found = {}
    for url in sqs.list_queues().get("QueueUrls", []):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        policy = json.loads(attributes["Policy"])["Statement"] if "Policy" in attributes else []
        redrive = json.loads(attributes.get("RedrivePolicy", "{}"))
        found[url.rsplit("/", 1)[1]] = {
            "visibility_timeout": int(attributes["VisibilityTimeout"]),
            "retention_seconds": int(attributes["MessageRetentionPeriod"]),
            "encrypted": attributes.get("SqsManagedSseEnabled") == "true",
            "max_receive_count": redrive.get("maxReceiveCount"),
            "dead_letters_to": redrive.get("deadLetterTargetArn"),
            "statements": sorted(statement["Sid"] for statement in policy),
        }
    return dict(sorted(found.items()))


def alarms(aws: LocalAws) -> dict[str, Any]:
    found = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {
        alarm["AlarmName"]: {
            "metric": f"{alarm['Namespace']} {alarm['MetricName']}",
            "of": {d["Name"]: d["Value"] for d in alarm["Dimensions"]},
            "at_least": alarm["Threshold"],
            "each": f"{alarm['Statistic']} of {alarm['EvaluationPeriods']} x {alarm['Period']} s",
            "tells": [action.rsplit(":", 1)[1] for action in alarm["AlarmActions"]],
        }
        for alarm in sorted(found, key=lambda alarm: str(alarm["AlarmName"]))
    }


def tables(aws: LocalAws) -> dict[str, Any]:
    client = aws.client("dynamodb")
    found = {}
    for name in client.list_tables()["TableNames"]:
        table = client.describe_table(TableName=name)["Table"]
        ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        found[name] = {"key": table["KeySchema"], "expires_by": ttl.get("AttributeName")}
    return found
