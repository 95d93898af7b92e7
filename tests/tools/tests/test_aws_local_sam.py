"""A small service deployed by the real `sam deploy`, and events sent at it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tools import provision
from tools.aws_local import LocalAws, local_aws

STACK = "orders-dev"
BUCKET = "orders-123456789012"

HANDLERS = """
import json
from urllib.parse import unquote_plus
import boto3

def worker(event, context):
    bodies = [record["body"] for record in event["Records"]]
    print("BATCH", json.dumps(bodies))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}
                                  for record in event["Records"] if record["body"] == "poison"]}

def uploads(event, context):
    [record] = event["Records"]
    bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
    name = unquote_plus(key)
    body = boto3.client("s3").get_object(Bucket=bucket, Key=name)["Body"].read().decode()
    print("UPLOAD", key, body)

def failing(event, context):
    print("ATTEMPT", json.dumps(event))
    raise ValueError("no such order")

def reporter(event, context):
    print("EVENT", json.dumps(event))
"""

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
Globals:
  Function:
    Runtime: python3.12
    CodeUri: src/
    Timeout: 20
    LoggingConfig: {LogFormat: JSON, LogGroup: !Ref Logs}
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {LogGroupName: /aws/orders, RetentionInDays: 30}
  Dead:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {QueueName: orders-dead}
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders-jobs
      VisibilityTimeout: 120
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Failures:
    Type: AWS::SQS::Queue
    Properties: {QueueName: orders-failures}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: orders-topic}
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: "sns:Publish",
             Resource: !Ref Topic}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders-worker
      Handler: app.worker
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Jobs.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
  Uploads:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders-uploads
      Handler: app.uploads
      Policies: [{S3ReadPolicy: {BucketName: !Sub "orders-${AWS::AccountId}"}}]
      Events:
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Bucket
            Events: s3:ObjectCreated:*
            Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "orders-${AWS::AccountId}"
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Deny, Principal: "*", Action: "s3:*", Resource: !GetAtt Bucket.Arn,
             Condition: {Bool: {"aws:SecureTransport": "false"}}}
  Failing:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders-failing
      Handler: app.failing
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Failures.Arn}}
  Reporter:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders-reporter
      Handler: app.reporter
      FunctionUrlConfig: {AuthType: AWS_IAM}
      Events:
        Api: {Type: HttpApi, Properties: {Path: /orders, Method: GET}}
        Nightly:
          Type: ScheduleV2
          Properties: {Name: orders-nightly, ScheduleExpression: rate(1 day), Input: '{"n": 1}'}
        Created:
          Type: EventBridgeRule
          Properties:
            Pattern: {source: [aws.s3], detail-type: [Object Created],
                      detail: {object: {key: [{prefix: in/}]}}}
        Paid:
          Type: EventBridgeRule
          Properties: {Pattern: {source: [shop], detail-type: [Paid]}}
        News: {Type: SNS, Properties: {Topic: !Ref Topic}}
  Silent:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: orders-silent
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt WorkerRole.Arn
      Code: {ZipFile: "def handler(event, context):\\n    print('NEVER')\\n"}
  SilentRule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [shop]}
      Targets: [{Id: silent, Arn: !GetAtt Silent.Arn}]
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: orders-errors
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders-table
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
Outputs:
  Endpoint: {Value: !GetAtt ServerlessHttpApi.ApiEndpoint}
"""


