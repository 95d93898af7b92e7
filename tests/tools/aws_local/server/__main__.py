"""`python -m tools.aws_local.server`: prints its address, serves until its standard input ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from tools.aws_local.server import (
    apigateway_http,
    apigateway_rest,
    cfn_bucket,
    cfn_functions,
    cfn_rollout,
    cfn_streams,
    cloudformation,
    dynamodb_backups,
    event_source_mappings,
    eventbridge,
    execution,
    function_urls,
    openapi_rest,
    s3_delivery,
    s3_versions,
    sns_delivery,
    sqs_attributes,
    sqs_delivery,
    state_machines,
    stream_delivery,
    tagging,
    transport,
)
from tools.aws_local.server.asynchronous import AsynchronousInvoker
from tools.aws_local.server.context import Context


def main() -> None:
    """Serve on a free port of the loopback interface."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler
    )
    os.environ["MOTO_PORT"] = str(server.server_port)
    context = Context(f"http://127.0.0.1:{server.server_port}")
    executor = install(context)

    def stop() -> None:
        # The end of standard input is the end of whoever started this, however that came about.
        sys.stdin.read()
        server.shutdown()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread(target=stop, daemon=True).start()
    print(context.endpoint, flush=True)
    try:
        server.serve_forever(poll_interval=0.05)
    finally:
        executor.close()
        # What is left has nothing to clean up, and taking moto's modules apart takes a second.
        os._exit(0)


def install(context: Context) -> execution.Executor:
    """Put every replacement in place."""
    executor = execution.Executor(context)
    execution.install(executor, AsynchronousInvoker(context, executor))
    sqs_attributes.install()
    sqs_delivery.install(sqs_delivery.Delivery(executor))
    stream_delivery.install(stream_delivery.Delivery(context, executor))
    event_source_mappings.install()
    s3_delivery.install()
    s3_versions.install()
    dynamodb_backups.install()
    sns_delivery.install()
    transport.install()
    eventbridge.install()
    apigateway_http.install()
    apigateway_rest.install()
    openapi_rest.install(context)
    function_urls.install()
    state_machines.install(context)
    cfn_bucket.install(context)
    cfn_functions.install()
    cfn_rollout.install()
    cfn_streams.install(context)
    cloudformation.install(context)
    tagging.install()
    return executor


if __name__ == "__main__":
    main()
