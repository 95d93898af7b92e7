"""Azure Resource Manager, as far as scripts can tell: it keeps what it is given, and gives it back.

It knows no service: any resource that is put has an id, and what `COMPUTED` says that Azure adds.
It refuses what Azure refuses of all of them: a resource in a group that is not there, a request
without a version of the API, a role that was assigned already.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-2222-3333-4444-555555555555"

Json = dict[str, Any]


def stable(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text.lower()))


# What Azure adds to a resource's properties, by its type.
COMPUTED: dict[str, Callable[[str, str], Json]] = {
    "microsoft.managedidentity/userassignedidentities": lambda id, name: {
        "principalId": stable(f"{id} principal"),
        "clientId": stable(f"{id} client"),
        "tenantId": TENANT,
    },
    "microsoft.insights/components": lambda id, name: {
        "ConnectionString": f"InstrumentationKey={stable(id)};IngestionEndpoint=https://in.example.com/",
    },
    "microsoft.web/sites": lambda id, name: {
        "sku": "FlexConsumption",
        "defaultHostName": f"{name}.azurewebsites.net",
        "hostNameSslStates": [
            {"name": f"{name}.azurewebsites.net", "hostType": "Standard"},
            {"name": f"{name}.scm.azurewebsites.net", "hostType": "Repository"},
        ],
    },
    "microsoft.eventgrid/topics": lambda id, name: {
        "endpoint": f"https://{name}.westeurope-1.eventgrid.azure.net/api/events",
    },
}


# Of these an update is answered as a creation is, which their SDK insists on.
ALWAYS_CREATED = {"Microsoft.EventGrid/eventSubscriptions"}

# What is there as soon as its parent is.
BORN_WITH = {
    "microsoft.storage/storageaccounts": ("blobServices/default",),
    "microsoft.web/sites": (
        "basicPublishingCredentialsPolicies/ftp",
        "basicPublishingCredentialsPolicies/scm",
    ),
}


@dataclass
class Call:
    """A request as it came; `id` is the path of what it is about."""

    method: str
    id: str
    query: dict[str, str]
    body: Any


@dataclass
class Arm:
    """The state, by id in lower case; tests read it, and put there what is not the script's."""

    resources: dict[str, Json] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)  # what was not for Resource Manager
    roles: set[str] = field(default_factory=set)  # whatever is asked for is a role
    deleted_vaults: dict[str, Json] = field(default_factory=dict)  # which can be brought back
    failing: str = ""  # a request whose id holds this is refused

    def writes(self) -> dict[tuple[str, str], Any]:
        """What was put or deleted, and with what body at last."""
        done = [call for call in self.calls if call.method not in ("GET", "HEAD", "POST")]
        return {(call.method, call.id.lower()): call.body for call in done}

    def ids(self) -> list[str]:
        return sorted(resource["id"] for resource in self.resources.values())

    def put(self, id: str, **body: Any) -> Json:
        """A resource is made, or replaced."""
        provider, _, rest = id.rpartition("/providers/")
        parts = rest.split("/")
        kind = (
            "/".join([parts[0], *parts[1::2]]) if provider else "Microsoft.Resources/resourceGroups"
        )
        name = parts[-1]
        before = self.resources.get(id.lower(), {})
        identity = body.get("identity") or {}
        if "SystemAssigned" in identity.get("type", ""):
            body = {**body, "identity": {**identity, "principalId": stable(f"{id} system")}}
        properties = {
            **(body.get("properties") or {}),
            **(COMPUTED[kind.lower()](id, name) if kind.lower() in COMPUTED else {}),
            "provisioningState": "Succeeded",
        }
        made = {
            **body,
            "id": before.get("id", id),
            "name": name,
            "type": kind,
            "properties": properties,
        }
        self.resources[id.lower()] = made
        for child in BORN_WITH.get(kind.lower(), ()):
            if f"{id}/{child}".lower() not in self.resources:
                self.put(f"{id}/{child}")
        return made

    # Requests

    def answer(self, method: str, url: str, body: Any) -> tuple[int, Json | list[Any] | None]:
        parts = urlsplit(url)
        id = re.sub("/+", "/", unquote(parts.path)).rstrip("/")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.calls.append(Call(method, id, query, body))
        if self.failing and self.failing in id:
            return error(403, "AuthorizationFailed", f"no authorization over {id}")
        if "api-version" not in query:
            return error(400, "MissingApiVersionParameter", "api-version is missing")
        verbs: dict[str, Callable[[str, Json, Any], tuple[int, Any]]] = {
            "DELETE": self.do_delete,
            "GET": self.do_get,
            "HEAD": self.do_head,
            "PATCH": self.do_patch,
            "POST": self.do_post,
            "PUT": self.do_put,
        }
        return verbs[method](id, query, body)

    def do_head(self, id: str, query: Json, body: Any) -> tuple[int, None]:
        return (204, None) if id.lower() in self.resources else (404, None)

    def do_get(self, id: str, query: Json, body: Any) -> tuple[int, Any]:
        low = id.lower()
        if low in self.resources:
            return 200, self.resources[low]
        provider = re.fullmatch(r"/subscriptions/[^/]+/providers/([^/]+)", low)
        if provider:
            return 200, self.provider(provider[1])
        vault = self.deleted_vaults.get(id.partition("/deletedVaults/")[2])
        if vault:
            return 200, {"id": id, "name": vault["name"], "properties": {"vaultId": vault["id"]}}
        listed = self.listed(low, query)
        if listed is not None:
            return 200, {"value": listed}
        group = re.match(r"/subscriptions/[^/]+/resourcegroups/[^/]+", low)
        if group and group[0] not in self.resources:
            return error(404, "ResourceGroupNotFound", f"{group[0]} could not be found")
        return error(404, "ResourceNotFound", f"{id} was not found")

    def provider(self, name: str) -> Json:
        """The types of resources that it has, each in one version."""
        kinds = {
            r["type"].partition("/")[2]
            for r in self.resources.values()
            if r["type"].lower().startswith(f"{name}/")
        }
        types = [
            {"resourceType": kind, "apiVersions": ["2025-01-01"], "locations": []}
            for kind in sorted(kinds)
        ]
        return {
            "id": f"/subscriptions/{SUBSCRIPTION}/providers/{name}",
            "namespace": name,
            "resourceTypes": types,
        }

    def listed(self, id: str, query: Json) -> list[Json] | None:
        """A collection, or None where the path is that of one thing."""
        own = list(self.resources.values())
        filtered = query.get("$filter", "")
        if id.endswith("/roledefinitions"):
            return self.role_definitions(filtered)
        if id.endswith("/roleassignments"):
            return self.role_assignments(id.partition("/providers/microsoft.auth")[0], filtered)
        if id.endswith("/eventsubscriptions") and "/topictypes/" in id:
            # microsoft.eventgrid.topics: those at sources of type microsoft.eventgrid/topics
            source = "/".join(id.split("/topictypes/")[1].split("/")[0].rsplit(".", 1))
            subscriptions = [r for r in own if r["type"].endswith("/eventSubscriptions")]
            return [r for r in subscriptions if source in r["id"].lower()]
        if id.endswith("/resources"):
            name = between(r"resourceGroup eq '", filtered)
            group = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/{name}".lower()
            inside = [r for r in own if r["id"].lower().startswith(f"{group}/providers/")]
            return [r for r in inside if r["id"].count("/") == 8]
        if id.endswith("/deletedvaults"):
            return [
                {"id": id, "name": name, "properties": {"tags": vault.get("tags")}}
                for name, vault in self.deleted_vaults.items()
            ]
        everywhere = re.fullmatch(r"/subscriptions/[^/]+/providers/([^/]+/[^/]+)", id)
        if everywhere:
            return [r for r in own if r["type"].lower() == everywhere[1]]
        last = id.rpartition("/providers/")[2].split("/")
        if len(last) % 2 == 0:
            inside = [r for r in own if r["id"].lower().startswith(f"{id}/")]
            return [r for r in inside if r["id"].count("/") == id.count("/") + 1]
        return None

    def role_definitions(self, filtered: str) -> list[Json]:
        name = between(r"roleName eq '", filtered)
        self.roles |= {name} - {""}
        return [role_definition(role) for role in sorted(self.roles) if name in ("", role)]

    def role_assignments(self, scope: str, filtered: str) -> list[Json]:
        principal = between(r"(?:principalId eq |assignedTo\()'", filtered)
        return [
            found
            for found in self.resources.values()
            if found["type"] == "Microsoft.Authorization/roleAssignments"
            and principal in ("", found["properties"]["principalId"])
            and found["id"].lower().startswith(scope)
        ]

    def do_put(self, id: str, query: Json, body: Any) -> tuple[int, Any]:
        group = re.match(r"/subscriptions/[^/]+/resourcegroups/[^/]+(?=/)", id.lower())
        if group and group[0] not in self.resources:
            return error(404, "ResourceGroupNotFound", f"{group[0]} could not be found")
        if "/roleAssignments/" in id:
            same = ("roleDefinitionId", "principalId")
            scope = id.partition("/providers/Microsoft.Authorization/")[0]
            asked = body["properties"]
            for other in self.resources.values():
                if (
                    other["type"].endswith("roleAssignments")
                    and other["properties"]["scope"].lower() == scope.lower()
                    and all(other["properties"][key] == asked[key] for key in same)
                ):
                    return error(409, "RoleAssignmentExists", "The role assignment already exists.")
            asked["scope"] = scope
        if (body or {}).get("properties", {}).get("createMode") == "recover":
            body = self.deleted_vaults.pop(id.rpartition("/")[2])
        made = self.put(
            id, **{key: body[key] for key in body or {} if key not in ("id", "name", "type")}
        )
        return (201 if made["type"] in ALWAYS_CREATED else 200), made

    def do_patch(self, id: str, query: Json, body: Any) -> tuple[int, Any]:
        return self.do_put(id, query, {**self.resources.get(id.lower(), {}), **body})

    def do_delete(self, id: str, query: Json, body: Any) -> tuple[int, Any]:
        low = id.lower()
        gone = [other for other in self.resources if other == low or other.startswith(f"{low}/")]
        was = self.resources.get(low)
        for other in gone:
            resource = self.resources.pop(other)
            if resource["type"] == "Microsoft.KeyVault/vaults":
                self.deleted_vaults[resource["name"]] = resource
        return (200, was) if was else (204, None)

    def do_post(self, id: str, query: Json, body: Any) -> tuple[int, Any]:
        if id.endswith("/listkeys") and "/sites/" in id:
            return 200, {
                "masterKey": "m",
                "functionKeys": {},
                "systemKeys": {"blobs_extension": "the-key"},
            }
        if id.endswith("/checkNameAvailability"):
            taken = any(
                r["type"] == body["type"] and r["name"] == body["name"]
                for r in self.resources.values()
            )
            return 200, {"nameAvailable": not taken, "reason": "AlreadyExists" if taken else None}
        if id.endswith("/validate") and "/deployments/" in id:
            return 200, {"properties": {"provisioningState": "Succeeded"}}
        return error(404, "NotFound", f"POST {id}")


