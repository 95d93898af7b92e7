"""A function of a rendered service, in a real functions-framework process on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tools.workbench import clean_environment

PATIENCE = 60
LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Served(NamedTuple):
    """`log` is what the process has written so far: the file is read anew each time."""

    address: str
    output: Path

    def send(
        self,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        path: str = "/",
        method: str = "POST",
    ) -> Answer:
        request = urllib.request.Request(
            self.address + path, data=body, headers=dict(headers or {}), method=method
        )
        try:
            with LOCAL.open(request, timeout=30) as response:
                return _answer(response)
        except urllib.error.HTTPError as error:
            return _answer(error)

    @property
    def log(self) -> str:
        return self.output.read_text("utf-8")

    def entries(self) -> list[dict[str, Any]]:
        """The lines of the log that Cloud Logging would take apart."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]


def _answer(response: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, response.read().decode("utf-8", "replace"))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(
    code: Path, function: str, python: Path, variables: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """The function in `code`, which has a main.py: a service's `src`, or what is in an archive.

    As in the cloud: the target by a variable, main.py found in the working folder.
    """
    port = free_port()
    environment = {
        **clean_environment(),
        "FUNCTION_TARGET": function,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "GOOGLE_CLOUD_PROJECT": "my-project",
        "STAGE": "dev",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": "",
        **(variables or {}),
    }
    output = code.parent / f"{function}-{port}.log"
    with running([python, "-m", "functions_framework"], code, environment, output, port):
        yield Served(f"http://127.0.0.1:{port}", output)


@contextlib.contextmanager
def running(
    command: list[object], folder: Path, environment: Mapping[str, str], output: Path, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on the port, and with those that it starts is killed at the end."""
    with output.open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, output, port)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], output: Path, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None and time.monotonic() < deadline, output.read_text("utf-8")
        time.sleep(0.05)
