"""Alert policies and notification channels, which Google names by numbers."""

from __future__ import annotations

from typing import Any

from tools.gcloud_cli.arguments import Call
from tools.gcloud_cli.cloud import (
    PROJECT,
    Cloud,
    Resource,
    command,
    pairs,
)

# What the API knows of a policy that is not its own to say.
PROPERTIES = {
    "alertStrategy", "combiner", "conditions", "displayName", "documentation",
    "notificationChannels", "severity", "userLabels",
}  # fmt: skip


def _number(cloud: Cloud) -> str:
    return cloud.time().rpartition(".")[2].rstrip("Z")


def _policy(cloud: Cloud, call: Call, name: str) -> Resource:
    policy: Resource = call.document("--policy-from-file")
    assert policy.keys() <= PROPERTIES, policy.keys() - PROPERTIES
    for channel in policy["notificationChannels"]:
        cloud.find("channels", channel)
    return {**policy, "name": name, "mutationRecord": {"mutateTime": cloud.time()}}


@command("monitoring policies list")
def policies(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("monitoring")
    return list(cloud.alerts.values())


@command("monitoring policies describe")
def describe_policy(cloud: Cloud, call: Call) -> Resource:
    return cloud.find("alerts", call.word)


@command("monitoring policies create")
def create_policy(cloud: Cloud, call: Call) -> Resource:
    cloud.need_api("monitoring")
    name = f"projects/{PROJECT}/alertPolicies/{_number(cloud)}"
    return cloud.create("alerts", name, _policy(cloud, call, name))


@command("monitoring policies update")
def update_policy(cloud: Cloud, call: Call) -> Resource:
    cloud.find("alerts", call.word)
    cloud.alerts[call.word] = _policy(cloud, call, call.word)
    return cloud.alerts[call.word]


@command("monitoring policies delete")
def delete_policy(cloud: Cloud, call: Call) -> str:
    return cloud.delete("alerts", call.word)


@command("beta monitoring channels list")
def channels(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("monitoring")
    return list(cloud.channels.values())


@command("beta monitoring channels create")
def create_channel(cloud: Cloud, call: Call) -> Resource:
    cloud.need_api("monitoring")
    name = f"projects/{PROJECT}/notificationChannels/{_number(cloud)}"
    channel: dict[str, Any] = {
        "name": name,
        "displayName": call.get("--display-name"),
        "type": call.get("--type"),
        "labels": pairs(call.get("--channel-labels")),
        "userLabels": pairs(call.get("--user-labels")),
    }
    return cloud.create("channels", name, channel)


@command("beta monitoring channels update")
def update_channel(cloud: Cloud, call: Call) -> Resource:
    channel = cloud.find("channels", call.word)
    channel["labels"] |= pairs(call.get("--update-channel-labels"))
    channel["userLabels"] |= pairs(call.get("--update-user-labels"))
    return channel


@command("beta monitoring channels delete")
def delete_channel(cloud: Cloud, call: Call) -> str:
    for policy in cloud.alerts.values():
        assert call.word not in policy["notificationChannels"], "it is still told"
    return cloud.delete("channels", call.word)
