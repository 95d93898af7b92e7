"""Runs one function on one event here, as Lambda would: python scripts/invoke.py FUNCTION [EVENT].

Where Lambda's runtime client is installed (Linux, Python up to 3.13) the function runs in it, in a
process of its own, against the small Runtime API below. Elsewhere the handler is called directly.
The result goes to standard output as JSON, and nothing else does; logs go to standard error.
Exit code 1: the function failed or took too long. 2: there is no such function or event.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
import tomllib
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn, cast

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
SERVICE = "billing"
PACKAGE = "billing"
# What gen.toml need not say: the defaults of a function's settings.
TIMEOUT, MEMORY = 10, 256
INIT_TIMEOUT = 10  # seconds that Lambda gives the import of a handler
REQUEST_ID = "00000000-0000-0000-0000-000000000000"


class FunctionError(Exception):
    """Raised when the function failed; the text says how."""


def main(arguments: list[str]) -> int:
    given = [argument for argument in arguments if argument]
    if not 1 <= len(given) <= 2:
        stop(f"say which: make invoke FUNCTION={'|'.join(functions())} [EVENT=file.json]")
    name = given[0]
    if name not in functions():
        stop(f'there is no function "{name}"{nearest(name, functions())}')
    sample = ROOT / "events" / name / "sample.json"
    event = read_event(Path(given[1]) if len(given) == 2 else sample, sample.parent)
    configured = settings(name)
    timeout = int(configured.get("timeout", TIMEOUT))
    os.environ.update(environment(name, int(configured.get("memory_size", MEMORY))))
    try:
        if importlib.util.find_spec("awslambdaric"):
            result = run_in_runtime_client(name, event, timeout)
        else:
            say("awslambdaric is not installed here: the handler is called directly")
            result = call_directly(name, event, timeout)
    except FunctionError as error:
        say(f"{name} failed: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    return 0


def functions() -> list[str]:
    return sorted(path.parent.name for path in (SOURCE / PACKAGE).glob("*/handler.py"))


def nearest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f': did you mean "{close[0]}"?'
    return f"; there are: {', '.join(known)}" if known else ""


def read_event(path: Path, samples: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        known = [str(sample.relative_to(ROOT)) for sample in sorted(samples.glob("*.json"))]
        stop(f'there is no event file "{path}"{nearest(str(path), known)}')
    except OSError as error:
        stop(f'cannot read the event file "{path}": {error.strerror}')
    except ValueError as error:
        stop(f'the event file "{path}" is not JSON: {error}')


def settings(name: str) -> dict[str, Any]:
    """What gen.toml says of the function; a service without the file has the defaults."""
    try:
        declared = tomllib.loads((ROOT / "gen.toml").read_text("utf-8"))
    except OSError:
        return {}
    except ValueError as error:
        stop(f"gen.toml is not valid: {error}")
    return cast(dict[str, Any], declared.get("functions", {}).get(name, {}))


def environment(name: str, memory: int) -> dict[str, str]:
    """The variables that Lambda sets, and those of the service's own that are not set already."""
    function = f"{SERVICE}-{name.replace('_', '-')}-local"
    own = {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "STAGE": "local",
        # There is no table here, so nothing is remembered between two runs.
        "IDEMPOTENCY_TABLE": f"{function}-idempotency",
        "POWERTOOLS_IDEMPOTENCY_DISABLED": "true",
    }
    paths = [str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
    direct = [*filter(None, [os.environ.get("NO_PROXY")]), "127.0.0.1"]
    return {
        **{key: value for key, value in own.items() if key not in os.environ},
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function}",
        "AWS_LAMBDA_LOG_LEVEL": os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(SOURCE),
        "NO_PROXY": ",".join(direct),
        "PYTHONPATH": os.pathsep.join(paths),
        "TZ": ":UTC",
        "no_proxy": ",".join(direct),
    }


class RuntimeApi(ThreadingHTTPServer):
    """The part of Lambda's Runtime API that one invocation needs, on a free port of loopback."""

    daemon_threads = True

    def __init__(self, event: object, timeout: int) -> None:
        super().__init__(("127.0.0.1", 0), RuntimeApiHandler)
        self.event = json.dumps(event).encode()
        self.timeout_seconds = timeout
        self.deadline = 0.0
        self.asked = threading.Event()  # the handler is imported, and the event was handed out
        self.answered = threading.Event()
        self.error = False
        self.answer = b""
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Silent: ending the client's process may reset its connection."""

    def start_invocation(self) -> None:
        self.deadline = time.time() + self.timeout_seconds
        self.asked.set()

    def finish(self, answer: bytes, *, error: bool) -> None:
        self.answer, self.error = answer, error
        self.answered.set()


