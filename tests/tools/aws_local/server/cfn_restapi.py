"""API Gateway's REST APIs in stacks. They can be described and are not callable.

moto makes some of these types itself, but drops most of their properties: authorizers, models,
keys. Here every property goes through the API, which knows them.
"""

from __future__ import annotations

import json
from typing import Any

from tools.aws_local.server.cfn_model import (
    Call,
    Properties,
    Resource,
    ResourceType,
    boolean,
    nothing,
    typed,
)
from tools.aws_local.server.openapi_rest import import_body, remove_methods

_PREFIX = "AWS::ApiGateway"


def camel(properties: Properties) -> Properties:
    """CloudFormation's `RestApiId` is the API's `restApiId`; nested ones are left alone."""
    return {name[0].lower() + name[1:]: value for name, value in properties.items()}


def tags(properties: Properties) -> Properties:
    """CloudFormation's list of tags as the API's mapping."""
    found = {tag["Key"]: tag["Value"] for tag in properties.pop("Tags", [])}
    return {**camel(properties), **({"tags": found} if found else {})}


# --- the API --------------------------------------------------------------------------------


def _api_settings(call: Call) -> Properties:
    properties = dict(call.properties)
    for name in ("Body", "BodyS3Location", "FailOnWarnings", "Parameters", "Mode"):
        properties.pop(name, None)
    endpoint = properties.pop("EndpointConfiguration", None)
    settings = {"Name": call.name, **properties}
    if endpoint:
        settings["EndpointConfiguration"] = camel(endpoint)
    return typed(settings, DisableExecuteApiEndpoint=boolean, MinimumCompressionSize=int)


def _create_api(call: Call) -> Resource:
    client = call.client("apigateway")
    api = client.create_rest_api(**tags(_api_settings(call)))
    import_body(client, api["id"], call.properties.get("Body"))
    return _api(client, api["id"])


def _update_api(call: Call, physical_id: str) -> Resource:
    client = call.client("apigateway")
    body = call.properties.get("Body")
    if body:
        remove_methods(client, physical_id)
        import_body(client, physical_id, body)
    return _api(client, physical_id)


def _api(client: Any, api_id: str) -> Resource:
    [root] = [r for r in client.get_resources(restApiId=api_id)["items"] if r["path"] == "/"]
    return Resource(api_id, {"RootResourceId": root["id"], "RestApiId": api_id})


def _delete_api(call: Call, physical_id: str) -> None:
    call.client("apigateway").delete_rest_api(restApiId=physical_id)


# --- paths and methods ----------------------------------------------------------------------


def _create_resource(call: Call) -> Resource:
    made = call.client("apigateway").create_resource(**camel(call.properties))
    return Resource(made["id"], {"ResourceId": made["id"]})


def _keep_resource(call: Call, physical_id: str) -> Resource:
    return Resource(physical_id, {"ResourceId": physical_id})


def _delete_resource(call: Call, physical_id: str) -> None:
    call.client("apigateway").delete_resource(
        restApiId=call.properties["RestApiId"], resourceId=physical_id
    )


def _put_method(call: Call) -> Resource:
    client = call.client("apigateway")
    properties = typed(call.properties, ApiKeyRequired=boolean)
    integration = properties.pop("Integration", None)
    answers = properties.pop("MethodResponses", [])
    method = camel(properties)
    which = {key: method[key] for key in ("restApiId", "resourceId", "httpMethod")}
    client.put_method(**method)
    for answer in answers:
        client.put_method_response(**which, **_response(answer))
    if integration:
        _put_integration(client, which, integration)
    return Resource("-".join(which.values()))


def _put_integration(client: Any, which: Properties, declared: Properties) -> None:
    integration = typed(declared, TimeoutInMillis=int)
    answers = integration.pop("IntegrationResponses", [])
    settings = camel(integration)
    if "integrationHttpMethod" not in settings and settings["type"] == "MOCK":
        settings["integrationHttpMethod"] = which["httpMethod"]
    client.put_integration(**which, **settings)
    for answer in answers:
        client.put_integration_response(**which, **_response(answer))


