"""Log lines that Cloud Logging takes apart: one JSON object a line, on standard output.

    logger.info("order taken", extra={"json_fields": {"order": 42}})

is an entry with that severity and message, and with a field `order` to search for. It belongs to the
trace of its request, so the console shows it below the request's own entry. A traceback is in the
same entry, where Error Reporting finds it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from typing import Any

import flask
from werkzeug.datastructures import Headers

# The names of Python's levels that Cloud Logging has, too.
SEVERITIES = frozenset(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
# What tells functions and stages apart where they share a project, by the variable that says it.
LABELS = {"function": "FUNCTION_TARGET", "stage": "STAGE"}
# https://www.w3.org/TR/trace-context/, and Google's own header from before there was a standard:
# TRACE/SPAN;o=SAMPLED, the span as a decimal number.
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\b")
CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([01]))?")


class Formatter(logging.Formatter):
    """A record as https://docs.cloud.google.com/logging/docs/structured-logging has it."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = dict(getattr(record, "json_fields", {}))
        entry["severity"] = record.levelname if record.levelname in SEVERITIES else "DEFAULT"
        entry["message"] = record.getMessage()
        entry["logger"] = record.name
        if record.exc_info:
            entry["stack_trace"] = self.formatException(record.exc_info)
        labels = {label: os.environ.get(name, "") for label, name in LABELS.items()}
        if flask.has_request_context():
            entry |= _trace(flask.request.headers)
            labels["execution_id"] = flask.request.headers.get("Function-Execution-Id", "")
        return json.dumps({**entry, "logging.googleapis.com/labels": labels}, default=str)


class Handler(logging.Handler):
    """Writes to what standard output is by then: the framework, and tests, put others in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()
        except Exception:
            self.handleError(record)


def set_up() -> None:
    """All that is logged goes this way: by the functions, the libraries, and Flask when one fails."""
    handler = Handler()
    handler.setFormatter(Formatter())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), handlers=[handler], force=True)


def _trace(headers: Headers) -> dict[str, Any]:
    """The fields that put an entry into the trace of the request with these headers."""
    if found := TRACEPARENT.match(headers.get("traceparent", "")):
        trace, span, flags = found.groups()
        sampled = bool(int(flags, 16) & 1)
    elif found := CLOUD_TRACE.fullmatch(headers.get("X-Cloud-Trace-Context", "")):
        trace, number, option = found.groups()
        span, sampled = f"{int(number or 0):016x}", option == "1"
    else:
        return {}
    project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
    return {
        "logging.googleapis.com/trace": f"projects/{project}/traces/{trace}",
        "logging.googleapis.com/spanId": span,
        "logging.googleapis.com/trace_sampled": sampled,
    }
