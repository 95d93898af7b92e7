"""Requests to the REST API: their events, and its methods with who may call them.

The API is not callable on the local AWS: real payloads go through the deployed code instead, and
methods, authorizers, models, CORS, limits, keys and the domain are read back.
"""

from __future__ import annotations

import json
from typing import Any

from deploy.deployed import Deployed
from tools.aws_local import LocalAws

POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Example01"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
FUNCTIONS = ("rest=catalog", "rest=catalog_lists", "rest=readers", "rest=signers", "rest=meters")
SETTINGS = (
    "catalog_lists.path=/catalog/lists",
    "catalog_lists.methods=GET,POST",
    "readers.auth=jwt",
    f"readers.user_pool={POOL}",
    "readers.audience=1example23456789",
    "readers.scopes=orders/read",
    "signers.auth=iam",
    "meters.auth=api-key",
    "meters.methods=PUT",
    "catalog.cors_origins=https://app.example.com",
    "catalog.throttling_rate=20",
    "catalog.throttling_burst=40",
    "catalog.domain=rest-{stage}.example.com",
    f"catalog.certificate={CERTIFICATE}",
)


def effect(aws: LocalAws) -> dict[str, object]:
    client = aws.client("apigateway")
    apis = {api["id"]: api["name"] for api in client.get_rest_apis()["items"]}
    return {
        "rest_apis": {name: rest_api(client, api_id) for api_id, name in apis.items()},
        "rest_keys": keys(client, apis),
        "rest_domains": domains(client, apis),
    }


def rest_api(client: Any, api_id: str) -> dict[str, Any]:
    [stage] = client.get_stages(restApiId=api_id)["item"]
    deployments = [d["id"] for d in client.get_deployments(restApiId=api_id)["items"]]
    limits = stage.get("methodSettings", {}).get("*/*", {})
    log = stage.get("accessLogSettings", {})
    return {
        "endpoint": client.get_rest_api(restApiId=api_id)["endpointConfiguration"]["types"],
        "stage": stage["stageName"],
        "is_deployed": stage["deploymentId"] in deployments,
        "traced": stage["tracingEnabled"],
        "rate": limits.get("throttlingRateLimit"),
        "burst": limits.get("throttlingBurstLimit"),
        "logs_to": log.get("destinationArn", "").removesuffix(":*").rpartition(":")[2],
        "tags": {
            k: v for k, v in sorted(stage.get("tags", {}).items()) if k in ("service", "stage")
        },
        "own_answers": {
            response["responseType"]: response["responseParameters"]
            for response in sorted(
                client.get_gateway_responses(restApiId=api_id)["items"],
                key=lambda response: str(response["responseType"]),
            )
        },
        "methods": methods(client, api_id),
    }


def methods(client: Any, api_id: str) -> dict[str, Any]:
    """`GET /path`: what it calls, who may call, and what is checked before."""
    pools = {a["id"]: a["providerARNs"] for a in client.get_authorizers(restApiId=api_id)["items"]}
    validators = {
        v["id"]: v["validateRequestBody"]
        for v in client.get_request_validators(restApiId=api_id)["items"]
    }
    found = {}
    for resource in client.get_resources(restApiId=api_id, limit=500)["items"]:
        for verb in resource.get("resourceMethods", {}):
            method = client.get_method(restApiId=api_id, resourceId=resource["id"], httpMethod=verb)
            found[f"{verb} {resource['path']}"] = {
                "calls": called(method["methodIntegration"]),
                "access": access(method, pools),
                "checks_body": sorted(method.get("requestModels", {}))
                if validators.get(method.get("requestValidatorId"))
                else [],
            }
    return dict(sorted(found.items()))


def called(integration: dict[str, Any]) -> Any:
    """The function, or the headers of an answer that API Gateway makes itself."""
    if integration["type"] == "AWS_PROXY":
        return integration["uri"].split(":function:")[1].split("/")[0]
    headers: dict[str, str] = integration["integrationResponses"]["200"]["responseParameters"]
    return {
        name.removeprefix("method.response.header."): sorted(value.strip("'").split(","))
        for name, value in sorted(headers.items())
        if not name.endswith("Vary")  # CDK adds it; nothing varies here
    }


def access(method: dict[str, Any], pools: dict[str, list[str]]) -> str:
    kind = str(method["authorizationType"])
    if kind == "COGNITO_USER_POOLS":
        pool = " ".join(pools[method["authorizerId"]])
        kind = f"token of {pool} with {' '.join(method.get('authorizationScopes', []))}"
    return f"{kind} and an API key" if method.get("apiKeyRequired") else kind


def keys(client: Any, apis: dict[str, str]) -> dict[str, Any]:
    """Usage plans with their keys."""
    found = {}
    for plan in client.get_usage_plans()["items"]:
        of = client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
        found[plan["name"]] = {
            "keys": [key["name"] for key in of],
            "limits": plan["throttle"],
            "stages": [f"{apis[s['apiId']]} {s['stage']}" for s in plan["apiStages"]],
        }
    return found


def domains(client: Any, apis: dict[str, str]) -> dict[str, Any]:
    found = {}
    for domain in client.get_domain_names()["items"]:
        mappings = client.get_base_path_mappings(domainName=domain["domainName"])["items"]
        found[domain["domainName"]] = {
            "certificate": domain["regionalCertificateArn"],
            "tls": domain["securityPolicy"],
            "maps_to": [f"{m['basePath']} {apis[m['restApiId']]} {m['stage']}" for m in mappings],
        }
    return found


def check_rest_requests_are_answered(deployed: Deployed) -> None:
    good = deployed.invoke("catalog", "sample")
    assert good["statusCode"] == 201, good
    [below] = [json.loads(deployed.invoke("catalog", "below")["body"])]
    assert below["path"] == "42/items"
    assert deployed.invoke("catalog", "malformed")["statusCode"] == 400


def check_the_answer_names_the_origin(deployed: Deployed) -> None:
    answer = deployed.invoke("catalog", "sample")
    headers = answer.get("headers") or {}
    headers |= {name: values[0] for name, values in answer.get("multiValueHeaders", {}).items()}
    named = {name.lower(): value for name, value in headers.items()}
    assert named["access-control-allow-origin"] == "https://app.example.com"


def check_the_logic_of_a_rest_function_learns_who_calls(deployed: Deployed) -> None:
    for function, who in (
        ("readers", "11111111-2222-3333-4444-555555555555"),
        ("signers", "arn:aws:iam::123456789012:user/example"),
        ("meters", "a1b2c3d4e5"),
    ):
        answer = deployed.invoke(function, "sample")
        assert answer["statusCode"] in (200, 201), answer
        assert who in answer["body"]
