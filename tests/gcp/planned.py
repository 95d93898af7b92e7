"""What a plan of Terraform deploys to Google Cloud, as plain facts: names, numbers and texts.

Nothing in them says that it was Terraform, so that another tool's facts can be equal. The provider
that plans knows no project: `COMPUTED` is what Google would answer, for a project of these tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.terraform_schema.run import planned

PROJECT = "example-project"
NUMBER = "123456789012"
REGION = "europe-west1"
EMAIL = "oncall@example.com"
CONNECTOR = f"projects/{PROJECT}/locations/{REGION}/connectors/orders"
_ACCOUNT = f"{{account_id}}@{PROJECT}.iam.gserviceaccount.com"
COMPUTED = {
    "google_project.number": NUMBER,
    "google_service_account.email": _ACCOUNT,
    "google_service_account.member": f"serviceAccount:{_ACCOUNT}",
    "google_service_account.name": f"projects/{PROJECT}/serviceAccounts/{_ACCOUNT}",
    "google_artifact_registry_repository.name": "{repository_id}",
    "google_artifact_registry_repository.id": (
        f"projects/{PROJECT}/locations/{{location}}/repositories/{{repository_id}}"
    ),
    "google_cloudfunctions2_function.uri": "https://{name}.run.app",
    "google_pubsub_topic.id": f"projects/{PROJECT}/topics/{{name}}",
    "google_monitoring_notification_channel.id": "channel {display_name}",
}
Facts = dict[str, Any]
Values = dict[str, Any]


def facts(infra: Path, *variables: str, email: str = EMAIL) -> Facts:
    """Of an initialised folder `infra`: what its first deployment makes."""
    return facts_of(plan(infra, *variables, email=email))


def plan(infra: Path, *variables: str, email: str = EMAIL) -> Values:
    """The plan itself. Archives are built before, or have no digest in their names."""
    settings = ("stage=dev", f"project={PROJECT}", f"region={REGION}", f"alert_email={email}")
    return planned(infra, *settings, *variables, computed=COMPUTED)


def facts_of(plan: Values) -> Facts:
    made = Made(plan)
    labels = made.labels
    return {
        "apis": sorted(each["service"] for each in made.all("project_service")),
        "accounts": sorted(each["account_id"] for each in made.all("service_account")),
        "roles": sorted(_roles(made)),
        "functions": {
            each["name"]: _function(each, labels) for each in made.all("cloudfunctions2_function")
        },
        "jobs": {each["name"]: _job(each) for each in made.all("cloud_scheduler_job")},
        "topics": {each["name"]: {"labels": labels} for each in made.all("pubsub_topic")},
        "subscriptions": {
            each["name"]: _subscription(each, labels) for each in made.all("pubsub_subscription")
        },
        "buckets": {each["name"]: _bucket(each, labels) for each in made.all("storage_bucket")},
        "databases": {each["name"]: _database(each) for each in made.all("firestore_database")},
        "repositories": {
            each["repository_id"]: _repository(each, labels)
            for each in made.all("artifact_registry_repository")
        },
        "channels": {
            each["display_name"]: {
                "type": each["type"],
                "address": each["labels"]["email_address"],
                "labels": each["user_labels"],
            }
            for each in made.all("monitoring_notification_channel")
        },
        "alerts": {
            each["display_name"]: _alert(each) for each in made.all("monitoring_alert_policy")
        },
    }


class Made:
    """The resources that a plan makes, by type, without the provider's name before it."""

    def __init__(self, plan: Values) -> None:
        self._resources: dict[str, list[Values]] = {}
        for change in plan["resource_changes"]:
            if change["mode"] == "managed":
                kind = change["type"].removeprefix("google_")
                self._resources.setdefault(kind, []).append(change["change"]["after"])
        # The provider adds its default labels while it plans, which this one does not. They are
        # those that alerts, which take no defaults, are given.
        said = plan["configuration"]["provider_config"]["google"]["expressions"]
        assert said["default_labels"] == {"references": ["local.labels"]}
        user_labels = [each["user_labels"] for each in self.all("monitoring_alert_policy")]
        self.labels = {k: v for k, v in user_labels[0].items() if k != "function"}

    def all(self, kind: str) -> list[Values]:
        return self._resources.get(kind, [])


def _function(values: Values, labels: Values) -> Facts:
    [build] = values["build_config"]
    [service] = values["service_config"]
    return {
        "location": values["location"],
        "labels": {**labels, **values["labels"]},
        "runtime": build["runtime"],
        "entry_point": build["entry_point"],
        "source_bucket": build["source"][0]["storage_source"][0]["bucket"],
        "build_account": build["service_account"],
        "repository": build["docker_repository"],
        "account": service["service_account_email"],
        "memory": service["available_memory"],
        "cpu": service["available_cpu"],
        "timeout": service["timeout_seconds"],
        "min_instances": service["min_instance_count"],
        "max_instances": service["max_instance_count"],
        "concurrency": service["max_instance_request_concurrency"],
        "ingress": service["ingress_settings"],
        "connector": service["vpc_connector"],
        "egress": service["vpc_connector_egress_settings"],
        "environment": service["environment_variables"],
        "secrets": {
            each["key"]: f"{each['secret']}:{each['version']}"
            for each in service["secret_environment_variables"]
        },
        "trigger": _trigger(values["event_trigger"]),
    }


