"""What moto lacks of the domains and usage plans of REST APIs.

A domain may have no mapping yet, and takes those that it has along. There is one set of domains,
for HTTP APIs too: moto has two. And it fails to say of a usage plan that it is gone already.
"""

from __future__ import annotations

from typing import Any

from moto.apigateway.models import APIGatewayBackend
from moto.apigatewayv2.models import apigatewayv2_backends


def install() -> None:
    plain_get = APIGatewayBackend.get_base_path_mappings
    plain_delete = APIGatewayBackend.delete_domain_name
    plain_delete_plan = APIGatewayBackend.delete_usage_plan

    def get_base_path_mappings(self: Any, domain_name: str) -> Any:
        if domain_name in self.domain_names:
            self.base_path_mappings.setdefault(domain_name, {})
        return plain_get(self, domain_name)

    def delete_domain_name(self: Any, domain_name: str) -> None:
        http = apigatewayv2_backends[self.account_id][self.region_name]
        if domain_name in http.domain_names:
            http.delete_domain_name(domain_name)
            return
        plain_delete(self, domain_name)
        self.base_path_mappings.pop(domain_name, None)

    def delete_usage_plan(self: Any, usage_plan_id: str) -> None:
        self.get_usage_plan(usage_plan_id)
        plain_delete_plan(self, usage_plan_id)

    APIGatewayBackend.get_base_path_mappings = get_base_path_mappings
    APIGatewayBackend.delete_domain_name = delete_domain_name
    APIGatewayBackend.delete_usage_plan = delete_usage_plan
