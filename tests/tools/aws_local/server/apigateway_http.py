"""What moto lacks of HTTP APIs: lists of authorizers, and most of custom domains.

It says of a new domain neither that it is available, for which Terraform waits, nor where its DNS
record is to point; and it fails to delete one that has a mapping.
"""

from __future__ import annotations

import json
from typing import Any

from moto.apigatewayv2.models import ApiGatewayV2Backend
from moto.apigatewayv2.responses import ApiGatewayV2Response


def install() -> None:
    ApiGatewayV2Response.get_authorizers = _get_authorizers
    _complete_domains()


def _get_authorizers(self: Any) -> tuple[int, dict[str, str], str]:
    api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
    found = [authorizer.to_json() for authorizer in api.authorizers.values()]
    return 200, {}, json.dumps({"items": found})


def _complete_domains() -> None:
    plain_create = ApiGatewayV2Backend.create_domain_name
    plain_delete = ApiGatewayV2Backend.delete_domain_name

    def create_domain_name(self: Any, **settings: Any) -> Any:
        for configuration in settings["domain_name_configurations"]:
            configuration["domainNameStatus"] = "AVAILABLE"
            configuration["apiGatewayDomainName"] = "d-example.execute-api.amazonaws.com"
            configuration["hostedZoneId"] = "Z0EXAMPLE"
        # An empty document would be mutual TLS with settings that Terraform wants to take away.
        settings["mutual_tls_authentication"] = settings["mutual_tls_authentication"] or None
        return plain_create(self, **settings)

    def delete_domain_name(self: Any, domain_name: str) -> None:
        for key in [k for k, m in self.api_mappings.items() if m.domain_name == domain_name]:
            del self.api_mappings[key]
        plain_delete(self, domain_name)

    ApiGatewayV2Backend.create_domain_name = create_domain_name
    ApiGatewayV2Backend.delete_domain_name = delete_domain_name
