"""A stand-in for the Google Cloud CLI, which cannot be installed for these tests.

    with gcloud_cli(folder) as gcloud:
        subprocess.run(["infra/deploy.sh", "dev"], env=gcloud.environment(), ...)
        assert "orders-api-dev" in gcloud.cloud.functions

It takes what the CLI's own command tree knows, and refuses the rest (`commands.json`); its formats
and filters are the few that are used here (`output.py`). What it is told, it keeps (`cloud`): an
account, a topic or a bucket has to be there before something refers to it, and what is there cannot
be created. Of no value does it say whether Google would take it.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.gcloud_cli import functions, messaging, project, storing, watching  # noqa: F401
from tools.gcloud_cli.arguments import Call, Refused, parse
from tools.gcloud_cli.cloud import Cloud, Failed
from tools.gcloud_cli.output import written

__all__ = ["LISTERS", "Gcloud", "gcloud_cli"]

# Of Python's modules it has those alone that need no loading: a script makes a hundred calls.
CLIENT = """\
#!{python} -IS
import _socket, marshal, posix, sys
server = _socket.socket(_socket.AF_UNIX)
server.connect({address!r})
server.sendall(marshal.dumps([sys.argv[1:], posix.getcwd()]))
server.shutdown(_socket.SHUT_WR)
answer = b""
while part := server.recv(65536):
    answer += part
code, out, error = marshal.loads(answer)
sys.stdout.write(out)
sys.stderr.write(error)
sys.exit(code)
"""
# Who may list: of the predefined roles that have the permission, those that a service's docs may
# name. From https://docs.cloud.google.com/iam/docs/roles-permissions, of June 2026.
LISTERS = {
    "artifacts repositories list": {"artifactregistry.admin"},
    "beta monitoring channels list": {"monitoring.editor"},
    "firestore databases list": {"datastore.owner", "datastore.viewer"},
    "functions list": {"cloudfunctions.developer"},
    "iam service-accounts list": {"iam.serviceAccountAdmin"},
    "monitoring policies list": {"monitoring.editor"},
    "pubsub subscriptions list": {"pubsub.admin", "pubsub.viewer"},
    "pubsub topics list": {"pubsub.admin", "pubsub.viewer"},
    "scheduler jobs list": {"cloudscheduler.admin", "cloudscheduler.viewer"},
    "secrets list": {"secretmanager.admin", "secretmanager.viewer"},
    "services list": {"serviceusage.serviceUsageAdmin"},
    "storage buckets list": {"storage.admin"},
}
READ_ONLY = {"cat", "describe", "get", "get-iam-policy", "list", "service-agent"}


@dataclass
class Gcloud:
    """`cloud` is what Google has, `calls` what it was asked, `refused` what was no call at all."""

    programs: Path
    cloud: Cloud = field(default_factory=Cloud)
    calls: list[Call] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    # Of a command with this in it Google says that one may not.
    failing: str = ""
    # Of whoever calls, as to listing; None is the owner.
    roles: set[str] | None = None

    def reset(self) -> None:
        """The project is empty again."""
        self.__init__(self.programs)  # type: ignore[misc]

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.programs), os.environ.get("PATH", os.defpath)])
        return {**os.environ, "PATH": path}

    def writes(self) -> list[str]:
        """The commands that may have changed something, with what they were about."""
        return [
            " ".join([call.command, *call.words])
            for call in self.calls
            if call.command.split()[-1] not in READ_ONLY
        ]

    def answer(self, arguments: list[str], folder: Path) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        try:
            call = parse(arguments, folder)
        except Refused as refusal:
            self.refused.append(str(refusal))
            return 2, "", f"ERROR: {refusal}\n"
        self.calls.append(call)
        where = f"ERROR: (gcloud.{call.command.replace(' ', '.')})"
        barred = self.roles is not None and call.command.endswith(" list")
        if barred and not LISTERS[call.command] & (self.roles or set()):
            return 1, "", f"{where} PERMISSION_DENIED: Permission denied on project\n"
        if self.failing and self.failing in " ".join(arguments):
            return 1, "", f"{where} PERMISSION_DENIED: Permission denied on resource\n"
        try:
            return 0, written(self.cloud.run(call), call), ""
        except Refused as refusal:
            self.refused.append(str(refusal))
            return 2, "", f"{where} {refusal}\n"
        except Failed as failure:
            return 1, "", f"{where} {failure}\n"
        except Exception:  # an assertion, say: whoever tests is to see it, and the script to end
            self.refused.append(f"{arguments}\n{traceback.format_exc()}")
            return 70, "", traceback.format_exc()


@contextlib.contextmanager
def gcloud_cli(folder: Path) -> Iterator[Gcloud]:
    """In a folder of its own below `folder`, whose path must be short, for a socket's."""
    programs = folder / "gcloud"
    programs.mkdir()
    address = str(programs / "socket")
    program = programs / "gcloud"
    program.write_text(CLIENT.format(python=sys.executable, address=address), "utf-8")
    program.chmod(0o755)
    gcloud = Gcloud(programs)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        threading.Thread(target=_serve, args=(server, gcloud), daemon=True).start()
        yield gcloud
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, gcloud: Gcloud) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return  # it was closed
        with connection:
            received = b""
            while part := connection.recv(65536):
                received += part
            arguments, folder = marshal.loads(received)
            connection.sendall(marshal.dumps(gcloud.answer(arguments, Path(folder))))
