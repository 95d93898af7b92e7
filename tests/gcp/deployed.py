"""What the scripts of gcloud deployed to the Google of these tests, as plain facts.

`gcp.planned` has those of a plan of Terraform, in the same words.
"""

from __future__ import annotations

from typing import Any

from tools.gcloud_cli.cloud import Cloud, Resource

Facts = dict[str, Any]
# How the scripts know what is theirs, and what gcloud itself adds.
OWN_LABELS = {"deployed-by", "deployment-tool"}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def facts_of(cloud: Cloud) -> Facts:
    return {
        "apis": sorted(cloud.apis),
        "accounts": sorted(email.partition("@")[0] for email in cloud.accounts),
        "roles": sorted(_roles(cloud)),
        "functions": {name: _function(each) for name, each in cloud.functions.items()},
        "jobs": {name: _job(each) for name, each in cloud.jobs.items()},
        "topics": {name: {"labels": _labels(each)} for name, each in cloud.topics.items()},
        "subscriptions": {name: _subscription(each) for name, each in cloud.subscriptions.items()},
        "buckets": {name: _bucket(each) for name, each in cloud.buckets.items()},
        "databases": {name: _database(each) for name, each in cloud.databases.items()},
        "repositories": {name: _repository(each) for name, each in cloud.repositories.items()},
        "channels": {
            each["displayName"]: {
                "type": each["type"],
                "address": each["labels"]["email_address"],
                "labels": _labels(each, "userLabels"),
            }
            for each in cloud.channels.values()
        },
        "alerts": {each["displayName"]: _alert(cloud, each) for each in cloud.alerts.values()},
    }


def _labels(resource: Resource, key: str = "labels") -> dict[str, str]:
    return {name: value for name, value in resource[key].items() if name not in OWN_LABELS}


def _seconds(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]] if text[-1] in UNITS else int(text)


def _function(each: Resource) -> Facts:
    build, service = each["buildConfig"], each["serviceConfig"]
    return {
        "location": each["name"].split("/")[3],
        "labels": _labels(each),
        "runtime": build["runtime"],
        "entry_point": build["entryPoint"],
        "source_bucket": build["source"]["bucket"],
        "build_account": build["serviceAccount"],
        "repository": build["dockerRepository"],
        "account": service["serviceAccountEmail"],
        "memory": service["availableMemory"],
        "cpu": service["availableCpu"],
        "timeout": service["timeoutSeconds"],
        "min_instances": service["minInstanceCount"],
        "max_instances": service["maxInstanceCount"],
        "concurrency": service["maxInstanceRequestConcurrency"],
        "ingress": service["ingressSettings"],
        "connector": service.get("vpcConnector"),
        "egress": {"private-ranges-only": "PRIVATE_RANGES_ONLY"}.get(
            service.get("vpcConnectorEgressSettings", "")
        ),
        "environment": service["environmentVariables"],
        "secrets": service["secrets"],
        "trigger": _trigger(each.get("eventTrigger")),
    }


def _trigger(trigger: Resource | None) -> Facts | None:
    if trigger is None:
        return None
    exact = {name: (value, "exact") for name, value in trigger["eventFilters"].items()}
    patterns = trigger["eventFilterPatterns"]
    return {
        "type": trigger["eventType"],
        "region": trigger["triggerRegion"],
        "account": trigger["serviceAccountEmail"],
        "retry": trigger["retryPolicy"] == "RETRY_POLICY_RETRY",
        "filters": exact
        | {name: (value, "match-path-pattern") for name, value in patterns.items()},
    }


# What Terraform calls what may have a policy.
_KINDS = {
    "project": "project",
    "repositories": "artifact_registry_repository",
    "functions": "cloud_run_v2_service",
    "subscriptions": "pubsub_subscription",
    "topics": "pubsub_topic",
    "secrets": "secret_manager_secret",
    "buckets": "storage_bucket",
}


def _roles(cloud: Cloud) -> list[str]:
    return [
        f"{binding['role']} on {_KINDS[kind]} {name} for {member}"
        + (f" if {binding['condition']['expression']}" if "condition" in binding else "")
        for (kind, name), policy in cloud.policies.items()
        for binding in policy
        for member in binding["members"]
    ]