class RuntimeApiHandler(BaseHTTPRequestHandler):
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

    protocol_version = "HTTP/1.1"
    server: RuntimeApi

    def do_GET(self) -> None:
        """`/runtime/invocation/next`: the event, once. Then the client waits to be ended."""
        if self.server.asked.is_set():
            threading.Event().wait()
        self.server.start_invocation()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.event)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST_ID)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(self.server.deadline * 1000)))
        self.send_header(
            "Lambda-Runtime-Invoked-Function-Arn",
            f"arn:aws:lambda:{os.environ['AWS_REGION']}:123456789012:function:"
            f"{os.environ['AWS_LAMBDA_FUNCTION_NAME']}",
        )
        self.end_headers()
        self.wfile.write(self.server.event)

    def do_POST(self) -> None:
        """`.../response`, `.../error` or `/runtime/init/error`."""
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.finish(body, error=self.path.endswith("/error"))

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: standard error is for the function's logs."""


def run_in_runtime_client(name: str, event: object, timeout: int) -> object:
    """The function's result. Raises FunctionError."""
    api = RuntimeApi(event, timeout)
    process = subprocess.Popen(
        [sys.executable, "-m", "awslambdaric", f"{PACKAGE}.{name}.handler.handler"],
        cwd=SOURCE,
        env=os.environ | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"},
        stdout=sys.stderr,
    )
    try:
        await_answer(api, process)
    finally:
        process.kill()
        process.wait()
        api.shutdown()
    if api.error:
        reported = json.loads(api.answer)
        raise FunctionError(f"{reported['errorType']}: {reported['errorMessage']}")
    return json.loads(api.answer)


def await_answer(api: RuntimeApi, process: subprocess.Popen[bytes]) -> None:
    """Returns when there is one. Raises FunctionError after the time that Lambda would give."""
    init_deadline = time.time() + INIT_TIMEOUT
    while not api.answered.wait(0.01):
        if process.poll() is not None and not api.answered.wait(0.5):
            raise FunctionError(f"its process ended with exit code {process.returncode}")
        if not api.asked.is_set() and time.time() > init_deadline:
            raise FunctionError(f"importing the handler took more than {INIT_TIMEOUT} seconds")
        if api.asked.is_set() and time.time() > api.deadline:
            raise FunctionError(f"it took more than its timeout of {api.timeout_seconds} seconds")


class Context:
    """Stands in for the context object that Lambda's runtime makes."""

    aws_request_id = REQUEST_ID
    client_context = None
    identity = None

    def __init__(self, timeout: int) -> None:
        self.deadline = time.time() + timeout
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.invoked_function_arn = (
            f"arn:aws:lambda:{os.environ['AWS_REGION']}:123456789012:function:{self.function_name}"
        )

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.time()) * 1000))


def call_directly(name: str, event: object, timeout: int) -> object:
    """The function's result, without Lambda's own client. Raises FunctionError."""
    import logging

    logging.basicConfig(
        stream=sys.stderr, level="INFO", format="%(levelname)s %(name)s %(message)s"
    )
    sys.path.insert(0, str(SOURCE))
    outcome: list[object] = []

    def call() -> None:
        try:
            handler = importlib.import_module(f"{PACKAGE}.{name}.handler").handler
            outcome.append(json.loads(json.dumps(handler(event, Context(timeout)))))
        except BaseException as error:
            traceback.print_exc()
            outcome.append(FunctionError(f"{type(error).__name__}: {error}"))

    thread = threading.Thread(target=call, daemon=True)  # a daemon, as it may never end
    with contextlib.redirect_stdout(sys.stderr):
        thread.start()
        thread.join(timeout)
    if not outcome:
        raise FunctionError(f"it took more than its timeout of {timeout} seconds")
    if isinstance(outcome[0], FunctionError):
        raise outcome[0]
    return outcome[0]


def say(text: str) -> None:
    print(f"invoke: {text}", file=sys.stderr)


def stop(text: str) -> NoReturn:
    say(text)
    raise SystemExit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