def _response(declared: Properties) -> Properties:
    response = camel(declared)
    response["statusCode"] = str(response["statusCode"])
    parameters = response.get("responseParameters")
    if parameters and "responseModels" in response:
        response["responseParameters"] = {k: boolean(v) for k, v in parameters.items()}
    return response


def _delete_method(call: Call, physical_id: str) -> None:
    which = {key: call.properties[key] for key in ("RestApiId", "ResourceId", "HttpMethod")}
    call.client("apigateway").delete_method(**camel(which))


def _create_authorizer(call: Call) -> Resource:
    properties = {"Name": call.name, **typed(call.properties, AuthorizerResultTtlInSeconds=int)}
    arns = properties.pop("ProviderARNs", None)
    settings = {**camel(properties), **({"providerARNs": arns} if arns else {})}
    made = call.client("apigateway").create_authorizer(**settings)
    return Resource(made["id"], {"AuthorizerId": made["id"]})


def _create_validator(call: Call) -> Resource:
    settings = typed(
        call.properties, ValidateRequestBody=boolean, ValidateRequestParameters=boolean
    )
    made = call.client("apigateway").create_request_validator(**camel(settings))
    return Resource(made["id"], {"RequestValidatorId": made["id"]})


def _create_model(call: Call) -> Resource:
    name = call.properties.get("Name") or "".join(filter(str.isalnum, call.name))
    settings = {**call.properties, "Name": name, "Schema": json.dumps(call.properties["Schema"])}
    call.client("apigateway").create_model(**camel(settings))
    return Resource(name)


def _keep(call: Call, physical_id: str) -> Resource:
    """moto has no way to change it, and nothing here looks at what would change."""
    return Resource(physical_id)


def _put_gateway_response(call: Call) -> Resource:
    call.client("apigateway").put_gateway_response(**camel(call.properties))
    return Resource(call.name)


# --- deployments, stages, plans -------------------------------------------------------------


def _create_deployment(call: Call) -> Resource:
    made = call.client("apigateway").create_deployment(**camel(call.properties))
    return Resource(made["id"], {"DeploymentId": made["id"]})


def _create_stage(call: Call) -> Resource:
    properties = dict(call.properties)
    methods = properties.pop("MethodSettings", [])
    log = properties.pop("AccessLogSetting", None)
    settings = tags(typed(properties, TracingEnabled=boolean))
    settings.setdefault("stageName", call.name)
    client = call.client("apigateway")
    client.create_stage(**settings)
    _patch_stage(client, settings, methods, log)
    return Resource(settings["stageName"])


def _update_stage(call: Call, physical_id: str) -> Resource:
    properties = dict(call.properties)
    methods, log = properties.pop("MethodSettings", []), properties.pop("AccessLogSetting", None)
    settings = {**tags(properties), "stageName": physical_id}
    client = call.client("apigateway")
    _patch_stage(client, settings, methods, log)
    _patch(client, settings, {"/deploymentId": settings["deploymentId"]})
    return Resource(physical_id)


def _patch_stage(
    client: Any, stage: Properties, methods: list[Properties], log: Properties | None
) -> None:
    if log:
        changes = {
            "/accessLogSettings/destinationArn": log["DestinationArn"],
            "/accessLogSettings/format": log["Format"],
        }
        _patch(client, stage, changes)
    for declared in methods:
        path = declared["ResourcePath"].strip("/").replace("/", "~1")
        where = f"/{path}/{declared['HttpMethod']}"
        changes = {
            f"{where}/throttling/rateLimit": str(declared["ThrottlingRateLimit"]),
            f"{where}/throttling/burstLimit": str(declared["ThrottlingBurstLimit"]),
        }
        _patch(client, stage, changes)


