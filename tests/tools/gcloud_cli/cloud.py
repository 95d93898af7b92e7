"""What Google has of one project: resources by kind and name, and who may do what to them.

A resource is a dictionary with the properties that its API names, which is what `--format` reads.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tools.gcloud_cli.arguments import Call, Failed, Refused

__all__ = ["AGENTS", "NUMBER", "PROJECT", "REGION", "Cloud", "Failed", "Resource", "command"]

PROJECT = "example-project"
NUMBER = "123456789012"
REGION = "europe-west1"
# The accounts that Google works with in the project itself.
AGENTS = {
    "storage": f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com",
    "pubsub": f"service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com",
}
Resource = dict[str, Any]
_commands: dict[str, Callable[[Cloud, Call], Any]] = {}


def command(name: str) -> Callable[[Callable[[Cloud, Call], Any]], Callable[[Cloud, Call], Any]]:
    """What a command does: its answer is a resource, several, or a text."""

    def add(action: Callable[[Cloud, Call], Any]) -> Callable[[Cloud, Call], Any]:
        _commands[name] = action
        return action

    return add


class Cloud:
    def __init__(self) -> None:
        self.apis: set[str] = set()
        self.kinds: dict[str, dict[str, Resource]] = {}
        self.policies: dict[tuple[str, str], list[Resource]] = {("project", PROJECT): []}
        # How often Google still says that it knows no account that was just made.
        self.unaware = 0
        self._changes = 0

    def __getattr__(self, name: str) -> dict[str, Resource]:
        """`functions`, `topics`, ...: the resources of a kind."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.kinds.setdefault(name, {})

    def state(self) -> Any:
        """All there is, to be compared."""
        return copy.deepcopy([self.kinds, self.policies, self.apis])

    def names(self) -> set[str]:
        return {f"{kind} {name}" for kind, found in self.kinds.items() for name in found}

    def time(self) -> str:
        """Of a change: no two are the same."""
        self._changes += 1
        return f"2026-01-01T00:00:00.{self._changes:06}Z"

    def run(self, call: Call) -> Any:
        if call.get("--project", PROJECT) != PROJECT:
            raise Failed(f"PERMISSION_DENIED: project {call.get('--project')}")
        if call.command not in _commands:
            raise NotImplementedError(call.command)
        return _commands[call.command](self, call)

    # Resources

    def need_api(self, name: str) -> None:
        if f"{name}.googleapis.com" not in self.apis:
            raise Failed(
                f"PERMISSION_DENIED: {name}.googleapis.com has not been used in the project"
            )

    def create(self, kind: str, name: str, resource: Resource) -> Resource:
        if name in self.kinds.setdefault(kind, {}):
            raise Failed(f"ALREADY_EXISTS: {kind} {name}")
        self.kinds[kind][name] = resource
        return resource

    def find(self, kind: str, name: str) -> Resource:
        try:
            return self.kinds.get(kind, {})[name]
        except KeyError:
            raise Failed(f"NOT_FOUND: {kind} {name} not found") from None

    def delete(self, kind: str, name: str) -> str:
        self.find(kind, name)
        del self.kinds[kind][name]
        self.policies.pop((kind, name), None)
        return ""

    def need_account(self, email: str) -> None:
        if email not in self.accounts:
            raise Failed(f"INVALID_ARGUMENT: Service account {email} does not exist.")

    # Roles

    def policy(self, kind: str, name: str) -> list[Resource]:
        if kind != "project":
            self.find(kind, name)
        return self.policies.setdefault((kind, name), [])

    def bind(self, kind: str, name: str, role: str, member: str, condition: Any = None) -> None:
        policy = self.policy(kind, name)
        for binding in policy:
            if binding["role"] == role and binding.get("condition") == condition:
                if member not in binding["members"]:
                    binding["members"].append(member)
                return
        policy.append(
            {"role": role, "members": [member]} | ({"condition": condition} if condition else {})
        )

    def unbind(self, kind: str, name: str, role: str, member: str, condition: Any = None) -> None:
        policy = self.policy(kind, name)
        for binding in policy:
            same = binding["role"] == role and binding.get("condition") == condition
            if same and member in binding["members"]:
                binding["members"].remove(member)
                if not binding["members"]:
                    policy.remove(binding)
                return
        raise Failed("Policy bindings matching the specified member, role and condition not found")

    def may(self, kind: str, name: str, role: str, email: str) -> bool:
        """Whether an account has a role, whatever the condition."""
        return any(
            binding["role"] == role and f"serviceAccount:{email}" in binding["members"]
            for binding in self.policies.get((kind, name), [])
        )

    def forget_account(self, email: str) -> None:
        """Google leaves its roles, as those of nobody."""
        for policy in self.policies.values():
            for binding in policy:
                binding["members"] = [
                    f"deleted:{member}?uid=1" if member == f"serviceAccount:{email}" else member
                    for member in binding["members"]
                ]


