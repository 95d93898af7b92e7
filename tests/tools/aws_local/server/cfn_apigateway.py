"""API Gateway's HTTP APIs in stacks. They can be described and are not callable."""

from __future__ import annotations

from typing import Any

from tools.aws_local.server.cfn_model import (
    Call,
    Properties,
    Resource,
    ResourceType,
    boolean,
    typed,
)

_METHOD_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_CORS = "x-amazon-apigateway-cors"
# What only CloudFormation knows, or what the imported body says.
_NOT_IN_API = ("Body", "BodyS3Location", "FailOnWarnings", "BasePath")


def _api_settings(call: Call) -> Properties:
    body = call.properties.get("Body") or {}
    given = {key: value for key, value in call.properties.items() if key not in _NOT_IN_API}
    title = (body.get("info") or {}).get("title")
    return {"Name": title or call.name, "ProtocolType": "HTTP", **given}


def _typed_api(call: Call) -> Properties:
    settings = typed(_api_settings(call), DisableExecuteApiEndpoint=boolean)
    cors = (call.properties.get("Body") or {}).get(_CORS)
    if cors:
        settings["CorsConfiguration"] = {_pascal(key): value for key, value in cors.items()}
    if "CorsConfiguration" in settings:
        settings["CorsConfiguration"] = typed(
            settings["CorsConfiguration"], MaxAge=int, AllowCredentials=boolean
        )
    return settings


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def _create_api(call: Call) -> Resource:
    settings = _typed_api(call)
    api = call.client("apigatewayv2").create_api(**settings)
    _import_body(call, api["ApiId"])
    return _api(api)


def _update_api(call: Call, physical_id: str) -> Resource:
    settings = _typed_api(call)
    unchangeable = ("ProtocolType", "Tags")
    changes = {key: value for key, value in settings.items() if key not in unchangeable}
    client = call.client("apigatewayv2")
    api = client.update_api(ApiId=physical_id, **changes)
    if call.properties.get("Body"):
        routes = client.get_routes(ApiId=physical_id)["Items"]
        for route in routes:
            client.delete_route(ApiId=physical_id, RouteId=route["RouteId"])
        for integration in client.get_integrations(ApiId=physical_id)["Items"]:
            client.delete_integration(ApiId=physical_id, IntegrationId=integration["IntegrationId"])
        # moto cannot list authorizers.
        for authorizer_id in {r["AuthorizerId"] for r in routes if r.get("AuthorizerId")}:
            client.delete_authorizer(ApiId=physical_id, AuthorizerId=authorizer_id)
    _import_body(call, physical_id)
    return _api(api)


def _api(answer: dict[str, Any]) -> Resource:
    shown = {"ApiEndpoint": answer["ApiEndpoint"], "ApiId": answer["ApiId"]}
    return Resource(answer["ApiId"], shown)


def _import_body(call: Call, api_id: str) -> None:
    """The routes of an OpenAPI body, which is what `AWS::Serverless::HttpApi` becomes."""
    client = call.client("apigatewayv2")
    body = call.properties.get("Body") or {}
    authorizers = _import_authorizers(client, api_id, body)
    for path, methods in (body.get("paths") or {}).items():
        for method, operation in methods.items():
            declared = operation.get(_INTEGRATION)
            if declared is None:
                continue
            integration = client.create_integration(
                ApiId=api_id,
                IntegrationType="AWS_PROXY",
                IntegrationUri=declared["uri"],
                PayloadFormatVersion=declared.get("payloadFormatVersion", "2.0"),
            )
            verb = "ANY" if method == _METHOD_ANY else method.upper()
            key = "$default" if path.lstrip("/") == "$default" else f"{verb} {path}"
            target = f"integrations/{integration['IntegrationId']}"
            access = _access(operation, authorizers)
            client.create_route(ApiId=api_id, RouteKey=key, Target=target, **access)


def _import_authorizers(client: Any, api_id: str, body: dict[str, Any]) -> dict[str, str]:
    """The id of each JWT authorizer that the body's security schemes declare, by its name."""
    made = {}
    schemes = (body.get("components") or {}).get("securitySchemes") or {}
    for name, scheme in schemes.items():
        declared = scheme.get(_AUTHORIZER)
        if declared is None:
            continue
        configuration = {_pascal(k): v for k, v in declared["jwtConfiguration"].items()}
        authorizer = client.create_authorizer(
            ApiId=api_id,
            AuthorizerType=declared["type"].upper(),
            IdentitySource=[declared["identitySource"]],
            JwtConfiguration=configuration,
            Name=name,
        )
        made[name] = authorizer["AuthorizerId"]
    return made


def _access(operation: dict[str, Any], authorizers: dict[str, str]) -> Properties:
    """What an operation's `security` makes of its route."""
    for requirement in operation.get("security") or ():
        for name, scopes in requirement.items():
            if name in authorizers:
                known = {"AuthorizationType": "JWT", "AuthorizerId": authorizers[name]}
                return {**known, **({"AuthorizationScopes": scopes} if scopes else {})}
            if name == "AWS_IAM":
                return {"AuthorizationType": "AWS_IAM"}
    return {}


