"""HTTP requests (payload format 2.0): finds the logic for each and makes its answer a response."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from . import logic

logger = Logger(service="billing")
app = APIGatewayHttpResolver()

PATHS = [
    "/invoices",
]
METHODS = [
    "GET",
    "POST",
]


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request.

    What the caller got wrong is answered with 4xx. Anything else is a fault of ours and goes on to
    Lambda: it logs the traceback and counts an error for the alarm, and API Gateway answers 500
    without a detail of it.
    """
    response = app.resolve(event, context)
    logger.info("request answered", status=response["statusCode"], route=event["routeKey"])
    return response


@app.get("/invoices")
def get(**parameters: str) -> Response[str]:
    query = app.current_event.query_string_parameters
    return _response(200, logic.get(parameters, query))


@app.post("/invoices")
def post(**parameters: str) -> Response[str]:
    return _response(201, logic.post(parameters, _body()))


@app.exception_handler(logic.InvalidRequest)  # type: ignore[untyped-decorator]
def invalid_request(error: logic.InvalidRequest) -> Response[str]:
    return _response(400, {"message": str(error)})


@app.exception_handler(logic.NotFound)  # type: ignore[untyped-decorator]
def nothing_there(error: logic.NotFound) -> Response[str]:
    return _response(404, {"message": str(error)})


@app.not_found
def not_found(error: NotFoundError) -> Response[str]:
    """Powertools says "not found" of a known path's other methods too."""
    event = app.current_event
    path = event["routeKey"].partition(" ")[2] or event["rawPath"]
    if path in PATHS:
        return _response(405, {"message": "Method Not Allowed"}, allow=", ".join(METHODS))
    return _response(404, {"message": "Not Found"})


def _body() -> dict[str, Any]:
    """The JSON object in the request's body. Raises InvalidRequest when there is none."""
    try:
        body = app.current_event.json_body
    except (ValueError, RecursionError) as error:  # not base64, UTF-8 or JSON; nested too deep
        raise logic.InvalidRequest("the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise logic.InvalidRequest("the body is not a JSON object")
    return body


def _response(status: int, content: dict[str, Any], **headers: str) -> Response[str]:
    return Response(
        status_code=status,
        content_type="application/json",
        body=json.dumps(content),
        headers=headers,
    )