def _trigger(blocks: list[Values]) -> Facts | None:
    if not blocks:
        return None
    [trigger] = blocks
    return {
        "type": trigger["event_type"],
        "region": trigger["trigger_region"],
        "account": trigger["service_account_email"],
        "retry": trigger["retry_policy"] == "RETRY_POLICY_RETRY",
        # How a value is compared: exactly, or as a pattern of a path.
        "filters": {
            each["attribute"]: (each["value"], each["operator"] or "exact")
            for each in trigger["event_filters"]
        },
    }


# Which argument names what a role is on.
_ON = {
    "project": "project",
    "artifact_registry_repository": "repository",
    "cloud_run_v2_service": "name",
    "pubsub_subscription": "subscription",
    "pubsub_topic": "topic",
    "secret_manager_secret": "secret_id",
    "service_account": "service_account_id",
    "storage_bucket": "bucket",
}


def _roles(made: Made) -> list[str]:
    """One line each: `<role> on <kind> <name> for <member>`, and a condition where there is one."""
    found = []
    for kind, argument in _ON.items():
        for each in made.all(f"{kind}_iam_member"):
            line = f"{each['role']} on {kind} {each[argument]} for {each['member']}"
            condition = each["condition"]
            found.append(line + (f" if {condition[0]['expression']}" if condition else ""))
    return found


def _job(values: Values) -> Facts:
    [target] = values["http_target"]
    [token] = target["oidc_token"]
    [retry] = values["retry_config"]
    return {
        "location": values["region"],
        "schedule": values["schedule"],
        "timezone": values["time_zone"],
        "deadline": values["attempt_deadline"],
        "method": target["http_method"],
        "uri": target["uri"],
        "account": token["service_account_email"],
        "audience": token["audience"],
        "retries": retry["retry_count"],
        "backoff": (retry["min_backoff_duration"], retry["max_backoff_duration"]),
    }


def _subscription(values: Values, labels: Values) -> Facts:
    found: Facts = {
        "labels": labels,
        "topic": values["topic"],
        "filter": values["filter"] or "",
        "ack_deadline": values["ack_deadline_seconds"],
        "retention": values["message_retention_duration"],
        "expires": values["expiration_policy"][0]["ttl"] or "never",
        "push": None,
        "dead_letters": None,
        "backoff": None,
    }
    for push in values["push_config"]:
        [token] = push["oidc_token"]
        found["push"] = {
            "endpoint": push["push_endpoint"],
            "account": token["service_account_email"],
            "audience": token["audience"],
        }
    for policy in values["dead_letter_policy"]:
        found["dead_letters"] = (policy["dead_letter_topic"], policy["max_delivery_attempts"])
    for policy in values["retry_policy"]:
        found["backoff"] = (policy["minimum_backoff"], policy["maximum_backoff"])
    return found


def _bucket(values: Values, labels: Values) -> Facts:
    return {
        "labels": labels,
        "location": values["location"],
        "uniform_access": values["uniform_bucket_level_access"],
        "public_access_prevention": values["public_access_prevention"],
        "versioning": any(each["enabled"] for each in values["versioning"]),
        "soft_delete_seconds": values["soft_delete_policy"][0]["retention_duration_seconds"],
        "lifecycle": sorted(_rule(each) for each in values["lifecycle_rule"]),
    }


def _rule(values: Values) -> str:
    [action] = values["action"]
    [condition] = values["condition"]
    said = {name: value for name, value in condition.items() if value}
    return f"{action['type']} if {said}"


def _database(values: Values) -> Facts:
    recovery, protection = (
        values["point_in_time_recovery_enablement"],
        values["delete_protection_state"],
    )
    return {
        "location": values["location_id"],
        "type": values["type"],
        "point_in_time_recovery": recovery == "POINT_IN_TIME_RECOVERY_ENABLED",
        "delete_protection": protection == "DELETE_PROTECTION_ENABLED",
    }


def _repository(values: Values, labels: Values) -> Facts:
    policies: Facts = {}
    for policy in values["cleanup_policies"]:
        kept = [each["keep_count"] for each in policy["most_recent_versions"]]
        older = [each["older_than"] for each in policy["condition"]]
        policies[policy["id"]] = (policy["action"], *kept, *older)
    return {
        "labels": labels,
        "location": values["location"],
        "format": values["format"],
        "description": values["description"],
        "cleanup": policies,
        "dry_run": values["cleanup_policy_dry_run"],
    }


def _alert(values: Values) -> Facts:
    [condition] = values["conditions"]
    [strategy] = values["alert_strategy"]
    found: Facts = {
        "labels": values["user_labels"],
        "severity": values["severity"],
        "channels": values["notification_channels"],
        "documentation": values["documentation"][0]["content"],
        "condition": condition["display_name"],
        "auto_close": strategy["auto_close"],
        "rate_limit": [each["period"] for each in strategy["notification_rate_limit"]],
    }
    for matched in condition["condition_matched_log"]:
        found["log"] = matched["filter"]
    for threshold in condition["condition_threshold"]:
        [aggregation] = threshold["aggregations"]
        found["metric"] = threshold["filter"]
        found["above"] = (threshold["comparison"], threshold["threshold_value"])
        found["duration"] = threshold["duration"]
        found["aggregation"] = (
            aggregation["alignment_period"],
            aggregation["per_series_aligner"],
            aggregation["cross_series_reducer"],
        )
    return found
