"""Resource types beside API Gateway's: messaging, schedules, alarms, and around functions."""

from __future__ import annotations

import json

from tools.aws_local.server.cfn_model import (
    Call,
    Properties,
    Resource,
    ResourceType,
    boolean,
    nothing,
    typed,
)

# --- messaging ------------------------------------------------------------------------------


def _subscribe(call: Call) -> Resource:
    known = dict(call.properties)
    arguments = {key: known.pop(key) for key in ("TopicArn", "Protocol", "Endpoint")}
    known.pop("Region", None)
    attributes = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in known.items()
    }
    sns = call.client("sns")
    answer = sns.subscribe(**arguments, Attributes=attributes, ReturnSubscriptionArn=True)
    return Resource(answer["SubscriptionArn"], {"Arn": answer["SubscriptionArn"]})


def _unsubscribe(call: Call, physical_id: str) -> None:
    call.client("sns").unsubscribe(SubscriptionArn=physical_id)


def _put_topic_policy(call: Call) -> Resource:
    policy = json.dumps(call.properties["PolicyDocument"])
    for topic in call.properties["Topics"]:
        call.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy
        )
    return Resource(call.name)


def _put_queue_policy(call: Call) -> Resource:
    policy = json.dumps(call.properties["PolicyDocument"])
    for queue in call.properties["Queues"]:
        call.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    return Resource(call.name)


def _remove_queue_policy(call: Call, physical_id: str) -> None:
    for queue in call.properties["Queues"]:
        call.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})


def _put_bucket_policy(call: Call) -> Resource:
    # moto evaluates bucket policies but not their conditions: "deny what is not TLS" would deny
    # everything, this server being plain HTTP.
    document = dict(call.properties["PolicyDocument"])
    kept = [item for item in document["Statement"] if "SecureTransport" not in json.dumps(item)]
    if kept:
        policy = json.dumps({**document, "Statement": kept})
        call.client("s3").put_bucket_policy(Bucket=call.properties["Bucket"], Policy=policy)
    return Resource(call.name)


# --- schedules and alarms -------------------------------------------------------------------


def _create_schedule(call: Call) -> Resource:
    properties = {"Name": call.name, **call.properties}
    answer = call.client("scheduler").create_schedule(**_schedule(properties))
    return Resource(properties["Name"], {"Arn": answer["ScheduleArn"]})


def _update_schedule(call: Call, physical_id: str) -> Resource:
    properties = {"Name": physical_id, **call.properties}
    answer = call.client("scheduler").update_schedule(**_schedule(properties))
    return Resource(physical_id, {"Arn": answer["ScheduleArn"]})


def _schedule(properties: Properties) -> Properties:
    target = dict(properties["Target"])
    if "RetryPolicy" in target:
        target["RetryPolicy"] = {key: int(value) for key, value in target["RetryPolicy"].items()}
    window = typed(properties["FlexibleTimeWindow"], MaximumWindowInMinutes=int)
    return {**properties, "Target": target, "FlexibleTimeWindow": window}


def _delete_schedule(call: Call, physical_id: str) -> None:
    group = {key: value for key, value in call.properties.items() if key == "GroupName"}
    call.client("scheduler").delete_schedule(Name=physical_id, **group)


def _put_alarm(call: Call) -> Resource:
    properties = typed(
        {"AlarmName": call.name, **call.properties},
        Period=int,
        EvaluationPeriods=int,
        DatapointsToAlarm=int,
        Threshold=float,
        ActionsEnabled=boolean,
    )
    cloudwatch, name = call.client("cloudwatch"), properties["AlarmName"]
    cloudwatch.put_metric_alarm(**properties)
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return Resource(name, {"Arn": alarm["AlarmArn"]})


def _delete_alarm(call: Call, physical_id: str) -> None:
    call.client("cloudwatch").delete_alarms(AlarmNames=[physical_id])


# --- functions ------------------------------------------------------------------------------


def _create_url(call: Call) -> Resource:
    properties = dict(call.properties)
    name = properties.pop("TargetFunctionArn")
    answer = call.client("lambda").create_function_url_config(FunctionName=name, **properties)
    shown = {"FunctionUrl": answer["FunctionUrl"], "FunctionArn": answer["FunctionArn"]}
    return Resource(answer["FunctionArn"], shown)


def _update_url(call: Call, physical_id: str) -> Resource:
    properties = dict(call.properties)
    name = properties.pop("TargetFunctionArn")
    answer = call.client("lambda").update_function_url_config(FunctionName=name, **properties)
    shown = {"FunctionUrl": answer["FunctionUrl"], "FunctionArn": answer["FunctionArn"]}
    return Resource(physical_id, shown)


def _put_event_invoke_config(call: Call) -> Resource:
    properties = typed(call.properties, MaximumRetryAttempts=int, MaximumEventAgeInSeconds=int)
    if properties.get("Qualifier") == "$LATEST":  # the same function, and moto's only one
        del properties["Qualifier"]
    call.client("lambda").put_function_event_invoke_config(**properties)
    return Resource(call.name)


TYPES = (
    ResourceType("AWS::SNS::Subscription", _subscribe, _unsubscribe),
    ResourceType("AWS::SNS::TopicPolicy", _put_topic_policy, nothing),
    ResourceType("AWS::SQS::QueuePolicy", _put_queue_policy, _remove_queue_policy),
    ResourceType("AWS::S3::BucketPolicy", _put_bucket_policy, nothing),
    ResourceType("AWS::Scheduler::Schedule", _create_schedule, _delete_schedule, _update_schedule),
    ResourceType("AWS::CloudWatch::Alarm", _put_alarm, _delete_alarm),
    ResourceType("AWS::Lambda::Url", _create_url, nothing, _update_url),
    ResourceType("AWS::Lambda::EventInvokeConfig", _put_event_invoke_config, nothing),
)
