"""What only the scripts do: they remove what a function has left behind, and data on request."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

from deploy.deployed import ACCOUNT, Deployed
from deploy.tools import script
from matrix.services import PACKS
from tools.aws_local import LocalAws, local_aws
from tools.workbench import build_workbench

from generator.request import Request, to_answers


def test_what_is_not_asked_for_any_more_goes_and_data_on_request(tmp_path: Path) -> None:
    before = asked("sqs=refunds", "s3=uploads")
    after = asked("sqs=refunds")
    with contextlib.ExitStack() as until_the_end, local_aws() as aws:
        service = build_workbench(tmp_path / "before" / "orders", to_answers(before))
        deployed = Deployed(before, "lean", service, aws, until_the_end)
        script.prepare(deployed)
        deployed.make("deploy", "STAGE=dev")
        put_an_object(aws)
        of_their_own = tagged_by_hand(aws)

        service = build_workbench(tmp_path / "after" / "orders", to_answers(after))
        later = Deployed(after, "lean", service, aws, until_the_end, deployed.extra_environment)
        said = later.make("deploy", "STAGE=dev")
        assert functions(aws) == ["orders-refunds-dev"]
        assert roles(aws) == ["orders-refunds-dev"]
        assert not [name for name in alarms(aws) if "uploads" in name]
        assert f"kept, as it holds data: arn:aws:s3:::orders-uploads-dev-{ACCOUNT}" in said

        later.make("destroy", "STAGE=dev", "DATA=delete")
        tagging = aws.client("resourcegroupstaggingapi")
        left = [found["ResourceARN"] for found in tagging.get_resources()["ResourceTagMappingList"]]
        assert left == [of_their_own]
        assert aws.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
        assert roles(aws) == []


REFUSING = """\
set -euo pipefail
WORK=$PWD
. "$LIB/aws.sh"
. "$LIB/remove.sh"
aws() {
  case "$*" in
    *get-bucket-location*) echo eu-west-1 ;;
    *list-object-versions*) echo '{"Objects": [{"Key": "a", "VersionId": "1"}]}' ;;
    *delete-objects*) printf 'a\\tlocked\\n' ;;
    *) echo "$*" >>"$WORK/done" ;;
  esac
}
remove_bucket orders
"""


def test_a_locked_object_ends_the_program(tmp_path: Path) -> None:
    """The call that deletes it succeeds, so it would be tried for ever."""
    lib = PACKS.providers["aws"].tools["script"].folder / "project" / "infra" / "lib"
    done = subprocess.run(
        ["bash", "-c", REFUSING],
        cwd=tmp_path,
        env={**os.environ, "LIB": str(lib)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "failed: orders keeps a: locked\n")
    assert not (tmp_path / "done").exists()


def asked(*functions: str) -> Request:
    return Request(name="orders", provider="aws", tool="script", trigger=functions)


def tagged_by_hand(aws: LocalAws) -> str:
    """A topic that the team made by other means, with the service's tags."""
    tags = [{"Key": "service", "Value": "orders"}, {"Key": "stage", "Value": "dev"}]
    arn: str = aws.client("sns").create_topic(Name="by-hand", Tags=tags)["TopicArn"]
    return arn


def put_an_object(aws: LocalAws) -> None:
    """Twice, and once it is deleted: old versions, behind more markers than one call may delete."""
    bucket = f"orders-uploads-dev-{ACCOUNT}"
    s3 = aws.client("s3")
    for body in (b"first", b"second"):
        s3.put_object(Bucket=bucket, Key="z", Body=body)
    s3.delete_object(Bucket=bucket, Key="z")
    for part in ("a", "b"):
        keys = [{"Key": f"{part}{n}"} for n in range(600)]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})


def functions(aws: LocalAws) -> list[str]:
    found = aws.client("lambda").list_functions()["Functions"]
    return [function["FunctionName"] for function in found]


def roles(aws: LocalAws) -> list[str]:
    found = aws.client("iam").list_roles(PathPrefix="/orders/dev/")["Roles"]
    return [role["RoleName"] for role in found]


def alarms(aws: LocalAws) -> list[str]:
    found = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return [alarm["AlarmName"] for alarm in found]
