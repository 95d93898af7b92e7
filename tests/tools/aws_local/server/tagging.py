"""The Resource Groups Tagging API: resources that AWS tells of and moto does not."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import moto.resourcegroupstaggingapi.models as tagging_models
from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.resource_tagging import TaggedResource
from moto.events.models import events_backends
from moto.kinesis.models import kinesis_backends


def install() -> None:
    """Let a lookup go through APIs, rules and streams, too."""
    iterate = tagging_models.iter_taggable_backends

    def iterate_all(account_id: str, region_name: str) -> Iterator[Any]:
        yield from iterate(account_id, region_name)
        yield SimpleNamespace(iter_tagged_resources=lambda: missing(account_id, region_name))

    tagging_models.iter_taggable_backends = iterate_all


def missing(account_id: str, region_name: str) -> Iterator[TaggedResource]:
    http = apigatewayv2_backends[account_id][region_name]
    for api in http.apis.values():
        yield TaggedResource(api.arn, http.get_tags(api.arn), "apigateway")
    rest = apigateway_backends[account_id][region_name]
    gateway = f"arn:aws:apigateway:{region_name}::"
    for path, found in (
        ("restapis", rest.apis),
        ("apikeys", rest.keys),
        ("usageplans", rest.usage_plans),
        ("domainnames", {**rest.domain_names, **http.domain_names}),
    ):
        for key, resource in found.items():
            yield TaggedResource(f"{gateway}/{path}/{key}", resource.tags or {}, "apigateway")
    events = events_backends[account_id][region_name]
    for bus in events.event_buses.values():
        for rule in bus.rules.values():
            tags = events.tagger.get_tag_dict_for_resource(rule.arn)
            yield TaggedResource(rule.arn, tags, "events:rule")
    for stream in kinesis_backends[account_id][region_name].streams.values():
        yield TaggedResource(stream.arn, stream.tags, "kinesis:stream")
