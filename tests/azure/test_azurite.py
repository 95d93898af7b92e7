"""Messages and blobs of a real storage reach the functions through the real worker library.

Azurite is Microsoft's own emulator of Azure Storage. What is between it and the functions in Azure,
the Functions host, is played by storage_host.py: it takes its numbers from the service's host.json.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.provision import node_environment, npm_program, python_venv
from tools.workbench import Workbench, build_workbench, clean_environment

from generator.request import Request, to_answers

HOST = Path(__file__).with_name("storage_host.py")
PATIENCE = 60
ACCOUNT, KEY = "devstoreaccount1", base64.b64encode(b"made up for these tests").decode()
LISTENING = r"Azurite {} service is successfully listening at (http://127\.0\.0\.1:[0-9]+)"
# The untouched logic does nothing that one could see.
QUEUE_LOGIC = """
def process(message, *, message_id):
    if message["order"] < 0:
        raise ValueError("there is no such order")
    return {"done": message["order"]}
"""
BLOB_LOGIC = """
from pathlib import Path

def process(*, name, size, read):
    content = read().decode()
    if content == "poison":
        raise ValueError("nothing to make of it")
    with Path("seen.txt").open("a") as seen:
        print(name, size, content, file=seen)
"""


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """The connection string of an emulator on free ports of loopback, until the end."""
    command = [npm_program("azurite", "azurite"), "--location", folder, "--skipApiVersionCheck"]
    for service in ("blob", "queue", "table"):
        command += [f"--{service}Host", "127.0.0.1", f"--{service}Port", "0"]
    log = folder / "azurite.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=node_environment() | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        ends = {service: awaited(process, log, service) for service in ("Blob", "Queue")}
        yield ";".join(
            [
                f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY}",
                *(f"{name}Endpoint={url}/{ACCOUNT}" for name, url in ends.items()),
            ]
        )
    finally:
        process.kill()  # it has nothing to keep, and would wait for connections to end
        process.wait(PATIENCE)


def awaited(process: subprocess.Popen[bytes], log: Path, service: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while not (found := re.search(LISTENING.format(service), log.read_text("utf-8"))):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.1)
    return found[1]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    asked = Request(
        name="orders",
        provider="azure",
        trigger=("queue=jobs", "blob=uploads"),
        set=("jobs.output_queue=finished", "uploads.prefix=in/"),
    )
    made = build_workbench(tmp_path_factory.mktemp("azurite") / "orders", to_answers(asked))
    for name, logic in (("jobs", QUEUE_LOGIC), ("uploads", BLOB_LOGIC)):
        (made.folder / "src" / "orders" / name / "logic.py").write_text(logic, "utf-8")
    return made


def delivered(
    service: Workbench,
    folder: Path,
    messages: dict[str, list[str]] | None = None,
    blobs: dict[str, dict[str, str]] | None = None,
) -> dict[str, list[str]]:
    """What is in every queue after all that was put there has been worked off."""
    storage = folder / "storage"
    storage.mkdir()
    with azurite(storage) as connection:
        asked = {"connection": connection, "messages": messages or {}, "blobs": blobs or {}}
        done = subprocess.run(
            [python_venv("azurite", "3.13") / "bin" / "python", HOST],
            cwd=service.folder,
            env=clean_environment() | {"PYTHONPATH": "", "NO_PROXY": "127.0.0.1"},
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_message_goes_through_the_function_into_the_next_queue(
    service: Workbench, tmp_path: Path
) -> None:
    queues = delivered(service, tmp_path, {"jobs": ['{"order": 1}', '{"order": 2}']})
    assert sorted(queues["finished"]) == ['{"done": 1}', '{"done": 2}']
    assert queues["jobs"] == queues["jobs-poison"] == []


def test_a_message_that_fails_five_times_is_poison(service: Workbench, tmp_path: Path) -> None:
    sent = ['{"order": -1}', "no JSON", '{"order": 3}']
    queues = delivered(service, tmp_path, {"jobs": sent})
    assert sorted(queues["jobs-poison"]) == sorted(sent[:2])
    assert queues["finished"] == ['{"done": 3}'], "the others go on"
    assert queues["jobs"] == []


def test_a_blob_reaches_the_function_and_a_poison_one_is_told(
    service: Workbench, tmp_path: Path
) -> None:
    (service.folder / "seen.txt").unlink(missing_ok=True)
    blobs = {"in/café 1.txt": "content", "in/bad.txt": "poison", "out/other.txt": "not meant"}
    queues = delivered(service, tmp_path, blobs={"uploads": blobs})
    seen = (service.folder / "seen.txt").read_text("utf-8")
    assert seen == "in/café 1.txt 7 content\n"
    [poison] = [json.loads(text) for text in queues["webjobs-blobtrigger-poison"]]
    assert (poison["ContainerName"], poison["BlobName"]) == ("uploads", "in/bad.txt")


def test_nothing_of_the_emulator_is_left_running(tmp_path: Path) -> None:
    with azurite(tmp_path) as connection:
        port = int(re.search(r"BlobEndpoint=http://127\.0\.0\.1:([0-9]+)", connection)[1])  # type: ignore[index]
        assert reachable(port)
    assert not reachable(port)


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
