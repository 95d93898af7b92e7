"""Runs in the Azure CLI's own environment: the CLI, loaded once, answers one call after the other.

    server.py SOCKET ARM CONFIG

Azure itself is played by `arm.py`, at the address ARM: what the CLI would send to Azure goes there.
Who is logged in is said in the folder CONFIG. All else is the CLI, from its parser to its output.
"""

from __future__ import annotations

import importlib
import marshal
import os
import select
import socket
import sys
from typing import Any


def serve(address: str, arm: str) -> None:
    core = importlib.import_module("azure.cli.core")
    send_to(arm)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        print("listening", flush=True)
        while True:
            ready, _, _ = select.select([server, sys.stdin], [], [])
            if server not in ready:
                return  # the end of standard input is the end of whoever started this
            connection, _ = server.accept()
            with connection:
                # A new one each time: one that failed remembers a --query for the next call.
                answer(connection, core.get_default_cli())


def send_to(arm: str) -> None:
    """Has every request go to `arm`, with where it was meant for in its path, and with no token."""
    adapters = importlib.import_module("requests.adapters")
    profile = importlib.import_module("azure.cli.core._profile")
    polling = importlib.import_module("azure.core.polling.base_polling")
    send = adapters.HTTPAdapter.send

    def redirected(self: Any, request: Any, **others: Any) -> Any:
        request.url = f"{arm}/{request.url}"
        request.headers.pop("Host", None)
        return send(self, request, **{**others, "proxies": {}})

    class Token:
        def acquire_token(self, *_: object, **__: object) -> dict[str, object]:
            return {"access_token": "token", "expires_in": 3600, "token_type": "Bearer"}

        def get_token(self, *_: object, **__: object) -> Any:
            return importlib.import_module("azure.core.credentials").AccessToken("token", 4e9)

    adapters.HTTPAdapter.send = redirected
    profile.Profile._create_credential = lambda *_, **__: Token()
    polling.LROBasePolling._extract_delay = lambda *_: 0


def answer(connection: socket.socket, cli: Any) -> None:
    """One call, as in a process of its own: with the caller's files, folder and environment."""
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    words, folder, environment = marshal.loads(b"".join(parts))
    own = [os.dup(number) for number in range(3)]
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update({os.fsdecode(name): os.fsdecode(environment[name]) for name in environment})
    os.environ["AZURE_CONFIG_DIR"] = sys.argv[3]
    try:
        code = cli.invoke(words)
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    for number, file in enumerate(own):
        os.dup2(file, number)
        os.close(file)
    connection.sendall(str(code or 0).encode())


if __name__ == "__main__":
    os.environ["AZURE_CONFIG_DIR"] = sys.argv[3]
    serve(sys.argv[1], sys.argv[2])
