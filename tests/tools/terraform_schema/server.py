"""A provider without a cloud: Terraform starts it as `server.py SCHEMA` and asks it over gRPC.

It answers with the schema, finds every configuration valid that Terraform itself accepted, and
plans what is computed as unknown, as a provider does before anything is there. With
TERRAFORM_SCHEMA_IDS=known it plans each `id` as `<type>/<name>`, so that a test can read from a
plan what refers to what. What else is computed, TERRAFORM_SCHEMA_COMPUTED may tell: JSON that says
for `<type>.<attribute>` a text, in which `{name}` is the resource's attribute of that name.

Applied, a plan is a state and nothing else: what is computed is made up. That is enough to see in
which order a Makefile does what it does.

It is a program of its own, in the virtual environment of `terraform_schema.txt`.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import grpc_controller_pb2 as controller_pb
from tf.gen import grpc_controller_pb2_grpc as controller_rpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_rpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc
from tf.runner import _self_signed_cert

UNKNOWN = msgpack.ExtType(0, b"\x00")
LARGEST = 256 << 20  # bytes of a message: gRPC's own bound is too small for a whole schema
# go-plugin's handshake: its version, the protocol's, where, and how.
HANDSHAKE = "1|6|unix|{socket}|grpc|{certificate}"
Values = dict[str, Any]


class Provider(rpc.ProviderServicer):  # type: ignore[misc]
    def __init__(self, schema: Any, stopped: threading.Event) -> None:
        self.schema = schema
        self.stopped = stopped
        self.known_ids = os.environ.get("TERRAFORM_SCHEMA_IDS") == "known"
        self.computed: dict[str, str] = json.loads(
            os.environ.get("TERRAFORM_SCHEMA_COMPUTED", "{}")
        )

    def GetMetadata(self, request: Any, context: Any) -> Any:
        resource, data_source = pb.GetMetadata.ResourceMetadata, pb.GetMetadata.DataSourceMetadata
        return pb.GetMetadata.Response(
            server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=False),
            resources=[resource(type_name=name) for name in self.schema.resource_schemas],
            data_sources=[data_source(type_name=name) for name in self.schema.data_source_schemas],
        )

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return self.schema

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return pb.ConfigureProvider.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        state = pb.DynamicValue(json=request.raw_state.json)
        return pb.UpgradeResourceState.Response(upgraded_state=state)

    def ReadResource(self, request: Any, context: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        values = unpacked(request.proposed_new_state)
        if values is not None:
            told = dict(values)
            if self.known_ids and values.get("id") is None:
                values["id"] = self.told(request, told, "id") or id_of(request.type_name, values)
            fill(
                self.block(request),
                values,
                lambda name, kind: self.told(request, told, name) or UNKNOWN,
            )
        return pb.PlanResourceChange.Response(planned_state=packed(values))

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        values = unpacked(request.planned_state)
        if values is not None:
            if values["id"] == UNKNOWN:
                values["id"] = id_of(request.type_name, values) or request.type_name
            fill(
                self.block(request),
                values,
                lambda name, kind: example(f"{request.type_name}.{name}", kind),
            )
        return pb.ApplyResourceChange.Response(new_state=packed(values))

    def told(self, request: Any, values: Values, name: str) -> str | None:
        text = self.computed.get(f"{request.type_name}.{name}")
        return text.format_map(values) if text else None

    def block(self, request: Any) -> Any:
        return self.schema.resource_schemas[request.type_name].block

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        values = unpacked(request.config)
        block = self.schema.data_source_schemas[request.type_name].block
        told = dict(values)
        fill(
            block,
            values,
            lambda name, kind: (
                self.told(request, told, name) or example(f"{request.type_name}.{name}", kind)
            ),
        )
        return pb.ReadDataSource.Response(state=packed(values))

    def StopProvider(self, request: Any, context: Any) -> Any:
        self.stopped.set()
        return pb.StopProvider.Response()


class Controller(controller_rpc.GRPCControllerServicer):  # type: ignore[misc]
    def __init__(self, stopped: threading.Event) -> None:
        self.stopped = stopped

    def Shutdown(self, request: Any, context: Any) -> Any:
        self.stopped.set()
        return controller_pb.Empty()


class Output(stdio_rpc.GRPCStdioServicer):  # type: ignore[misc]
    """go-plugin asks for what the provider prints: nothing."""

    def __init__(self, stopped: threading.Event) -> None:
        self.stopped = stopped

    def StreamStdio(self, request: Any, context: Any) -> Any:
        self.stopped.wait()
        return iter([])


def id_of(kind: str, values: Values) -> str | None:
    name = values.get("name")
    return f"{kind}/{name}" if isinstance(name, str) else None


def fill(block: Any, values: Values, value_of: Any) -> None:
    """Gives a value to what is computed and has none yet."""
    for attribute in block.attributes:
        if attribute.computed and values.get(attribute.name) in (None, UNKNOWN):
            values[attribute.name] = value_of(attribute.name, json.loads(attribute.type))
    for nested in block.block_types:
        inner = values.get(nested.type_name)
        for part in inner if isinstance(inner, list) else [inner]:
            if isinstance(part, dict):
                fill(nested.block, part, value_of)


def example(place: str, kind: Any) -> Any:
    """What a data source says: texts tell where they are from."""
    if isinstance(kind, list) and kind[0] == "object":
        return {name: example(f"{place}.{name}", part) for name, part in kind[1].items()}
    if isinstance(kind, list):
        return {} if kind[0] == "map" else []
    plain: Values = {"string": place, "number": 0, "bool": False}
    return plain.get(kind)


def unpacked(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, raw=False, ext_hook=msgpack.ExtType, strict_map_key=False)


def packed(values: Any) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(values, use_bin_type=True))


def serve(schema: Any) -> None:
    stopped = threading.Event()
    options = [
        ("grpc.max_send_message_length", LARGEST),
        ("grpc.max_receive_message_length", LARGEST),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(8), options=options)
    rpc.add_ProviderServicer_to_server(Provider(schema, stopped), server)
    controller_rpc.add_GRPCControllerServicer_to_server(Controller(stopped), server)
    stdio_rpc.add_GRPCStdioServicer_to_server(Output(stopped), server)
    chain, credentials = _self_signed_cert()
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/provider"
        server.add_secure_port(f"unix://{socket}", credentials)
        server.start()
        certificate = base64.b64encode(chain).decode().rstrip("=")
        print(HANDSHAKE.format(socket=socket, certificate=certificate), flush=True)
        stopped.wait()
        server.stop(grace=0.2).wait()


if __name__ == "__main__":
    serve(pb.GetProviderSchema.Response.FromString(Path(sys.argv[1]).read_bytes()))
