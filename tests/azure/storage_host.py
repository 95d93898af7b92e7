"""What the Functions host does for queues and blobs, as far as test_azurite.py needs it.

Run in the service's folder with the storage clients at hand. On standard input comes what to put
into the storage, as JSON: {"connection": "...", "messages": {queue: [text]}, "blobs": {container:
{name: text}}}. On standard output goes what is in every queue afterwards: {queue: [text]}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import (
    QueueServiceClient,
    TextBase64DecodePolicy,
    TextBase64EncodePolicy,
)

sys.path.insert(0, str(Path.cwd()))
EXTENSIONS = json.loads(Path("host.json").read_text("utf-8")).get("extensions", {})
POISON_BLOBS = "webjobs-blobtrigger-poison"


class Host:
    """The service's functions between the queues and containers of one storage account."""

    def __init__(self, connection: str) -> None:
        from scripts.worker import Worker

        self.worker = Worker()
        self.blobs = BlobServiceClient.from_connection_string(connection)
        self.queues = QueueServiceClient.from_connection_string(connection)

    def queue(self, name: str) -> Any:
        """As the host has it: texts are in base64."""
        return self.queues.get_queue_client(
            name,
            message_encode_policy=TextBase64EncodePolicy(),
            message_decode_policy=TextBase64DecodePolicy(),
        )

    def functions(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, function in self.worker.functions.items():
            if function.trigger["type"] == kind:
                yield name, function.trigger

    def make(self) -> None:
        """The queues and containers that the infrastructure would have made."""
        names = {POISON_BLOBS}
        for function in self.worker.functions.values():
            names |= {one["queueName"] for one in function.bindings if one["type"] == "queue"}
        for _, trigger in self.functions("queueTrigger"):
            names |= {trigger["queueName"], trigger["queueName"] + "-poison"}
        for name in names:
            self.queue(name).create_queue()
        for _, trigger in self.functions("blobTrigger"):
            self.blobs.create_container(trigger["path"].partition("/")[0])

    def drain_queues(self) -> None:
        for name, trigger in self.functions("queueTrigger"):
            queue = self.queue(trigger["queueName"])
            while received := list(queue.receive_messages(visibility_timeout=60)):
                for message in received:
                    self.handle_message(name, queue, message)

    def handle_message(self, name: str, queue: Any, message: Any) -> None:
        """Deleted when the function took it, or when it failed often enough and is put away."""
        from scripts.worker import FunctionError

        metadata = {
            "Id": message.id,
            "DequeueCount": message.dequeue_count,
            "InsertionTime": message.inserted_on.isoformat(),
            "ExpirationTime": message.expires_on.isoformat(),
            "NextVisibleTime": message.next_visible_on.isoformat(),
            "PopReceipt": message.pop_receipt,
        }
        try:
            outputs = self.worker.invoke(name, {"data": message.content, "metadata": metadata})
        except FunctionError:
            if message.dequeue_count < EXTENSIONS["queues"]["maxDequeueCount"]:
                # At once, where the real host waits for its visibilityTimeout.
                queue.update_message(message, visibility_timeout=0)
                return
            self.queue(queue.queue_name + "-poison").send_message(message.content)
        else:
            self.send(name, outputs)
        queue.delete_message(message)

    def send(self, name: str, outputs: Mapping[str, Any]) -> None:
        for binding in self.worker.functions[name].bindings:
            if binding["type"] == "queue" and binding["name"] in outputs:
                text = json.dumps(outputs[binding["name"]])
                self.queue(binding["queueName"]).send_message(text)

    def deliver_blobs(self, names: Mapping[str, Iterable[str]]) -> None:
        """Each to the functions whose path it has, as when Event Grid tells of it."""
        for name, trigger in self.functions("blobTrigger"):
            start = trigger["path"].removesuffix("{name}")
            for container, blobs in names.items():
                for blob in blobs:
                    if f"{container}/{blob}".startswith(start):
                        self.handle_blob(name, container, blob)

    def handle_blob(self, name: str, container: str, blob: str) -> None:
        from scripts.worker import FunctionError

        client = self.blobs.get_blob_client(container, blob)
        properties = client.get_blob_properties()
        event = {
            "data": client.download_blob(encoding="utf-8").readall(),
            "metadata": {
                "BlobTrigger": f"{container}/{blob}",
                "Uri": client.url,
                "Properties": {"Length": properties.size, "ETag": properties.etag},
                "Metadata": dict(properties.metadata),
            },
        }
        for _ in range(EXTENSIONS["blobs"]["poisonBlobThreshold"]):
            try:
                self.worker.invoke(name, event)
            except FunctionError:
                continue
            return
        poison = {
            "FunctionId": f"Host.Functions.{name}",
            "BlobType": "BlockBlob",
            "ContainerName": container,
            "BlobName": blob,
            "ETag": properties.etag,
        }
        self.queue(POISON_BLOBS).send_message(json.dumps(poison))

    def texts(self) -> dict[str, list[str]]:
        names = [queue.name for queue in self.queues.list_queues()]
        return {
            name: [message.content for message in self.queue(name).peek_messages(32)]
            for name in names
        }


def main() -> None:
    asked = json.loads(sys.stdin.read())
    host = Host(asked["connection"])
    host.make()
    for queue, texts in asked["messages"].items():
        for text in texts:
            host.queue(queue).send_message(text)
    for container, blobs in asked["blobs"].items():
        for name, text in blobs.items():
            host.blobs.get_blob_client(container, name).upload_blob(text)
    host.drain_queues()
    host.deliver_blobs(asked["blobs"])
    found = host.texts()
    host.worker.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
