"""The handlers that others start a project with, packaged by their own tools if they have one."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import environment_on

BARE = "def handler(event, context):\n    return {}\n"
# What most introductions to Lambda begin with.
ARTICLE = """\
import json

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    print(json.dumps(event))
    return {"statusCode": 200, "body": json.dumps("Hello from Lambda!")}
"""
# The parts that the SAM CLI's template "hello-world-powertools-python" imports and makes.
POWERTOOLS_SAMPLE = """\
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit

app = APIGatewayRestResolver()
tracer = Tracer(service="hello")
logger = Logger(service="hello")
metrics = Metrics(namespace="hello", service="hello")


@app.get("/")
@tracer.capture_method
def hello():
    metrics.add_metric(name="HelloWorldInvocations", unit=MetricUnit.Count, value=1)
    logger.info("hello")
    return {"hello": "world"}


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event, context):
    return app.resolve(event, context)
"""
FLASK = """\
from flask import Flask

app = Flask(__name__)


@app.route("/")
def index():
    return {"hello": "world"}
"""


class Peer(NamedTuple):
    """A package, extracted and as a zip. `structured`: it logs JSON records."""

    name: str
    code: Path
    archive: Path
    handler: str
    event: object
    structured: bool = False


def peers(folder: Path, python: str, machine: str) -> Iterator[Peer]:
    """Each in a folder of its own; the first is the bare handler."""
    yield _written(folder / "bare", "bare handler", BARE, {})
    yield _written(folder / "article", "article: boto3 at the top", ARTICLE, {"key": "value"})
    yield _chalice(folder / "chalice", python)
    yield _sam_sample(folder / "sam", python, machine)
    yield _zappa(folder / "zappa", python)


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(folder.rglob("*")):
            target.write(path, path.relative_to(folder))
    return archive


def unzipped(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    return folder


def _written(folder: Path, name: str, source: str, event: object) -> Peer:
    code = folder / "code"
    code.mkdir(parents=True)
    (code / "app.py").write_text(source, "utf-8")
    return Peer(name, code, zipped(code, folder / "code.zip"), "app.handler", event)


def _chalice(folder: Path, python: str) -> Peer:
    folder.mkdir(parents=True)
    program = environment_on(python, "chalice") / "bin" / "chalice"
    _run([program, "new-project", "hello"], folder)
    _run([program, "package", folder / "out"], folder / "hello")
    archive = folder / "out" / "deployment.zip"
    code = unzipped(archive, folder / "code")
    return Peer("Chalice's new project", code, archive, "app.app", request("/"))


def _sam_sample(folder: Path, python: str, machine: str) -> Peer:
    """As `sam build` leaves it: from sources, nothing compiled."""
    peer = _written(folder, "SAM's Powertools sample", POWERTOOLS_SAMPLE, request("/"))
    pip = [environment_on(python, "chalice") / "bin" / "python", "-m", "pip"]
    wanted = ["aws-lambda-powertools[tracer]==3.37.0", "--no-compile", "--target", peer.code]
    platform = ["--only-binary", ":all:", "--platform", f"manylinux2014_{machine}"]
    _run([*pip, "install", "--quiet", *wanted, *platform], folder)
    archive = zipped(peer.code, folder / "code.zip")
    return peer._replace(archive=archive, structured=True)


def _zappa(folder: Path, python: str) -> Peer:
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(FLASK, "utf-8")
    settings = {
        "app_function": "app.app",
        "aws_region": "eu-west-1",
        "project_name": "hello",
        "runtime": f"python{python}",
        "s3_bucket": "hello",
    }
    (folder / "zappa_settings.json").write_text(json.dumps({"dev": settings}), "utf-8")
    venv = environment_on(python, "zappa", "flask")
    activated = {
        "VIRTUAL_ENV": str(venv),
        "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    archive = folder / "out.zip"
    _run([venv / "bin/zappa", "package", "dev", "-o", archive], folder, activated)
    code = unzipped(archive, folder / "code")
    return Peer("Zappa with Flask", code, archive, "handler.lambda_handler", request("/"))


def request(path: str) -> dict[str, object]:
    """What API Gateway's REST APIs send."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": "GET",
        "headers": {"host": "example.execute-api.eu-west-1.amazonaws.com"},
        "multiValueHeaders": {"host": ["example.execute-api.eu-west-1.amazonaws.com"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": "GET",
            "identity": {"sourceIp": "192.0.2.1"},
            "path": path,
            "requestId": "00000000-0000-0000-0000-000000000000",
            "resourcePath": path,
            "stage": "dev",
        },
        "body": None,
        "isBase64Encoded": False,
    }


def _run(command: Sequence[object], folder: Path, more: Mapping[str, str] | None = None) -> None:
    account = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **account, **(more or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}{done.stderr}")