def sam(aws: LocalAws, folder: Path, *arguments: str) -> None:
    command: list[str | Path] = [provision.venv_program("sam", "sam"), *arguments]
    answer = subprocess.run(
        command, cwd=folder, env=aws.child_env(), capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, f"{answer.stdout}\n{answer.stderr}\n{aws.server_log}"


def deploy(aws: LocalAws, folder: Path) -> None:
    sam(
        aws,
        folder,
        *("deploy", "--stack-name", STACK, "--region", aws.region, "--resolve-s3"),
        *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"),
    )


def queue_url(aws: LocalAws, name: str) -> str:
    url: str = aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return url


def take_all(aws: LocalAws, name: str) -> list[str]:
    """The bodies of all messages in a queue, which is empty afterwards."""
    sqs, url, bodies = aws.client("sqs"), queue_url(aws, name), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def printed(aws: LocalAws, function: str, word: str) -> list[str]:
    """What a function printed after `word`, of all it has printed so far."""
    lines = [line for line in aws.logs(function) if line.startswith(f"{word} ")]
    return [line.removeprefix(f"{word} ") for line in lines]


def check_a_batch_reaches_the_function_as_one(aws: LocalAws) -> None:
    entries = [{"Id": str(number), "MessageBody": f"good {number}"} for number in range(3)]
    aws.client("sqs").send_message_batch(QueueUrl=queue_url(aws, "orders-jobs"), Entries=entries)
    assert '["good 0", "good 1", "good 2"]' in printed(aws, "orders-worker", "BATCH")
    assert take_all(aws, "orders-jobs") == []


def check_a_poison_message_goes_to_the_dead_letter_queue(aws: LocalAws) -> None:
    before = len(printed(aws, "orders-worker", "BATCH"))
    bodies = ["fine", "poison", "fine too"]
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
    aws.client("sqs").send_message_batch(QueueUrl=queue_url(aws, "orders-jobs"), Entries=entries)
    batches = printed(aws, "orders-worker", "BATCH")[before:]
    assert batches == ['["fine", "poison", "fine too"]', '["poison"]', '["poison"]']
    assert take_all(aws, "orders-jobs") == []
    assert take_all(aws, "orders-dead") == ["poison"]


def check_an_upload_reaches_function_and_event_bridge(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="out/b.txt", Body=b"not this")
    s3.put_object(Bucket=BUCKET, Key="in/a b.txt", Body=b"hello")
    assert printed(aws, "orders-uploads", "UPLOAD") == ["in/a+b.txt hello"]
    events = [json.loads(line) for line in printed(aws, "orders-reporter", "EVENT")]
    created = [event for event in events if event.get("detail-type") == "Object Created"]
    assert [event["detail"]["object"]["key"] for event in created] == ["in/a b.txt"], "not quoted"
    assert created[0]["detail"]["reason"] == "PutObject"


def check_a_failing_function_reports_to_its_destination(aws: LocalAws) -> None:
    aws.client("lambda").invoke(
        FunctionName="orders-failing", InvocationType="Event", Payload=b'{"id": 7}'
    )
    assert printed(aws, "orders-failing", "ATTEMPT") == ['{"id": 7}', '{"id": 7}']
    [record] = [json.loads(body) for body in take_all(aws, "orders-failures")]
    assert record["requestPayload"] == {"id": 7}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorMessage"] == "no such order"
    with pytest.raises(RuntimeError, match="no such order"):
        aws.invoke("orders-failing", {})
    assert take_all(aws, "orders-failures") == [], "not for a synchronous invocation"


def check_events_topics_and_schedules(aws: LocalAws) -> None:
    before = len(printed(aws, "orders-reporter", "EVENT"))
    aws.client("events").put_events(
        Entries=[{"Source": "shop", "DetailType": "Paid", "Detail": '{"id": 1}'}]
    )
    topic = "arn:aws:sns:eu-west-1:123456789012:orders-topic"
    aws.client("sns").publish(TopicArn=topic, Message="news")
    aws.fire_schedule("orders-nightly")
    lines = printed(aws, "orders-reporter", "EVENT")[before:]
    paid, news, nightly = (json.loads(line) for line in lines)
    assert (paid["source"], paid["detail"]) == ("shop", {"id": 1})
    assert paid["time"].endswith("Z")
    assert news["Records"][0]["Sns"]["Message"] == "news"
    assert news["Records"][0]["Sns"]["TopicArn"] == topic
    assert nightly == {"n": 1}


def check_a_function_without_permission_gets_no_event(aws: LocalAws) -> None:
    aws.client("events").put_events(
        Entries=[{"Source": "shop", "DetailType": "Other", "Detail": "{}"}]
    )
    assert aws.logs("orders-silent") == []
    assert "orders-silent does not let events.amazonaws.com invoke" in aws.server_log


def check_what_the_template_says_is_there(aws: LocalAws) -> None:
    function = aws.client("lambda").get_function_configuration(FunctionName="orders-worker")
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["Timeout"] == 20
    [api] = aws.client("apigatewayv2").get_apis()["Items"]
    routes = aws.client("apigatewayv2").get_routes(ApiId=api["ApiId"])["Items"]
    assert [route["RouteKey"] for route in routes] == ["GET /orders"]
    [stack] = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    assert outputs["Endpoint"] == api["ApiEndpoint"]
    shown = aws.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    assert "EventBridgeConfiguration" in shown
    assert len(shown["LambdaFunctionConfigurations"]) == 1
    [alarm] = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["AlarmName"], alarm["Period"]) == ("orders-errors", 60)


def check_redeployment(aws: LocalAws, folder: Path) -> None:
    (folder / "src" / "app.py").write_text(HANDLERS.replace('"EVENT"', '"SECOND"'))
    changed = TEMPLATE.replace("AuthType: AWS_IAM", "AuthType: NONE")
    changed = changed.replace("RetentionInDays: 30", "RetentionInDays: 60")
    (folder / "template.yaml").write_text(changed)
    deploy(aws, folder)
    aws.invoke("orders-reporter", {"x": 1})
    assert printed(aws, "orders-reporter", "SECOND") == ['{"x": 1}']


def check_removal(aws: LocalAws, folder: Path) -> None:
    s3 = aws.client("s3")
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    sam(aws, folder, "delete", "--stack-name", STACK, "--region", aws.region, "--no-prompts")
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    left = [url.rpartition("/")[2] for url in aws.client("sqs").list_queues()["QueueUrls"]]
    assert left == ["orders-dead"], "what has DeletionPolicy: Retain stays"


CHECKS = (
    check_a_batch_reaches_the_function_as_one,
    check_a_poison_message_goes_to_the_dead_letter_queue,
    check_an_upload_reaches_function_and_event_bridge,
    check_a_failing_function_reports_to_its_destination,
    check_events_topics_and_schedules,
    check_a_function_without_permission_gets_no_event,
    check_what_the_template_says_is_there,
)


def test_a_service_is_deployed_works_is_changed_and_removed(tmp_path: Path) -> None:
    """One test and one deployment: a deployment takes longer than all the checks together."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(HANDLERS)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    with local_aws() as aws:
        deploy(aws, tmp_path)
        for check in CHECKS:
            check(aws)
        check_redeployment(aws, tmp_path)
        check_removal(aws, tmp_path)
