"""The project itself: its APIs, accounts and secrets."""

from __future__ import annotations

from tools.gcloud_cli.arguments import Call
from tools.gcloud_cli.cloud import NUMBER, PROJECT, Cloud, Failed, Resource, command


@command("projects describe")
def describe(cloud: Cloud, call: Call) -> Resource:
    if call.word != PROJECT:
        raise Failed(f"PERMISSION_DENIED: project {call.word}")
    return {"projectId": PROJECT, "projectNumber": NUMBER}


@command("services list")
def services(cloud: Cloud, call: Call) -> list[Resource]:
    assert call.on("--enabled")
    return [{"config": {"name": name}} for name in sorted(cloud.apis)]


@command("services enable")
def enable(cloud: Cloud, call: Call) -> str:
    cloud.apis |= set(call.words)
    return ""


@command("iam service-accounts list")
def accounts(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("iam")
    return list(cloud.accounts.values())


@command("iam service-accounts create")
def create(cloud: Cloud, call: Call) -> str:
    cloud.need_api("iam")
    if not 6 <= len(call.word) <= 30:
        raise Failed(f"INVALID_ARGUMENT: {call.word} does not have 6 to 30 characters")
    email = f"{call.word}@{PROJECT}.iam.gserviceaccount.com"
    account = {
        "name": f"projects/{PROJECT}/serviceAccounts/{email}",
        "email": email,
        "displayName": call.get("--display-name"),
        "description": call.get("--description"),
    }
    cloud.create("accounts", email, account)
    return ""


@command("iam service-accounts delete")
def delete(cloud: Cloud, call: Call) -> str:
    cloud.delete("accounts", call.word)
    cloud.forget_account(call.word)
    return ""


@command("secrets list")
def secrets(cloud: Cloud, call: Call) -> list[Resource]:
    cloud.need_api("secretmanager")
    return list(cloud.secrets.values())
