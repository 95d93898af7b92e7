"""Properties that moto's stacks ignore: of functions and of their event sources."""

from __future__ import annotations

import base64
from typing import Any

import moto.awslambda.models as lambda_models


def install() -> None:
    """Have all of a function's properties applied, and its mappings' as what they are."""
    _install_functions()
    _install_event_source_mappings()


def _install_functions() -> None:
    function = lambda_models.LambdaFunction

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **_: Any
    ) -> Any:
        # moto passes seven properties on; without the others no layer, log format, architecture,
        # tracing or tag of a template would ever be seen.
        spec = {**declared["Properties"], "FunctionName": name}
        numbers = {key: int(spec[key]) for key in ("Timeout", "MemorySize") if key in spec}
        spec |= numbers
        if "Tags" in spec:
            spec["Tags"] = {tag["Key"]: tag["Value"] for tag in spec["Tags"]}
        if "EphemeralStorage" in spec:
            spec["EphemeralStorage"] = {"Size": int(spec["EphemeralStorage"]["Size"])}
        # `Ref` gives moto's own object of a layer instead of its ARN.
        layers = spec.get("Layers", [])
        spec["Layers"] = [layer if isinstance(layer, str) else layer.arn for layer in layers]
        inline = spec["Code"].get("ZipFile")
        if inline is not None:
            archive = cls._create_zipfile_from_plaintext_code(inline)
            spec["Code"] = {"ZipFile": base64.b64encode(archive)}
        backend = lambda_models.lambda_backends[account][region]
        return backend.create_function(spec)

    function.create_from_cloudformation_json = classmethod(create)


def _install_event_source_mappings() -> None:
    mapping = lambda_models.EventSourceMapping
    plain = mapping.create_from_cloudformation_json.__func__

    def create(cls: Any, name: str, declared: dict[str, Any], *rest: Any, **named: Any) -> Any:
        properties = declared["Properties"]
        if "BatchSize" in properties:
            properties["BatchSize"] = int(properties["BatchSize"])
        if "Enabled" in properties:
            properties["Enabled"] = str(properties["Enabled"]).lower() == "true"
        return plain(cls, name, declared, *rest, **named)

    mapping.create_from_cloudformation_json = classmethod(create)
