"""HTTP requests (payload format 2.0): finds the logic for each and makes its answer a response."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from . import logic

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    Action = Callable[[dict[str, str], dict[str, Any]], dict[str, Any]]

logger = Logger(service="billing")

ROUTES: dict[str, dict[str, Action]] = {
    "/invoices": {
        "GET": logic.get,
        "POST": logic.post,
    },
}


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request.

    What the caller got wrong is answered with 4xx. Anything else is a fault of ours and goes on to
    Lambda: it logs the traceback and counts an error for the alarm, and API Gateway answers 500
    without a detail of it.
    """
    method = event["requestContext"]["http"]["method"]
    # "GET /orders/{id}" names the path as configured; a catch-all "$default" route names none.
    path = event["routeKey"].partition(" ")[2] or event["rawPath"]
    response = _respond(method, path, event)
    logger.info("request answered", method=method, path=path, status=response["statusCode"])
    return response


def _respond(method: str, path: str, event: dict[str, Any]) -> dict[str, Any]:
    actions = ROUTES.get(path)
    if actions is None:
        return _response(404, {"message": "Not Found"})
    if method not in actions:
        return _response(405, {"message": "Method Not Allowed"}, allow=", ".join(actions))
    try:
        reads_body = method == "POST"
        values = _body(event) if reads_body else event.get("queryStringParameters") or {}
        result = actions[method](event.get("pathParameters") or {}, values)
    except logic.InvalidRequest as error:
        return _response(400, {"message": str(error)})
    except logic.NotFound as error:
        return _response(404, {"message": str(error)})
    return _response(201 if method == "POST" else 200, result)


def _body(event: dict[str, Any]) -> dict[str, Any]:
    """The JSON object in the request's body. Raises InvalidRequest when there is none."""
    try:
        text = event.get("body") or ""
        if event.get("isBase64Encoded"):
            import base64  # only for the content types that API Gateway takes for binary

            text = base64.b64decode(text, validate=True)
        body = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # not base64, UTF-8 or JSON; nested too deep
        raise logic.InvalidRequest("the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise logic.InvalidRequest("the body is not a JSON object")
    return body


def _no_constant(name: str) -> None:
    """Refuse NaN and Infinity: Python reads and writes them, and JSON has none."""
    raise ValueError(name)


def _response(status: int, content: dict[str, Any], **headers: str) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **headers},
        "body": json.dumps(content),
    }
