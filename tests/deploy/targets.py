"""Which functions, or aliases of them, the deployed triggers invoke."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.aws_local import LocalAws


def invocation_targets(aws: LocalAws) -> Iterator[tuple[str, str]]:
    """Where it is said, and what is invoked there: `name` or `name:alias`."""
    for place, text in _places(aws):
        for found in re.findall(r":function:([\w-]+(?::[\w$-]+)?)", text):
            yield place, found


def _places(aws: LocalAws) -> Iterator[tuple[str, str]]:
    """Texts with ARNs of functions in them."""
    for mapping in aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]:
        yield mapping["EventSourceArn"], mapping["FunctionArn"]
    for bucket in aws.client("s3").list_buckets()["Buckets"]:
        name = bucket["Name"]
        notifications = aws.client("s3").get_bucket_notification_configuration(Bucket=name)
        yield name, str(notifications.get("LambdaFunctionConfigurations"))
    for subscription in aws.client("sns").list_subscriptions()["Subscriptions"]:
        yield subscription["TopicArn"], subscription["Endpoint"]
    for summary in aws.client("scheduler").list_schedules()["Schedules"]:
        where = {"Name": summary["Name"], "GroupName": summary["GroupName"]}
        yield summary["Arn"], aws.client("scheduler").get_schedule(**where)["Target"]["Arn"]
    yield from _rules(aws)
    yield from _apis(aws)
    for machine in aws.client("stepfunctions").list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        client = aws.client("stepfunctions")
        yield arn, client.describe_state_machine(stateMachineArn=arn)["definition"]


def _rules(aws: LocalAws) -> Iterator[tuple[str, str]]:
    client = aws.client("events")
    for bus in client.list_event_buses()["EventBuses"]:
        for rule in client.list_rules(EventBusName=bus["Name"])["Rules"]:
            where = {"Rule": rule["Name"], "EventBusName": bus["Name"]}
            yield rule["Arn"], str(client.list_targets_by_rule(**where)["Targets"])


def _apis(aws: LocalAws) -> Iterator[tuple[str, str]]:
    client = aws.client("apigatewayv2")
    for api in client.get_apis()["Items"]:
        for integration in client.get_integrations(ApiId=api["ApiId"])["Items"]:
            yield api["Name"], integration["IntegrationUri"]
    client = aws.client("apigateway")
    for api in client.get_rest_apis()["items"]:
        for resource in client.get_resources(restApiId=api["id"], limit=500)["items"]:
            for verb in resource.get("resourceMethods", {}):
                where = {"restApiId": api["id"], "resourceId": resource["id"], "httpMethod": verb}
                integration = client.get_method(**where)["methodIntegration"]
                yield f"{verb} {resource['path']}", integration.get("uri", "")
