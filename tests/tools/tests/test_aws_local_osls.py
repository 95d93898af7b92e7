"""A small service deployed by the real `osls deploy`, its serverless.yml as a user's would be."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools import provision
from tools.aws_local import LocalAws, local_aws

SERVERLESS = """
service: orders
frameworkVersion: "3"
provider:
  name: aws
  runtime: python3.13
  region: eu-west-1
  stage: dev
package:
  patterns: ["!**", app.py]
functions:
  worker:
    handler: app.worker
    timeout: 20
    events:
      - sqs:
          arn: !GetAtt Jobs.Arn
          batchSize: 10
          functionResponseType: ReportBatchItemFailures
  api:
    handler: app.api
    timeout: 20
    events:
      - httpApi: GET /orders
      - schedule: rate(1 day)
resources:
  Resources:
    Dead:
      Type: AWS::SQS::Queue
      Properties: {QueueName: orders-dead}
    Jobs:
      Type: AWS::SQS::Queue
      Properties:
        QueueName: orders-jobs
        VisibilityTimeout: 120
        RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}
"""

HANDLERS = """
import sys

def worker(event, context):
    print("BATCH", [record["body"] for record in event["Records"]])
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}
                                  for record in event["Records"] if record["body"] == "poison"]}

def api(event, context):
    return {"statusCode": 200, "body": "%d.%d" % sys.version_info[:2]}
"""


def osls(aws: LocalAws, folder: Path, *arguments: str) -> None:
    command: list[str | Path] = [provision.npm_program("osls", "osls"), *arguments]
    answer = subprocess.run(
        command,
        cwd=folder,
        env=aws.child_env(provision.node_environment()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, f"{answer.stdout}\n{answer.stderr}\n{aws.server_log}"


def test_a_service_is_deployed_works_and_is_removed(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text(SERVERLESS)
    (tmp_path / "app.py").write_text(HANDLERS)
    with local_aws() as aws:
        osls(aws, tmp_path, "deploy")

        answer = aws.invoke("orders-dev-api", {"rawPath": "/orders"})
        assert answer == {"statusCode": 200, "body": "3.13"}
        [api] = aws.client("apigatewayv2").get_apis()["Items"]
        routes = aws.client("apigatewayv2").get_routes(ApiId=api["ApiId"])["Items"]
        assert [route["RouteKey"] for route in routes] == ["GET /orders"]

        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName="orders-jobs")["QueueUrl"]
        entries = [{"Id": str(n), "MessageBody": text} for n, text in enumerate(["a", "poison"])]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
        assert aws.logs("orders-dev-worker") == ["BATCH ['a', 'poison']", "BATCH ['poison']"]
        dead = sqs.get_queue_url(QueueName="orders-dead")["QueueUrl"]
        [message] = sqs.receive_message(QueueUrl=dead)["Messages"]
        assert message["Body"] == "poison"

        (tmp_path / "app.py").write_text(HANDLERS.replace("200", "201"))
        osls(aws, tmp_path, "deploy")
        assert aws.invoke("orders-dev-api", {})["statusCode"] == 201

        osls(aws, tmp_path, "remove")
        assert aws.client("lambda").list_functions()["Functions"] == []
        assert "QueueUrls" not in sqs.list_queues()
