"""Functions: `gcloud functions`, of the second generation."""

from __future__ import annotations

import copy
from typing import Any

from tools.gcloud_cli.arguments import Call
from tools.gcloud_cli.cloud import (
    AGENTS,
    NUMBER,
    PROJECT,
    REGION,
    Cloud,
    Failed,
    Resource,
    command,
    update_labels,
)

APIS = ("cloudfunctions", "run", "cloudbuild", "artifactregistry")
INGRESS = {
    "all": "ALLOW_ALL",
    "internal-only": "ALLOW_INTERNAL_ONLY",
    "internal-and-gclb": "ALLOW_INTERNAL_AND_GCLB",
}
# Flags that set a property, and what its value is.
BUILD = {
    "--runtime": ("runtime", str),
    "--entry-point": ("entryPoint", str),
    "--build-service-account": ("serviceAccount", str),
    "--docker-repository": ("dockerRepository", str),
}
SERVICE = {
    "--memory": ("availableMemory", str),
    "--cpu": ("availableCpu", str),
    "--timeout": ("timeoutSeconds", int),
    "--min-instances": ("minInstanceCount", int),
    "--max-instances": ("maxInstanceCount", int),
    "--concurrency": ("maxInstanceRequestConcurrency", int),
    "--run-service-account": ("serviceAccountEmail", str),
    "--vpc-connector": ("vpcConnector", str),
    "--egress-settings": ("vpcConnectorEgressSettings", str),
    "--ingress-settings": ("ingressSettings", INGRESS.get),
}


@command("functions deploy")
def deploy(cloud: Cloud, call: Call) -> str:
    """What is not said stays as it was."""
    for api in APIS:
        cloud.need_api(api)
    _check_region(call)
    name = call.word
    new = name not in cloud.functions
    function = copy.deepcopy(cloud.functions.get(name)) or {
        "name": f"projects/{PROJECT}/locations/{REGION}/functions/{name}",
        "labels": {"deployment-tool": "cli-gcloud"},
        "buildConfig": {},
        "serviceConfig": {"uri": f"https://{name}.run.app"},
    }
    update_labels(function, call)
    _build(cloud, call, function["buildConfig"])
    _serve(cloud, call, function["serviceConfig"])
    _trigger(cloud, call, function, new)
    function["state"] = "ACTIVE"
    function["updateTime"] = cloud.time()
    cloud.functions[name] = function
    return ""


def _set(call: Call, flags: dict[str, tuple[str, Any]], target: Resource) -> None:
    for flag, (key, kind) in flags.items():
        if call.get(flag):
            target[key] = kind(call.get(flag))


def _build(cloud: Cloud, call: Call, build: Resource) -> None:
    """By an account that may read the source, write logs, and write to the repository."""
    _set(call, BUILD, build)
    bucket, _, found = call.needs("--source").removeprefix("gs://").partition("/")
    if found not in cloud.find("buckets", bucket)["objects"]:
        raise Failed(f"NOT_FOUND: gs://{bucket}/{found}")
    build["source"] = {"bucket": bucket, "object": found}
    repository = build["dockerRepository"].rpartition("/")[2]
    assert build["dockerRepository"].startswith(f"projects/{PROJECT}/locations/{REGION}/")
    cloud.find("repositories", repository)
    assert build["serviceAccount"].startswith(f"projects/{PROJECT}/serviceAccounts/")
    builder = build["serviceAccount"].rpartition("/")[2]
    for kind, place, role in (
        ("project", PROJECT, "roles/logging.logWriter"),
        ("project", PROJECT, "roles/storage.objectViewer"),
        ("repositories", repository, "roles/artifactregistry.writer"),
    ):
        if not cloud.may(kind, place, role, builder):
            raise Failed(f"Build failed: {builder} has no {role} on {place}")


def _serve(cloud: Cloud, call: Call, service: Resource) -> None:
    _set(call, SERVICE, service)
    if "--set-env-vars" in call.values:
        service["environmentVariables"] = call.mapping("--set-env-vars")
    if call.on("--serve-all-traffic-latest-revision"):
        service["allTrafficOnLatestRevision"] = True
    if call.on("--clear-vpc-connector"):
        service.pop("vpcConnector", None)
        service.pop("vpcConnectorEgressSettings", None)
    account = service["serviceAccountEmail"]
    cloud.need_account(account)
    if call.on("--clear-secrets"):
        service["secrets"] = {}
    if call.get("--set-secrets"):
        service["secrets"] = call.mapping("--set-secrets")
    for secret in service.get("secrets", {}).values():
        name, _, version = secret.partition(":")
        assert version == "latest"
        cloud.find("secrets", name)
        if not cloud.may("secrets", name, "roles/secretmanager.secretAccessor", account):
            raise Failed(f"Permission denied on secret {name} for {account}")


def _trigger(cloud: Cloud, call: Call, function: Resource, new: bool) -> None:
    if call.on("--trigger-http"):
        function.pop("eventTrigger", None)
    elif filters := call.mapping("--trigger-event-filters"):
        cloud.need_api("eventarc")
        kind = filters.pop("type")
        patterns = call.mapping("--trigger-event-filters-path-pattern")
        function["eventTrigger"] = {
            "eventType": kind,
            "eventFilters": filters,
            "eventFilterPatterns": patterns,
            "serviceAccountEmail": call.get("--trigger-service-account"),
            "triggerRegion": call.get("--trigger-location"),
            "retryPolicy": "RETRY_POLICY_RETRY" if call.on("--retry") else "DO_NOT_RETRY",
        }
        _check_trigger(cloud, function["eventTrigger"])
    elif new:
        raise Failed("You must specify a trigger when deploying a new function.")


def _check_trigger(cloud: Cloud, trigger: Resource) -> None:
    account = trigger["serviceAccountEmail"]
    cloud.need_account(account)
    if not cloud.may("project", PROJECT, "roles/eventarc.eventReceiver", account):
        raise Failed(f"Permission eventarc.events.receiveEvent denied for {account}")
    filters = trigger["eventFilters"]
    if trigger["eventType"].startswith("google.cloud.storage."):
        cloud.find("buckets", filters["bucket"])
        if not cloud.may("project", PROJECT, "roles/pubsub.publisher", AGENTS["storage"]):
            raise Failed(f"The service account of Cloud Storage of {NUMBER} cannot publish")
    if trigger["eventType"].startswith("google.cloud.firestore."):
        cloud.find("databases", filters["database"])


@command("functions describe")
def describe(cloud: Cloud, call: Call) -> Resource:
    _check_region(call)
    return cloud.find("functions", call.word)


@command("functions list")
def list_(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("cloudfunctions")
    assert call.get("--regions") == REGION
    return list(cloud.functions.values())


@command("functions delete")
def delete(cloud: Cloud, call: Call) -> str:
    _check_region(call)
    return cloud.delete("functions", call.word)


def _check_region(call: Call) -> None:
    if call.needs("--region") != REGION:
        raise Failed(f"NOT_FOUND: {call.get('--region')}")
