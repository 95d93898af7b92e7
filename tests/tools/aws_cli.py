"""The AWS CLI as a program that starts at once: its modules are loaded once and forked from.

    with aws_cli(folder) as programs:   # a folder with `aws`, to lead a PATH
        ...

Most of the time of an `aws` call is spent on importing it, and a script makes hundreds of calls.
All else is as it is on a user's machine: each call is a process of its own, with its own arguments,
environment, folder, input and output.

Run as a program, this file is the server.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Those that services are made of: a call to another works, too, and takes longer.
SERVICES = (
    *("apigateway", "apigatewayv2", "cloudwatch", "dynamodb", "events", "iam", "kinesis", "lambda"),
    *("logs", "resourcegroupstaggingapi", "s3", "scheduler", "secretsmanager", "sns", "sqs"),
    *("stepfunctions", "sts"),
)
# Sends what a process is made of, and ends as the forked one does.
CLIENT = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    call = [sys.argv[1:], os.getcwd(), dict(os.environ)]
    socket.send_fds(server, [b"."], [0, 1, 2])
    server.sendall(json.dumps(call).encode())
    server.shutdown(socket.SHUT_WR)
    sys.exit(int(server.recv(9) or b"255"))
"""


@contextlib.contextmanager
def aws_cli(folder: Path) -> Iterator[Path]:
    """`aws` in a folder of its own below `folder`, whose path must be short, for a socket's."""
    from tools.provision import venv_program

    python = venv_program("awscli", "python")
    programs = folder / "aws-cli"
    programs.mkdir()
    address = programs / "socket"
    program = programs / "aws"
    program.write_text(CLIENT.format(python=python, address=str(address)), "utf-8")
    program.chmod(0o755)
    with subprocess.Popen(
        [python, Path(__file__), address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdout.readline()  # it listens
        try:
            yield programs
        finally:
            server.stdin.close()


def serve(address: str) -> None:
    from awscli.clidriver import create_clidriver  # in the CLI's own environment

    driver = create_clidriver()
    load_services(driver)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        print("listening", flush=True)
        while True:
            ready, _, _ = select.select([server, sys.stdin], [], [])
            if server not in ready:
                return  # the end of standard input is the end of whoever started this
            connection, _ = server.accept()
            if os.fork() == 0:
                answer(connection, driver)
            connection.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG) != (0, 0):
                    pass


def load_services(driver: Any) -> None:
    """What each call would parse of its service's description, before the first of them."""
    from botocore.exceptions import DataNotFoundError

    loader = driver.session.get_component("data_loader")
    for service in SERVICES:
        for kind in ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1"):
            with contextlib.suppress(DataNotFoundError):  # not every service has all of them
                loader.load_service_model(service, kind)
    for name in ("endpoints", "partitions", "sdk-default-configuration"):
        loader.load_data(name)


def answer(connection: socket.socket, driver: object) -> None:
    """In a process of its own, of which a child is the call."""
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    words, folder, environment = json.loads(b"".join(parts))
    child = os.fork()
    if child == 0:
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.chdir(folder)
        own_data = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}  # set by its import
        os.environ.clear()
        os.environ.update(environment | own_data)
        endpoint = ["--endpoint-url", environment["AWS_ENDPOINT_URL"]]
        code = driver.main([*endpoint, *words])  # type: ignore[attr-defined]
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status) % 256).encode())
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
