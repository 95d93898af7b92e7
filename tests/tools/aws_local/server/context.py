"""What the modules of the server share: its address and its clients."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from typing import Any

import boto3


@dataclass(frozen=True)
class Context:
    """The running server, seen from inside."""

    endpoint: str
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str, region: str) -> Any:
        """A client of this server. Its parameters are validated as AWS's own model says."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = boto3.client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint,
                    aws_access_key_id="test",
                    aws_secret_access_key="test",
                )
            return self._clients[key]


def note(text: str) -> None:
    """A line in the server's log, which a failing test shows."""
    print(text, file=sys.stderr, flush=True)
