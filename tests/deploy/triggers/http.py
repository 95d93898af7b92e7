"""Requests to the HTTP API: their events, and the routes with who may call them.

The API is not callable on the local AWS: real payloads go through the deployed code instead, and
routes, authorizers, CORS, limits and the domain are read back.
"""

from __future__ import annotations

from typing import Any

from deploy.deployed import Deployed
from deploy.effect import function_in
from tools.aws_local import LocalAws

ISSUER = "https://auth.example.com/"
DOMAIN = "api-{stage}.example.com"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
FUNCTIONS = ("http=api", "http=members", "http=partners")
SETTINGS = (
    "api.path=/api,/api/{id}",
    "members.auth=jwt",
    f"members.issuer={ISSUER}",
    "members.audience=orders,shop",
    "members.scopes=orders/read",
    "partners.auth=iam",
    "api.cors_origins=https://app.example.com,http://localhost:3000",
    "api.throttling_rate=20",
    "api.throttling_burst=40",
    f"api.domain={DOMAIN}",
    f"api.certificate={CERTIFICATE}",
)


def effect(aws: LocalAws) -> dict[str, object]:
    client = aws.client("apigatewayv2")
    return {
        "http_apis": {api["Name"]: http_api(client, api) for api in client.get_apis()["Items"]},
        "http_domains": domains(client),
    }


def http_api(client: Any, api: dict[str, Any]) -> dict[str, Any]:
    api_id = api["ApiId"]
    [stage] = client.get_stages(ApiId=api_id)["Items"]
    limits = stage.get("DefaultRouteSettings", {})
    log = stage.get("AccessLogSettings", {})
    cors = api.get("CorsConfiguration", {})
    return {
        "stage": stage["StageName"],
        "deploys_itself": stage["AutoDeploy"],
        "rate": limits.get("ThrottlingRateLimit"),
        "burst": limits.get("ThrottlingBurstLimit"),
        "logs_to": log.get("DestinationArn", "").removesuffix(":*").rpartition(":")[2],
        # What is false or empty, some tools say and some do not.
        "cors": {
            key: sorted(value) if isinstance(value, list) else value
            for key, value in sorted(cors.items())
            if value
        },
        "routes": routes(client, api_id),
    }


def routes(client: Any, api_id: str) -> list[str]:
    """`GET /path -> function (who may call)` for every route."""
    integrations = {
        i["IntegrationId"]: function_in(i["IntegrationUri"])
        for i in client.get_integrations(ApiId=api_id)["Items"]
    }
    found = []
    for route in client.get_routes(ApiId=api_id)["Items"]:
        target = integrations[route["Target"].removeprefix("integrations/")]
        access = route.get("AuthorizationType") or "NONE"
        if access == "JWT":
            authorizer = client.get_authorizer(ApiId=api_id, AuthorizerId=route["AuthorizerId"])
            token = authorizer["JwtConfiguration"]
            scopes = " ".join(route.get("AuthorizationScopes", []))
            access = (
                f"JWT of {token['Issuer']} for {' '.join(sorted(token['Audience']))} with {scopes}"
            )
        found.append(f"{route['RouteKey']} -> {target} ({access})")
    return sorted(found)


def domains(client: Any) -> dict[str, Any]:
    apis = {api["ApiId"]: api["Name"] for api in client.get_apis()["Items"]}
    found = {}
    for domain in client.get_domain_names()["Items"]:
        [configuration] = domain["DomainNameConfigurations"]
        mappings = client.get_api_mappings(DomainName=domain["DomainName"])["Items"]
        found[domain["DomainName"]] = {
            "certificate": configuration["CertificateArn"],
            "tls": configuration["SecurityPolicy"],
            "maps_to": [f"{apis[m['ApiId']]} {m['Stage']}" for m in mappings],
        }
    return found


def check_http_requests_are_answered(deployed: Deployed) -> None:
    good = deployed.invoke("api", "sample")
    assert good["statusCode"] in (200, 201), good
    assert deployed.invoke("api", "malformed")["statusCode"] == 400
    assert deployed.invoke("api", "unknown_path")["statusCode"] == 404


def check_the_logic_learns_who_calls(deployed: Deployed) -> None:
    for function, who in (
        ("members", "11111111-2222-3333-4444-555555555555"),
        ("partners", "arn:aws:iam::123456789012:user/example"),
    ):
        answer = deployed.invoke(function, "sample")
        assert answer["statusCode"] == 201, answer
        assert who in answer["body"]


def check_logs_are_structured(deployed: Deployed) -> None:
    deployed.invoke("api", "sample")
    records = [r for r in deployed.records("api") if r.get("status")]
    assert records
    assert {"timestamp", "level", "message"} <= set(records[-1])
