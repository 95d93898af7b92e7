"""The OpenAPI body of a REST API, which is what `AWS::Serverless::Api` becomes.

moto imports paths and integrations alone; here methods get their authorizers, keys, models and
validators too.
"""

from __future__ import annotations

import json
from typing import Any

from moto.apigateway.models import APIGatewayBackend

from tools.aws_local.server.context import Context

Document = dict[str, Any]

_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"


def install(context: Context) -> None:
    """Have `PutRestApi` replace all that is there."""

    def put_rest_api(
        self: Any, function_id: str, api_doc: Document, fail_on_warnings: bool, mode: str = "merge"
    ) -> Any:
        client = context.client("apigateway", self.region_name)
        remove_methods(client, function_id)
        import_body(client, function_id, api_doc)
        return self.get_rest_api(function_id)

    def create_deployment(
        self: Any,
        function_id: str,
        name: str,
        description: str = "",
        stage_variables: Document | None = None,
    ) -> Any:
        return self.get_rest_api(function_id).create_deployment(name, description, stage_variables)

    APIGatewayBackend.put_rest_api = put_rest_api
    # moto takes no notice of DependsOn, so a stack's deployment may come before its methods.
    APIGatewayBackend.create_deployment = create_deployment


def remove_methods(client: Any, api_id: str) -> None:
    for resource in client.get_resources(restApiId=api_id)["items"]:
        for method in resource.get("resourceMethods", {}):
            client.delete_method(restApiId=api_id, resourceId=resource["id"], httpMethod=method)


def import_body(client: Any, api_id: str, body: Document | None) -> None:
    """Make what the body declares; methods that are there already must be gone."""
    if not body:
        return
    components = body.get("components", {})
    authorizers = _authorizers(client, api_id, components.get("securitySchemes", {}))
    validators = _validators(client, api_id, body.get("x-amazon-apigateway-request-validators", {}))
    _models(client, api_id, components.get("schemas", {}))
    for kind, response in body.get("x-amazon-apigateway-gateway-responses", {}).items():
        client.put_gateway_response(restApiId=api_id, responseType=kind, **response)
    for path, operations in body.get("paths", {}).items():
        resource = _resource(client, api_id, path)
        for name, operation in operations.items():
            verb = "ANY" if name == _ANY else name.upper()
            method = {
                "restApiId": api_id,
                "resourceId": resource,
                "httpMethod": verb,
                **_access(operation, authorizers),
                **_validation(operation, validators),
            }
            _put(client, method, operation)


def _authorizers(client: Any, api_id: str, schemes: Document) -> dict[str, str]:
    """The id of each user pool authorizer, by the name of its security scheme."""
    known = {a["name"]: a["id"] for a in client.get_authorizers(restApiId=api_id)["items"]}
    for name, scheme in schemes.items():
        declared = scheme.get("x-amazon-apigateway-authorizer")
        if not declared or name in known:
            continue
        made = client.create_authorizer(
            restApiId=api_id,
            name=name,
            type=declared["type"].upper(),
            providerARNs=declared["providerARNs"],
            identitySource=f"method.request.header.{scheme['name']}",
        )
        known[name] = made["id"]
    return known


def _validators(client: Any, api_id: str, declared: Document) -> dict[str, str]:
    found = client.get_request_validators(restApiId=api_id)["items"]
    known = {validator["name"]: validator["id"] for validator in found}
    for name, settings in declared.items():
        if name not in known:
            made = client.create_request_validator(restApiId=api_id, name=name, **settings)
            known[name] = made["id"]
    return known


def _models(client: Any, api_id: str, schemas: Document) -> None:
    known = {model["name"] for model in client.get_models(restApiId=api_id)["items"]}
    for name, schema in schemas.items():
        if name not in known:
            client.create_model(
                restApiId=api_id,
                name=name,
                contentType="application/json",
                schema=json.dumps(schema),
            )


def _resource(client: Any, api_id: str, path: str) -> str:
    """The id of a path's resource, made with its parents where there is none yet."""
    found = client.get_resources(restApiId=api_id)["items"]
    known = {resource["path"]: str(resource["id"]) for resource in found}
    made = ""
    for part in filter(None, path.split("/")):
        parent, made = known[made or "/"], f"{made}/{part}"
        if made not in known:
            new = client.create_resource(restApiId=api_id, parentId=parent, pathPart=part)
            known[made] = new["id"]
    return known[made or "/"]


def _access(operation: Document, authorizers: dict[str, str]) -> Document:
    """What an operation's `security` makes of its method."""
    access: Document = {"authorizationType": "NONE"}
    for requirement in operation.get("security") or ():
        for name, scopes in requirement.items():
            if name in authorizers:
                access |= {
                    "authorizationType": "COGNITO_USER_POOLS",
                    "authorizerId": authorizers[name],
                    **({"authorizationScopes": scopes} if scopes else {}),
                }
            elif name == "AWS_IAM":
                access["authorizationType"] = "AWS_IAM"
            elif name == "api_key":
                access["apiKeyRequired"] = True
    return access


def _validation(operation: Document, validators: dict[str, str]) -> Document:
    found: Document = {}
    validator = operation.get("x-amazon-apigateway-request-validator")
    if validator:
        found["requestValidatorId"] = validators[validator]
    models = {
        kind: content["schema"]["$ref"].rpartition("/")[2]
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
    }
    return {**found, **({"requestModels": models} if models else {})}


def _put(client: Any, method: Document, operation: Document) -> None:
    which = {key: method[key] for key in ("restApiId", "resourceId", "httpMethod")}
    client.put_method(**method)
    declared = dict(operation[_INTEGRATION])
    answers = declared.pop("responses", {})
    declared["type"] = declared["type"].upper()
    verb = declared.pop("httpMethod", method["httpMethod"])
    client.put_integration(**which, integrationHttpMethod=verb, **declared)
    for status in operation.get("responses") or {}:
        client.put_method_response(**which, statusCode=str(status))
    for answer in answers.values():
        client.put_integration_response(**which, **answer)
