"""Buckets and their objects, Firestore's databases, Artifact Registry's repositories."""

from __future__ import annotations

from tools.gcloud_cli.arguments import Call
from tools.gcloud_cli.cloud import (
    AGENTS,
    PROJECT,
    REGION,
    Cloud,
    Failed,
    Resource,
    command,
    update_labels,
)


def _bucket(call: Call) -> str:
    return call.word.removeprefix("gs://").rstrip("/")


@command("storage buckets list")
def buckets(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("storage")
    return list(cloud.buckets.values())


@command("storage buckets describe")
def describe_bucket(cloud: Cloud, call: Call) -> Resource:
    return _found(cloud, _bucket(call))


def _found(cloud: Cloud, name: str) -> Resource:
    if name not in cloud.buckets:
        raise Failed(f"gs://{name} not found: 404.")
    return cloud.buckets[name]


@command("storage buckets create")
def create_bucket(cloud: Cloud, call: Call) -> str:
    cloud.need_api("storage")
    name = _bucket(call)
    bucket = {"name": name, "location": call.get("--location"), "objects": {}}
    _set_bucket(call, cloud.create("buckets", name, bucket))
    return ""


@command("storage buckets update")
def update_bucket(cloud: Cloud, call: Call) -> str:
    bucket = cloud.find("buckets", _bucket(call))
    update_labels(bucket, call)
    _set_bucket(call, bucket)
    return ""


def _set_bucket(call: Call, bucket: Resource) -> None:
    for flag in ("--uniform-bucket-level-access", "--public-access-prevention", "--versioning"):
        if (value := call.on(flag)) is not None:
            bucket[flag[2:]] = value
    if call.get("--soft-delete-duration"):
        bucket["softDelete"] = call.get("--soft-delete-duration")
    if call.get("--lifecycle-file"):
        bucket["lifecycle"] = call.document("--lifecycle-file")["rule"]


@command("storage cp")
def copy(cloud: Cloud, call: Call) -> str:
    source, target = call.words
    bucket, _, name = target.removeprefix("gs://").partition("/")
    _found(cloud, bucket)["objects"][name] = (call.folder / source).read_bytes()
    return ""


@command("storage cat")
def cat(cloud: Cloud, call: Call) -> str:
    bucket, _, name = _bucket(call).partition("/")
    objects = _found(cloud, bucket)["objects"]
    if name not in objects:
        raise Failed(f"The following URLs matched no objects or files:\n{call.word}")
    return str(objects[name].decode())


@command("storage rm")
def remove(cloud: Cloud, call: Call) -> str:
    bucket, _, name = _bucket(call).partition("/")
    if not name:
        assert call.on("--recursive")
        return cloud.delete("buckets", bucket)
    if _found(cloud, bucket)["objects"].pop(name, None) is None:
        raise Failed(f"The following URLs matched no objects or files:\n{call.word}")
    return ""


@command("storage service-agent")
def service_agent(cloud: Cloud, call: Call) -> str:
    """Without a format, not for a script."""
    cloud.need_api("storage")
    assert call.get("--format") == "value(.)"
    return f"{AGENTS['storage']}\n"


@command("firestore databases list")
def databases(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("firestore")
    return list(cloud.databases.values())


@command("firestore databases create")
def create_database(cloud: Cloud, call: Call) -> str:
    cloud.need_api("firestore")
    name = call.needs("--database")
    database: Resource = {
        "name": f"projects/{PROJECT}/databases/{name}",
        "location": call.get("--location"),
        "type": call.get("--type"),
    }
    _set_database(call, cloud.create("databases", name, database))
    return ""


@command("firestore databases update")
def update_database(cloud: Cloud, call: Call) -> str:
    _set_database(call, cloud.find("databases", call.needs("--database")))
    return ""


def _set_database(call: Call, database: Resource) -> None:
    for flag in ("--delete-protection", "--enable-pitr"):
        if (value := call.on(flag)) is not None:
            database[flag[2:]] = value


@command("firestore databases delete")
def delete_database(cloud: Cloud, call: Call) -> str:
    name = call.needs("--database")
    if cloud.find("databases", name)["delete-protection"]:
        raise Failed(f"FAILED_PRECONDITION: delete protection of {name} is enabled")
    return cloud.delete("databases", name)


@command("artifacts repositories list")
def repositories(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("artifactregistry")
    assert call.get("--location") == REGION
    return list(cloud.repositories.values())


@command("artifacts repositories create")
def create_repository(cloud: Cloud, call: Call) -> str:
    cloud.need_api("artifactregistry")
    repository = {
        "name": f"projects/{PROJECT}/locations/{REGION}/repositories/{call.word}",
        "location": call.get("--location"),
        "format": call.needs("--repository-format"),
    }
    _set_repository(call, cloud.create("repositories", call.word, repository))
    return ""


@command("artifacts repositories update")
def update_repository(cloud: Cloud, call: Call) -> str:
    _set_repository(call, cloud.find("repositories", call.word))
    return ""


def _set_repository(call: Call, repository: Resource) -> None:
    update_labels(repository, call)
    if call.get("--description"):
        repository["description"] = call.get("--description")


@command("artifacts repositories set-cleanup-policies")
def clean_up(cloud: Cloud, call: Call) -> str:
    repository = cloud.find("repositories", call.word)
    repository["cleanup"] = call.document("--policy")
    repository["dryRun"] = call.on("--dry-run")
    return ""


@command("artifacts repositories delete")
def delete_repository(cloud: Cloud, call: Call) -> str:
    return cloud.delete("repositories", call.word)
