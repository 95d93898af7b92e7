"""Runs the functions here, in the worker library that runs them in Azure (azure-functions-runtime).

It finds the functions, checks that their parameters fit their bindings, and makes of an event what
a function takes. The Functions host itself is not here: what connects to the sources, tries again
and puts poison messages away. Its part, handing over an event, is played by `Worker.invoke`.

An event is a JSON object. That of an HTTP function has `method`, `url`, `headers`, `params` (of the
route), `query` and `body`; any other has `data`, text or JSON, and `metadata` of the trigger.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
logger = logging.getLogger(__name__)
# What the host hands over as JSON or as bytes; everything else comes as text.
JSON_TRIGGERS = {"cosmosDBTrigger", "eventGridTrigger", "timerTrigger"}
BYTES_TRIGGERS = {"blobTrigger"}


class IndexingError(Exception):
    """Raised when the library cannot load the app, as the host could not; the text says why."""


class EventError(ValueError):
    """Raised when an event has not the form that its trigger needs."""


class FunctionError(RuntimeError):
    """Raised when the function failed; the text says how."""


class Function(NamedTuple):
    """A function as the host gets to know it. `retry` is empty without a retry policy."""

    id: str
    bindings: tuple[Mapping[str, Any], ...]
    retry: Mapping[str, Any]

    @property
    def trigger(self) -> Mapping[str, Any]:
        return next(one for one in self.bindings if str(one["type"]).lower().endswith("trigger"))


class Messages:
    """Stands in for the protocol's messages, which the library takes from whoever runs it."""

    class StatusResult(SimpleNamespace):
        Failure, Success = 0, 1

    class BindingInfo(SimpleNamespace):
        undefined, out, inout = 0, 1, 2

    def __getattr__(self, name: str) -> type[SimpleNamespace]:
        return SimpleNamespace


class Worker:
    """The app in `root`, indexed. One a process: the library keeps its functions in a module."""

    def __init__(self, root: Path = ROOT) -> None:
        if str(root) not in sys.path:
            sys.path.insert(0, str(root))
        # Without type hints, hence not imported by its name.
        self._library: Any = importlib.import_module("azure_functions_runtime")
        datum = importlib.import_module("azure_functions_runtime.bindings.datumdef")
        self._datum: Any = datum.Datum
        self._native: Any = importlib.import_module("azure_functions_runtime.native_invocation")
        self._loop = asyncio.new_event_loop()
        self._library.start_threadpool_executor()
        try:
            self.functions = self._index(root)
        except IndexingError:
            self.close()
            raise

    def _index(self, root: Path) -> dict[str, Function]:
        request = SimpleNamespace(
            request=SimpleNamespace(
                worker_init_request=SimpleNamespace(
                    capabilities={}, function_app_directory=str(root)
                )
            ),
            properties={"host": "127.0.0.1", "protos": Messages()},
        )
        answer = self._loop.run_until_complete(self._library.worker_init_request(request))
        if answer.result.status != Messages.StatusResult.Success:
            reason = answer.result.exception
            if "Cannot find module" not in reason.message:  # of that the library logs it
                logger.error(reason.stack_trace)
            raise IndexingError(reason.message.partition(" Current sys.path")[0])
        found = self._loop.run_until_complete(self._library.functions_metadata_request(None))
        return {
            one.name: Function(
                one.function_id,
                tuple(json.loads(binding) for binding in one.raw_bindings),
                vars(one.retry_options) if one.retry_options else {},
            )
            for one in found.function_metadata_results or ()
        }

    def invoke(self, name: str, event: object, timeout: float | None = None) -> dict[str, Any]:
        """What the function gives back, as JSON has it.

        Of an HTTP function: `status`, `headers` and `body`. Of any other: what it gave to each of
        its output bindings. Raises EventError, and FunctionError when the function raises or takes
        more than `timeout` seconds.
        """
        function = self.functions[name]
        data, metadata = self._incoming(function.trigger, event)
        invocation = self._native.invocation_request_native(
            str(uuid.uuid4()), function.id, [(function.trigger["name"], data)], metadata
        )
        try:
            answer = self._loop.run_until_complete(asyncio.wait_for(invocation, timeout))
        except TimeoutError:
            raise FunctionError(f"it took more than its timeout of {timeout} seconds") from None
        except SystemExit as ended:
            raise FunctionError(f"it ended its process, with {ended.code!r}") from None
        succeeded, returned, outputs, failure, _ = answer
        if not succeeded:
            raise FunctionError(failure)
        if returned is not None and returned.type == "http":
            return _response(returned.value)
        values = {binding: _plain(value) for binding, value in outputs}
        return values if returned is None else {**values, "$return": _plain(returned)}

    def _incoming(self, trigger: Mapping[str, Any], event: object) -> tuple[Any, dict[str, Any]]:
        """What the host would send for the event: its data, and the trigger's metadata."""
        if not isinstance(event, dict):
            raise EventError("an event is a JSON object")
        if trigger["type"] == "httpTrigger":
            return self._request(event), {}
        if "data" not in event:
            raise EventError(f'an event of a {trigger["type"]} has "data"')
        metadata = {
            name: self._datum(value, "string")
            if isinstance(value, str)
            else self._datum(json.dumps(value), "json")
            for name, value in event.get("metadata", {}).items()
        }
        data = event["data"]
        if str(trigger.get("cardinality", "")).lower() == "many":
            items = [_text(item).encode() for item in (data if isinstance(data, list) else [data])]
            return self._datum(SimpleNamespace(bytes=items), "collection_bytes"), metadata
        if trigger["type"] in JSON_TRIGGERS:
            return self._datum(json.dumps(data), "json"), metadata
        binary = str(trigger.get("dataType", "")).lower() == "binary"
        if binary or trigger["type"] in BYTES_TRIGGERS:
            return self._datum(_text(data).encode(), "bytes"), metadata
        return self._datum(_text(data), "string"), metadata

    def _request(self, event: Mapping[str, Any]) -> Any:
        def strings(values: Mapping[str, Any] | None) -> dict[str, Any]:
            return {name: self._datum(str(one), "string") for name, one in (values or {}).items()}

        body = event.get("body")
        request = {
            "method": self._datum(event.get("method", "GET"), "string"),
            "url": self._datum(event.get("url", "http://localhost/"), "string"),
            "headers": strings(event.get("headers")),
            "params": strings(event.get("params")),
            "query": strings(event.get("query")),
            "body": self._datum(b"" if body is None else _text(body).encode(), "bytes"),
        }
        return self._datum(request, "http")

    def close(self) -> None:
        self._library.stop_threadpool_executor()
        self._loop.close()


def load_settings(path: Path) -> None:
    """Make the values of a local.settings.json variables, as the host does; those set already stay."""
    settings = json.loads(path.read_text("utf-8"))
    for name, value in settings.get("Values", {}).items():
        os.environ.setdefault(name, str(value))


def _text(data: object) -> str:
    return data if isinstance(data, str) else json.dumps(data)


def _plain(value: Any) -> object:
    """What an output binding got: JSON where it is, else text."""
    content = value.python_value
    if isinstance(content, bytes):
        content = content.decode("utf-8", "replace")
    return _json_or_text(content) if isinstance(content, str) else content


def _response(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": int(value["status_code"].value),
        "headers": {name: header.value for name, header in value["headers"].items()},
        "body": _json_or_text(value["body"].value.decode("utf-8", "replace")),
    }


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