def _delete_api(call: Call, physical_id: str) -> None:
    call.client("apigatewayv2").delete_api(ApiId=physical_id)


def _create_integration(call: Call) -> Resource:
    settings = typed(call.properties, TimeoutInMillis=int)
    answer = call.client("apigatewayv2").create_integration(**settings)
    return Resource(answer["IntegrationId"], {"IntegrationId": answer["IntegrationId"]})


def _update_integration(call: Call, physical_id: str) -> Resource:
    settings = typed(call.properties, TimeoutInMillis=int)
    call.client("apigatewayv2").update_integration(IntegrationId=physical_id, **settings)
    return Resource(physical_id, {"IntegrationId": physical_id})


def _delete_integration(call: Call, physical_id: str) -> None:
    call.client("apigatewayv2").delete_integration(
        ApiId=call.properties["ApiId"], IntegrationId=physical_id
    )


def _create_route(call: Call) -> Resource:
    answer = call.client("apigatewayv2").create_route(**_route(call))
    return Resource(answer["RouteId"], {"RouteId": answer["RouteId"]})


def _update_route(call: Call, physical_id: str) -> Resource:
    call.client("apigatewayv2").update_route(RouteId=physical_id, **_route(call))
    return Resource(physical_id, {"RouteId": physical_id})


def _route(call: Call) -> Properties:
    return typed(call.properties, ApiKeyRequired=boolean)


def _delete_route(call: Call, physical_id: str) -> None:
    call.client("apigatewayv2").delete_route(ApiId=call.properties["ApiId"], RouteId=physical_id)


def _stage(call: Call) -> Properties:
    settings = typed(call.properties, AutoDeploy=boolean)
    if "DefaultRouteSettings" in settings:
        settings["DefaultRouteSettings"] = typed(
            settings["DefaultRouteSettings"],
            DetailedMetricsEnabled=boolean,
            ThrottlingBurstLimit=int,
            ThrottlingRateLimit=float,
        )
    return settings


def _create_stage(call: Call) -> Resource:
    return Resource(call.client("apigatewayv2").create_stage(**_stage(call))["StageName"])


def _update_stage(call: Call, physical_id: str) -> Resource:
    changes = {key: value for key, value in _stage(call).items() if key != "Tags"}
    call.client("apigatewayv2").update_stage(**changes)
    return Resource(physical_id)


def _delete_stage(call: Call, physical_id: str) -> None:
    call.client("apigatewayv2").delete_stage(ApiId=call.properties["ApiId"], StageName=physical_id)


def _create_authorizer(call: Call) -> Resource:
    answer = call.client("apigatewayv2").create_authorizer(**call.properties)
    return Resource(answer["AuthorizerId"], {"AuthorizerId": answer["AuthorizerId"]})


def _update_authorizer(call: Call, physical_id: str) -> Resource:
    call.client("apigatewayv2").update_authorizer(AuthorizerId=physical_id, **call.properties)
    return Resource(physical_id, {"AuthorizerId": physical_id})


def _delete_authorizer(call: Call, physical_id: str) -> None:
    call.client("apigatewayv2").delete_authorizer(
        ApiId=call.properties["ApiId"], AuthorizerId=physical_id
    )


def _create_domain(call: Call) -> Resource:
    answer = call.client("apigatewayv2").create_domain_name(**call.properties)
    [configuration] = answer["DomainNameConfigurations"]
    target = configuration.get("ApiGatewayDomainName", "")
    return Resource(answer["DomainName"], {"RegionalDomainName": target})


def _delete_domain(call: Call, physical_id: str) -> None:
    call.client("apigatewayv2").delete_domain_name(DomainName=physical_id)


def _create_mapping(call: Call) -> Resource:
    # moto wants the key that AWS takes to be empty.
    properties = {"ApiMappingKey": "", **call.properties}
    return Resource(call.client("apigatewayv2").create_api_mapping(**properties)["ApiMappingId"])


def _delete_mapping(call: Call, physical_id: str) -> None:
    call.client("apigatewayv2").delete_api_mapping(
        ApiMappingId=physical_id, DomainName=call.properties["DomainName"]
    )


_PREFIX = "AWS::ApiGatewayV2"
TYPES = (
    ResourceType(f"{_PREFIX}::Api", _create_api, _delete_api, _update_api),
    ResourceType(
        f"{_PREFIX}::Integration", _create_integration, _delete_integration, _update_integration
    ),
    ResourceType(f"{_PREFIX}::Route", _create_route, _delete_route, _update_route),
    ResourceType(f"{_PREFIX}::Stage", _create_stage, _delete_stage, _update_stage),
    ResourceType(
        f"{_PREFIX}::Authorizer", _create_authorizer, _delete_authorizer, _update_authorizer
    ),
    ResourceType(f"{_PREFIX}::DomainName", _create_domain, _delete_domain),
    ResourceType(f"{_PREFIX}::ApiMapping", _create_mapping, _delete_mapping),
)
