"""The Lambda Runtime API on a loopback port: the HTTP interface between Lambda and a runtime.

Source: "Using the Lambda runtime API" in the AWS Lambda Developer Guide. Only what
`awslambdaric` calls is here: `/runtime/invocation/next`, `.../<id>/response`, `.../<id>/error`
and `/runtime/init/error`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

# Any well-formed header will do; Sampled=0 keeps an X-Ray SDK from looking for a daemon.
TRACE_ID = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"
# How often a wait looks whether the runtime's process is still there.
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Event:
    """One invocation, as the runtime gets it."""

    request_id: str
    payload: bytes
    deadline_ms: int


@dataclass(frozen=True)
class Answer:
    """What the runtime posted for one invocation."""

    payload: bytes
    failed: bool


class RuntimeApi:
    """Serves one runtime process: `offer` an event, `wait_for` what becomes of it."""

    def __init__(self, function_arn: str) -> None:
        self.function_arn = function_arn
        self.init_error: bytes | None = None
        self.polls = 0
        """How often the runtime asked for an event: it is idle again when this has grown."""
        self._answers: dict[str, Answer] = {}
        self._event: Event | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.daemon = True
        self._thread.start()

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def offer(self, event: Event) -> None:
        """Hand the event to the runtime when it next asks."""
        with self._changed:
            self._event = event
            self._changed.notify_all()

    def answer_to(self, request_id: str) -> Answer | None:
        """What the runtime posted for the invocation, if it has."""
        return self._answers.get(request_id)

    def wait_for(self, done: Callable[[], bool], seconds: float, alive: Callable[[], bool]) -> bool:
        """Wait until `done`, the time is up or the runtime is gone; tells whether `done`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not done():
                left = deadline - time.monotonic()
                if left <= 0 or not alive():
                    return done()
                self._changed.wait(min(left, _POLL_SECONDS))
        return True

    def close(self) -> None:
        """End the server and whatever request still waits for an event."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def take_event(self) -> Event | None:
        """Block until there is an event; None when the API is closed (for the server)."""
        with self._changed:
            self.polls += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or self._event is not None)
            event, self._event = self._event, None
            return None if self._closed else event

    def put_answer(self, request_id: str, answer: Answer) -> None:
        """Record what the runtime posted (for the server)."""
        with self._changed:
            self._answers[request_id] = answer
            self._changed.notify_all()

    def put_init_error(self, payload: bytes) -> None:
        """Record that the handler could not be loaded (for the server)."""
        with self._changed:
            self.init_error = payload
            self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it, each answer of two small packets waits 40 ms for a delayed acknowledgement,
    # which would be measured as the function's own time.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        event = self._api.take_event()
        if event is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self._api.function_arn,
            "Lambda-Runtime-Trace-Id": TRACE_ID,
            "Content-Type": "application/json",
        }
        self._reply(200, event.payload, headers)

    def do_POST(self) -> None:
        body = self._body()
        *_, subject, verb = self.path.split("/")
        if (subject, verb) == ("init", "error"):
            self._api.put_init_error(body)
        else:
            self._api.put_answer(subject, Answer(body, failed=verb == "error"))
        self._reply(202, b"", {})

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the function's own output is what a test reads."""

    @property
    def _api(self) -> RuntimeApi:
        assert isinstance(self.server, _Server)
        return self.server.api

    def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body
