"""The real Azure CLI, in front of an Azure that only keeps what it is told.

    with az_cli(folder) as az:
        subprocess.run(["infra/deploy.sh", "dev"], env=az.environment(), ...)
        assert ... in az.arm.ids()

`az` is the pinned azure-cli: its parser, its commands, its SDKs, its output. Most of the time of a
call is spent on loading it, so that is done once and each call is forked from there. Azure is
`arm.py`: it says of no value whether Azure would take it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.az_cli.arm import SUBSCRIPTION, TENANT, Arm, start
from tools.provision import venv_program

__all__ = ["SUBSCRIPTION", "AzCli", "az_cli"]

HERE = Path(__file__).parent

# Sends what a process is made of, and ends as the call does. Of Python's modules it has those alone
# that need no loading: a script makes hundreds of calls.
CLIENT = """\
#!{python} -IS
import _socket, marshal, posix, sys
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
server = _socket.socket(_socket.AF_UNIX)
server.connect({address!r})
files = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
server.sendmsg([b"."], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
server.sendall(marshal.dumps([sys.argv[1:], posix.getcwd(), dict(posix.environ)]))
server.shutdown(_socket.SHUT_WR)
sys.exit(int(server.recv(9) or b"255"))
"""


@dataclass(frozen=True)
class AzCli:
    """`arm` is what Azure has."""

    home: Path
    arm: Arm

    @property
    def programs(self) -> Path:
        return self.home / "bin"

    def reset(self) -> None:
        """Azure is empty again."""
        self.arm.__init__()  # type: ignore[misc]
        (self.home / "calls").write_text("", "utf-8")

    def arguments(self) -> str:
        """Those of all calls, as other processes could see them."""
        return (self.home / "calls").read_text("utf-8")

    def unknown_properties(self, bodies: Mapping[str, Sequence[object]]) -> list[str]:
        """Properties that a model of the SDK does not have, by the models' names."""
        python = venv_program("azure_cli", "python")
        done = subprocess.run(
            [python, HERE / "models.py"],
            input=json.dumps(bodies),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.programs), os.environ.get("PATH", os.defpath)])
        return {**os.environ, "PATH": path}


@contextlib.contextmanager
def az_cli(folder: Path) -> Iterator[AzCli]:
    """In a folder of its own below `folder`, whose path must be short, for a socket's."""
    python = venv_program("azure_cli", "python")
    home = folder / "az"
    config = home / "config"
    programs = home / "bin"
    config.mkdir(parents=True)
    programs.mkdir()
    log_in(config)
    address = home / "socket"
    program = programs / "az"
    log = str(home / "calls")
    program.write_text(CLIENT.format(python=python, address=str(address), log=log), "utf-8")
    program.chmod(0o755)
    arm = Arm()
    azure = start(arm)
    url = f"http://127.0.0.1:{azure.server_port}"
    try:
        with subprocess.Popen(
            [python, HERE / "server.py", address, url, config],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdout.readline()  # it listens
            try:
                cli = AzCli(home, arm)
                cli.reset()  # from what the server asked to get warm
                yield cli
            finally:
                server.stdin.close()
    finally:
        azure.shutdown()
        azure.server_close()


def log_in(config: Path) -> None:
    """As whoever ran `az login` is; which token they would get does not matter here."""
    subscription = {
        "id": SUBSCRIPTION,
        "name": "Test",
        "state": "Enabled",
        "user": {"name": "tester", "type": "servicePrincipal"},
        "isDefault": True,
        "tenantId": TENANT,
        "environmentName": "AzureCloud",
        "homeTenantId": TENANT,
        "managedByTenants": [],
    }
    profile = {"installationId": "test", "subscriptions": [subscription]}
    (config / "azureProfile.json").write_text(json.dumps(profile), "utf-8")
    (config / "config").write_text("[core]\ncollect_telemetry = false\n", "utf-8")