# What may have a policy: commands, kind, and whether it knows conditions.
_HOLDERS = (
    ("artifacts repositories", "repositories", True),
    ("projects", "project", True),
    ("pubsub subscriptions", "subscriptions", False),
    ("pubsub topics", "topics", False),
    ("run services", "functions", True),
    ("secrets", "secrets", True),
    ("storage buckets", "buckets", True),
)


def _add_policies(prefix: str, kind: str, conditional: bool) -> None:
    @command(f"{prefix} get-iam-policy")
    def get(cloud: Cloud, call: Call) -> Resource:
        _need_place(call, prefix)
        return {"bindings": copy.deepcopy(cloud.policy(kind, _bare(call.word)))}

    @command(f"{prefix} add-iam-policy-binding")
    def add(cloud: Cloud, call: Call) -> str:
        member = call.needs("--member")
        if member.endswith(f"@{PROJECT}.iam.gserviceaccount.com"):
            cloud.need_account(member.removeprefix("serviceAccount:"))
            if cloud.unaware:
                cloud.unaware -= 1
                raise Failed(f"INVALID_ARGUMENT: Service account {member} does not exist.")
        _need_place(call, prefix)
        condition = _condition(call, conditional)
        cloud.bind(kind, _bare(call.word), call.needs("--role"), member, condition)
        return ""

    @command(f"{prefix} remove-iam-policy-binding")
    def remove(cloud: Cloud, call: Call) -> str:
        condition = _condition(call, conditional)
        role, member = call.needs("--role"), call.needs("--member")
        cloud.unbind(kind, _bare(call.word), role, member, condition)
        return ""


def _condition(call: Call, conditional: bool) -> Any:
    """Where there may be a condition, the CLI asks which is meant, unless it is said."""
    if not conditional:
        return None
    if call.get("--condition-from-file"):
        condition = call.document("--condition-from-file")
        assert condition["expression"] and condition["title"], condition
        return condition
    if call.get("--condition") != "None":
        raise Refused("--condition must be said, as the policy may have some")
    return None


def _need_place(call: Call, prefix: str) -> None:
    flag = {"run services": "--region", "artifacts repositories": "--location"}.get(prefix)
    if flag and call.needs(flag) != REGION:
        raise Failed(f"NOT_FOUND: nothing in {call.get(flag)}")


def _bare(word: str) -> str:
    return word.removeprefix("gs://")


for _holder in _HOLDERS:
    _add_policies(*_holder)


def pairs(text: str) -> dict[str, str]:
    """Labels: `a=1,b=2`."""
    return dict(pair.split("=") for pair in text.split(",")) if text else {}


def update_labels(resource: Resource, call: Call) -> None:
    """Which are set, and which stay."""
    new = pairs(call.get("--update-labels") or call.get("--labels"))
    resource["labels"] = {**resource.get("labels", {}), **new}
