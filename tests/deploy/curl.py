"""Stands in for `curl`: the local AWS has no endpoints of APIs, so the route's function is invoked.

What API Gateway does with a request is done here: the event of the payload format 2.0.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3


def main() -> None:
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("--json", default="")
    parser.add_argument("url")
    given = parser.parse_args()
    print(answer(given.url, given.json), end="")


def answer(url: str, body: str) -> str:
    """The body of the API's response."""
    target = urlsplit(url)
    found = re.fullmatch(r"(\w+)\.execute-api\.[\w-]+\.amazonaws\.com", target.netloc)
    assert found, f"no API: {url}"
    method = "POST" if body else "GET"
    api = boto3.client("apigatewayv2", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    [route] = [
        route
        for route in api.get_routes(ApiId=found[1])["Items"]
        if route["RouteKey"] == f"{method} {target.path}"
    ]
    integration = api.get_integration(
        ApiId=found[1], IntegrationId=route["Target"].removeprefix("integrations/")
    )
    [function] = re.findall(r":function:([\w:-]+)", integration["IntegrationUri"])
    event = {
        "version": "2.0",
        "routeKey": route["RouteKey"],
        "rawPath": target.path,
        "rawQueryString": target.query,
        "headers": {"content-type": "application/json"} if body else {},
        "queryStringParameters": dict(parse_qsl(target.query)),
        "requestContext": {"http": {"method": method, "path": target.path}},
        "isBase64Encoded": False,
        **({"body": body} if body else {}),
    }
    return str(invoke(function, event).get("body", ""))


def invoke(function: str, event: dict[str, Any]) -> dict[str, Any]:
    functions = boto3.client("lambda", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    done = functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    result: dict[str, Any] = json.loads(done["Payload"].read())
    assert "FunctionError" not in done, result
    return result


if __name__ == "__main__":
    main()