def _job(each: Resource) -> Facts:
    return {
        "location": each["name"].split("/")[3],
        "schedule": each["schedule"],
        "timezone": each["timeZone"],
        "deadline": each["attemptDeadline"],
        "method": each["httpMethod"].upper(),
        "uri": each["uri"],
        "account": each["serviceAccountEmail"],
        "audience": each["audience"],
        "retries": int(each["retryCount"]),
        "backoff": (each["minBackoffDuration"], each["maxBackoffDuration"]),
    }


def _subscription(each: Resource) -> Facts:
    push = dead_letters = backoff = None
    if "pushEndpoint" in each:
        push = {
            "endpoint": each["pushEndpoint"],
            "account": each["serviceAccountEmail"],
            "audience": each["audience"],
        }
    if "deadLetterTopic" in each:
        dead_letters = (each["deadLetterTopic"], int(each["maxDeliveryAttempts"]))
    if "minimumBackoff" in each:
        backoff = (each["minimumBackoff"], each["maximumBackoff"])
    return {
        "labels": _labels(each),
        "topic": each["topic"],
        "filter": each.get("filter", ""),
        "ack_deadline": int(each["ackDeadlineSeconds"]),
        "retention": f"{_seconds(each['messageRetentionDuration'])}s",
        "expires": each["expirationPolicy"],
        "push": push,
        "dead_letters": dead_letters,
        "backoff": backoff,
    }


def _bucket(each: Resource) -> Facts:
    return {
        "labels": _labels(each),
        "location": each["location"],
        "uniform_access": each["uniform-bucket-level-access"],
        "public_access_prevention": "enforced" if each["public-access-prevention"] else "inherited",
        "versioning": each.get("versioning", False),
        "soft_delete_seconds": _seconds(each["softDelete"]),
        "lifecycle": sorted(_rule(rule) for rule in each.get("lifecycle", [])),
    }


def _rule(rule: Resource) -> str:
    names = {"age": "age", "daysSinceNoncurrentTime": "days_since_noncurrent_time"}
    said = {names[name]: value for name, value in rule["condition"].items()}
    return f"{rule['action']['type']} if {said}"


def _database(each: Resource) -> Facts:
    return {
        "location": each["location"],
        "type": {"firestore-native": "FIRESTORE_NATIVE"}[each["type"]],
        "point_in_time_recovery": each["enable-pitr"],
        "delete_protection": each["delete-protection"],
    }


def _repository(each: Resource) -> Facts:
    policies: Facts = {}
    for policy in each["cleanup"]:
        kept = [policy["mostRecentVersions"]["keepCount"]] if "mostRecentVersions" in policy else []
        older = [f"{_seconds(policy['condition']['olderThan'])}s"] if "condition" in policy else []
        policies[policy["name"]] = (policy["action"]["type"].upper(), *kept, *older)
    return {
        "labels": _labels(each),
        "location": each["location"],
        "format": each["format"].upper(),
        "description": each["description"],
        "cleanup": policies,
        "dry_run": each["dryRun"],
    }


def _alert(cloud: Cloud, each: Resource) -> Facts:
    [condition] = each["conditions"]
    strategy = each["alertStrategy"]
    limit = strategy.get("notificationRateLimit")
    found: Facts = {
        "labels": _labels(each, "userLabels"),
        "severity": each["severity"],
        # Google names them by numbers, which a plan does not know.
        "channels": [
            f"channel {cloud.channels[name]['displayName']}"
            for name in each["notificationChannels"]
        ],
        "documentation": each["documentation"]["content"],
        "condition": condition["displayName"],
        "auto_close": strategy["autoClose"],
        "rate_limit": [limit["period"]] if limit else [],
    }
    if "conditionMatchedLog" in condition:
        found["log"] = condition["conditionMatchedLog"]["filter"]
    if threshold := condition.get("conditionThreshold"):
        [aggregation] = threshold["aggregations"]
        found["metric"] = threshold["filter"]
        found["above"] = (threshold["comparison"], threshold["thresholdValue"])
        found["duration"] = threshold["duration"]
        found["aggregation"] = (
            aggregation["alignmentPeriod"],
            aggregation["perSeriesAligner"],
            aggregation.get("crossSeriesReducer"),
        )
    return found
