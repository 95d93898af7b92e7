"""`make start`: the service's APIs on this machine, where a tool can serve them without Docker."""

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
from collections.abc import Iterator
from pathlib import Path

from deploy.composition import tool_module
from tools.provision import node_environment
from tools.workbench import Workbench, build_workbench, clean_environment

from generator.request import Request, to_answers

PATIENCE = 120


def free_port() -> int:
    """With the one two further free, too: Lambda's own API is there."""
    while True:
        with socket.socket() as first, socket.socket() as other:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with contextlib.suppress(OSError):
                other.bind(("127.0.0.1", port + 2))
                return port


@contextlib.contextmanager
def started(service: Workbench, port: int) -> Iterator[str]:
    """The address, once something answers there; then Ctrl-C."""
    log = service.folder.parent / "start.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "start", f"PORT={port}"],
            cwd=service.folder,
            env=clean_environment() | node_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while b"Server ready" not in log.read_bytes():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield f"http://localhost:{port}"
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, "it still answers"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answer(url: str, body: bytes | None = None) -> tuple[int, object]:
    request = urllib.request.Request(url, data=body, headers={"content-type": "application/json"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=30) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_http_and_rest_apis_are_served_by_serverless_offline(tmp_path: Path) -> None:
    asked = Request(
        name="orders", provider="aws", tool="serverless", trigger=("http=api", "rest=legacy")
    )
    service = build_workbench(tmp_path / "orders", to_answers(asked))
    tool_module("serverless").provide(service.folder)
    with started(service, free_port()) as address:
        status, found = answer(f"{address}/api?limit=10")
        assert (status, found) == (200, {"parameters": {}, "query": {"limit": "10"}})
        assert answer(f"{address}/api", b'{"name": "x"}')[0] == 201
        assert answer(f"{address}/api", b"{")[0] == 400
        assert answer(f"{address}/nowhere")[0] == 404
        # A REST API has its stage in the path.
        assert answer(f"{address}/dev/legacy")[0] == 200
