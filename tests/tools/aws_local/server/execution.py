"""Invocation: moto's Lambda functions run their deployed zip in a `Sandbox`."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import moto.awslambda.models as lambda_models
from moto.core.utils import unix_time_millis

from tools.aws_local.sandbox import FunctionConfig, Invocation, Sandbox
from tools.aws_local.server.context import Context, note

Asynchronous = Callable[[Any, bytes], None]
_Version = tuple[FunctionConfig, str]

# moto neither keeps nor returns these parts of a function's configuration.
_KEPT = ("LoggingConfig", "DeadLetterConfig")
_NUMBERS = ("Timeout", "MemorySize")


class Executor:
    """The sandboxes of all functions: made on first use, kept warm, one a concurrent event."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._idle: dict[str, tuple[_Version, list[Sandbox]]] = {}
        self._lock = threading.Lock()

    def run(self, function: Any, payload: bytes) -> Invocation:
        """Invoke the function and keep its log where CloudWatch Logs would."""
        config = self._config(function)
        # A function that was deleted and deployed again starts cold, though all be the same.
        version = (config, function.last_modified)
        sandbox = self._take(version) or Sandbox(config)
        result = sandbox.invoke(payload)
        self._give_back(version, sandbox)
        _save_log(function, config, result.log)
        state = "failed" if result.failed else "ok"
        note(f"INVOKE {config.name} {state} {payload[:300]!r} -> {result.payload[:300]!r}")
        if result.failed:
            note(result.log[-2000:])
        return result

    def close(self) -> None:
        """End every sandbox."""
        with self._lock:
            for _, sandboxes in self._idle.values():
                for sandbox in sandboxes:
                    sandbox.close()
            self._idle.clear()

    def _take(self, version: _Version) -> Sandbox | None:
        arn = version[0].arn
        with self._lock:
            known, sandboxes = self._idle.setdefault(arn, (version, []))
            if known != version:  # deployed anew
                for outdated in sandboxes:
                    outdated.close()
                self._idle[arn] = (version, [])
                return None
            return sandboxes.pop() if sandboxes else None

    def _give_back(self, version: _Version, sandbox: Sandbox) -> None:
        with self._lock:
            known, sandboxes = self._idle.get(version[0].arn, (None, []))
            if sandbox.usable and known == version:
                sandboxes.append(sandbox)
            else:
                sandbox.close()

    def _config(self, function: Any) -> FunctionConfig:
        if not str(function.run_time).startswith("python"):
            raise NotImplementedError(f"{function.function_name}: only Python functions run here")
        backend = lambda_models.lambda_backends[function.account_id][function.region]
        layers = [backend.layers_versions_by_arn(layer["Arn"]) for layer in function.layers]
        logging = function.kept.get("LoggingConfig") or {}
        environment = {key: str(value) for key, value in function.environment_vars.items()}
        return FunctionConfig(
            code=function.code_bytes,
            handler=function.handler,
            runtime=function.run_time,
            name=function.function_name,
            environment={"AWS_ENDPOINT_URL": self._context.endpoint, **environment},
            timeout=int(function.timeout),
            memory=int(function.memory_size),
            layers=tuple(layer.code_bytes for layer in layers),
            region=function.region,
            arn=function.function_arn,
            log_format=logging.get("LogFormat", "Text"),
            log_level=logging.get("ApplicationLogLevel", ""),
            log_group=logging.get("LogGroup", ""),
        )


def _save_log(function: Any, config: FunctionConfig, text: str) -> None:
    group = config.log_group or function.logs_group_name
    logs = function.logs_backend
    logs.ensure_log_group(group)
    if text:
        stream = f"[{function.version}]{uuid.uuid4().hex}"
        logs.create_log_stream(group, stream)
        now = unix_time_millis()
        lines = [{"timestamp": now, "message": line} for line in text.splitlines() if line]
        logs.put_log_events(group, stream, lines)


def install(executor: Executor, asynchronous: Asynchronous) -> None:
    """Let moto's functions run, and keep what moto forgets of their configuration."""
    function = lambda_models.LambdaFunction
    initialise, describe = function.__init__, function.get_configuration
    update = function.update_configuration

    def __init__(
        self: Any, account_id: str, spec: dict[str, Any], *rest: Any, **named: Any
    ) -> None:
        self.kept = {key: spec[key] for key in _KEPT if spec.get(key)}
        initialise(self, account_id, spec, *rest, **named)

    def get_configuration(self: Any, on_create: bool = False) -> Any:
        return {**describe(self, on_create), **self.kept}

    def update_configuration(self: Any, changes: dict[str, Any]) -> Any:
        self.kept.update({key: changes[key] for key in _KEPT if key in changes})
        if "TracingConfig" in changes:
            self.tracing_config = changes["TracingConfig"]
        # CloudFormation passes numbers on as they stand in the template.
        numbers = {name: int(changes[name]) for name in _NUMBERS if name in changes}
        update(self, {**changes, **numbers})
        return self.get_configuration()

    def invoke(self: Any, body: Any, request: Any, response: dict[str, Any]) -> bytes:
        payload = (body.encode() if isinstance(body, str) else body) or b"{}"
        kind = request.get("x-amz-invocation-type", "RequestResponse")
        if kind == "Event":
            asynchronous(self, payload)
        if kind != "RequestResponse":
            return b""
        result = executor.run(self, payload)
        if result.failed:
            response["x-amz-function-error"] = "Unhandled"
        tail = result.log.encode()[-4096:]  # Lambda returns the last 4 KB
        response["x-amz-log-result"] = base64.b64encode(tail).decode()
        return result.payload

    backend = lambda_models.LambdaBackend
    put_config = backend.put_function_event_invoke_config

    def put_function_event_invoke_config(self: Any, name: str, settings: dict[str, Any]) -> Any:
        # moto appends, and reads the first.
        self.get_function(name).event_invoke_config.clear()
        return put_config(self, name, settings)

    backend.put_function_event_invoke_config = put_function_event_invoke_config
    function.__init__ = __init__
    function.get_configuration = get_configuration
    function.update_configuration = update_configuration
    function.invoke = invoke


def function_by_arn(arn: str) -> Any:
    """The deployed function of an ARN, qualified or not."""
    _, _, _, region, account, _, name, *qualifier = arn.split(":")
    backend = lambda_models.lambda_backends[account][region]
    return backend.get_function(name, qualifier[0] if qualifier else None)


def invoke_asynchronously(arn: str, event: object) -> None:
    """What a service does that hands an event to a function and does not wait."""
    function = function_by_arn(arn)
    function.invoke(json.dumps(event), {"x-amz-invocation-type": "Event"}, {})
