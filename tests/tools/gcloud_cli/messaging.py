"""Pub/Sub and Cloud Scheduler."""

from __future__ import annotations

from tools.gcloud_cli.arguments import Call
from tools.gcloud_cli.cloud import (
    PROJECT,
    REGION,
    Cloud,
    Failed,
    Resource,
    command,
    update_labels,
)

PUSH = {
    "--push-endpoint": "pushEndpoint",
    "--push-auth-service-account": "serviceAccountEmail",
    "--push-auth-token-audience": "audience",
}
SUBSCRIPTION = {
    "--ack-deadline": "ackDeadlineSeconds",
    "--min-retry-delay": "minimumBackoff",
    "--max-retry-delay": "maximumBackoff",
    "--message-retention-duration": "messageRetentionDuration",
    "--expiration-period": "expirationPolicy",
    "--max-delivery-attempts": "maxDeliveryAttempts",
}
JOB = {
    "--schedule": "schedule",
    "--time-zone": "timeZone",
    "--description": "description",
    "--attempt-deadline": "attemptDeadline",
    "--uri": "uri",
    "--http-method": "httpMethod",
    "--oidc-service-account-email": "serviceAccountEmail",
    "--oidc-token-audience": "audience",
    "--max-retry-attempts": "retryCount",
    "--min-backoff": "minBackoffDuration",
    "--max-backoff": "maxBackoffDuration",
}


@command("pubsub topics list")
def topics(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("pubsub")
    return list(cloud.topics.values())


@command("pubsub topics create")
def create_topic(cloud: Cloud, call: Call) -> str:
    cloud.need_api("pubsub")
    topic = cloud.create("topics", call.word, {"name": f"projects/{PROJECT}/topics/{call.word}"})
    update_labels(topic, call)
    return ""


@command("pubsub topics update")
def update_topic(cloud: Cloud, call: Call) -> str:
    update_labels(cloud.find("topics", call.word), call)
    return ""


@command("pubsub topics delete")
def delete_topic(cloud: Cloud, call: Call) -> str:
    for subscription in cloud.subscriptions.values():
        if subscription["topic"].endswith(f"/{call.word}"):
            subscription["topic"] = "_deleted-topic_"
    return cloud.delete("topics", call.word)


@command("pubsub subscriptions list")
def subscriptions(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("pubsub")
    return list(cloud.subscriptions.values())


@command("pubsub subscriptions describe")
def describe_subscription(cloud: Cloud, call: Call) -> Resource:
    return cloud.find("subscriptions", call.word)


@command("pubsub subscriptions create")
def create_subscription(cloud: Cloud, call: Call) -> str:
    cloud.need_api("pubsub")
    topic = call.needs("--topic").rpartition("/")[2]
    found = {
        "name": f"projects/{PROJECT}/subscriptions/{call.word}",
        "topic": cloud.find("topics", topic)["name"],
    }
    if "--message-filter" in call.values:
        found["filter"] = call.needs("--message-filter")
    _set_subscription(cloud, call, cloud.create("subscriptions", call.word, found))
    return ""


@command("pubsub subscriptions update")
def update_subscription(cloud: Cloud, call: Call) -> str:
    _set_subscription(cloud, call, cloud.find("subscriptions", call.word))
    return ""


def _set_subscription(cloud: Cloud, call: Call, subscription: Resource) -> None:
    update_labels(subscription, call)
    for flag, key in {**PUSH, **SUBSCRIPTION}.items():
        if call.get(flag):
            subscription[key] = call.get(flag)
    if call.get("--push-auth-service-account"):
        cloud.need_account(call.get("--push-auth-service-account"))
    if call.get("--dead-letter-topic"):
        topic = call.get("--dead-letter-topic").rpartition("/")[2]
        subscription["deadLetterTopic"] = cloud.find("topics", topic)["name"]


@command("pubsub subscriptions delete")
def delete_subscription(cloud: Cloud, call: Call) -> str:
    return cloud.delete("subscriptions", call.word)


@command("scheduler jobs list")
def jobs(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("cloudscheduler")
    _check_location(call)
    return list(cloud.jobs.values())


@command("scheduler jobs create http")
def create_job(cloud: Cloud, call: Call) -> str:
    cloud.need_api("cloudscheduler")
    name = f"projects/{PROJECT}/locations/{REGION}/jobs/{call.word}"
    _set_job(cloud, call, cloud.create("jobs", call.word, {"name": name}))
    return ""


@command("scheduler jobs update http")
def update_job(cloud: Cloud, call: Call) -> str:
    _set_job(cloud, call, cloud.find("jobs", call.word))
    return ""


def _set_job(cloud: Cloud, call: Call, job: Resource) -> None:
    _check_location(call)
    job |= {key: call.get(flag) for flag, key in JOB.items() if flag in call.values}
    cloud.need_account(job["serviceAccountEmail"])


@command("scheduler jobs delete")
def delete_job(cloud: Cloud, call: Call) -> str:
    _check_location(call)
    return cloud.delete("jobs", call.word)


def _check_location(call: Call) -> None:
    if call.needs("--location") != REGION:
        raise Failed(f"NOT_FOUND: {call.get('--location')}")