def _patch(client: Any, stage: Properties, changes: dict[str, str]) -> None:
    operations = [{"op": "replace", "path": p, "value": value} for p, value in changes.items()]
    client.update_stage(
        restApiId=stage["restApiId"], stageName=stage["stageName"], patchOperations=operations
    )


def _delete_stage(call: Call, physical_id: str) -> None:
    call.client("apigateway").delete_stage(
        restApiId=call.properties["RestApiId"], stageName=physical_id
    )


def _create_key(call: Call) -> Resource:
    settings = typed({"Name": call.name, **call.properties}, Enabled=boolean)
    settings.pop("StageKeys", None)
    made = call.client("apigateway").create_api_key(**tags(settings))
    return Resource(made["id"], {"APIKeyId": made["id"]})


def _delete_key(call: Call, physical_id: str) -> None:
    call.client("apigateway").delete_api_key(apiKey=physical_id)


def _create_plan(call: Call) -> Resource:
    properties = dict(call.properties)
    settings = {
        "name": properties.pop("UsagePlanName", call.name),
        "apiStages": [camel(stage) for stage in properties.pop("ApiStages", [])],
    }
    throttle = properties.pop("Throttle", None)
    if throttle:
        settings["throttle"] = camel(typed(throttle, BurstLimit=int, RateLimit=float))
    made = call.client("apigateway").create_usage_plan(**settings, **tags(properties))
    return Resource(made["id"], {"Id": made["id"]})


def _delete_plan(call: Call, physical_id: str) -> None:
    call.client("apigateway").delete_usage_plan(usagePlanId=physical_id)


def _create_plan_key(call: Call) -> Resource:
    made = call.client("apigateway").create_usage_plan_key(**camel(call.properties))
    return Resource(made["id"])


# --- domains --------------------------------------------------------------------------------


def _create_domain(call: Call) -> Resource:
    properties = dict(call.properties)
    endpoint = properties.pop("EndpointConfiguration", None)
    settings = tags(properties)
    if endpoint:
        settings["endpointConfiguration"] = camel(endpoint)
    made = call.client("apigateway").create_domain_name(**settings)
    target = made.get("regionalDomainName", "")
    return Resource(made["domainName"], {"RegionalDomainName": target})


def _delete_domain(call: Call, physical_id: str) -> None:
    call.client("apigateway").delete_domain_name(domainName=physical_id)


def _create_mapping(call: Call) -> Resource:
    call.client("apigateway").create_base_path_mapping(**camel(call.properties))
    return Resource(call.name)


TYPES = (
    ResourceType(f"{_PREFIX}::RestApi", _create_api, _delete_api, _update_api),
    ResourceType(f"{_PREFIX}::Resource", _create_resource, _delete_resource, _keep_resource),
    ResourceType(f"{_PREFIX}::Method", _put_method, _delete_method),
    ResourceType(f"{_PREFIX}::Authorizer", _create_authorizer, nothing, _keep),
    ResourceType(f"{_PREFIX}::RequestValidator", _create_validator, nothing, _keep),
    ResourceType(f"{_PREFIX}::Model", _create_model, nothing, _keep),
    ResourceType(f"{_PREFIX}::GatewayResponse", _put_gateway_response, nothing),
    ResourceType(f"{_PREFIX}::Deployment", _create_deployment, nothing, _keep),
    ResourceType(f"{_PREFIX}::Stage", _create_stage, _delete_stage, _update_stage),
    ResourceType(f"{_PREFIX}::ApiKey", _create_key, _delete_key, _keep),
    ResourceType(f"{_PREFIX}::UsagePlan", _create_plan, _delete_plan, _keep),
    ResourceType(f"{_PREFIX}::UsagePlanKey", _create_plan_key, nothing, _keep),
    ResourceType(f"{_PREFIX}::DomainName", _create_domain, _delete_domain, _keep),
    ResourceType(f"{_PREFIX}::BasePathMapping", _create_mapping, nothing, _keep),
)
