"""Requests to the HTTP API: their events, and the routes."""

from __future__ import annotations

from deploy.deployed import Deployed
from tools.aws_local import LocalAws

FUNCTIONS = ("http=api",)
SETTINGS = ()


def effect(aws: LocalAws) -> dict[str, object]:
    return {"routes": routes(aws)}


def routes(aws: LocalAws) -> list[str]:
    """`GET /path -> function` for every route of every HTTP API."""
    client = aws.client("apigatewayv2")
    found = []
    for api in client.get_apis()["Items"]:
        integrations = {
            i["IntegrationId"]: i["IntegrationUri"].split(":function:")[1].split("/")[0]
            for i in client.get_integrations(ApiId=api["ApiId"])["Items"]
        }
        for route in client.get_routes(ApiId=api["ApiId"])["Items"]:
            target = integrations[route["Target"].removeprefix("integrations/")]
            found.append(f"{route['RouteKey']} -> {target}")
    return sorted(found)


def check_http_requests_are_answered(deployed: Deployed) -> None:
    good = deployed.invoke("api", "sample")
    assert good["statusCode"] in (200, 201), good
    assert deployed.invoke("api", "malformed")["statusCode"] == 400
    assert deployed.invoke("api", "unknown_path")["statusCode"] == 404


def check_logs_are_structured(deployed: Deployed) -> None:
    deployed.invoke("api", "sample")
    records = [r for r in deployed.records("api") if r.get("status")]
    assert records
    assert {"timestamp", "level", "message"} <= set(records[-1])