def between(start: str, text: str) -> str:
    """What is in quotes after `start`, an expression that ends with the first quote."""
    found = re.search(f"{start}(.*?)'", text)
    return found[1] if found else ""


def role_definition(name: str) -> Json:
    kind = "Microsoft.Authorization/roleDefinitions"
    return {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/{kind}/{stable(name)}",
        "name": stable(name),
        "type": kind,
        "properties": {"roleName": name, "type": "BuiltInRole"},
    }


def error(status: int, code: str, message: str) -> tuple[int, Json]:
    return status, {"error": {"code": code, "message": message}}


def start(arm: Arm) -> ThreadingHTTPServer:
    """Serves `arm` on a free port, until it is shut down."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(size)
            # The CLI sends a deployment's template under a key without quotes.
            raw = raw.replace(b", template:{", b', "template":{')
            body = json.loads(raw) if raw else None
            # /https://management.azure.com/subscriptions/...
            host, _, path = self.path.partition("://")[2].partition("/")
            if host == "management.azure.com":
                status, answer = arm.answer(self.command, f"/{path}", body)
            else:  # news of the CLI itself; Microsoft Graph, that nobody should need
                arm.elsewhere.append(f"{host}/{path}")
                status, answer = error(403, "Forbidden", f"{host} is not played here")
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any

        def handle(self) -> None:
            with contextlib.suppress(ConnectionResetError):  # the CLI ends when the tests do
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
