"""Terraform, with the provider that is on the machine."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from deploy.deployed import REGION, Deployed
from deploy.run import run
from tools.aws_cli import aws_cli
from tools.terraform import need_terraform, offer_provider

STATE_BUCKET = "terraform-states"
BEFORE: dict[Path, set[str]] = {}


def provide(service: Path) -> None:
    need_terraform()
    offer_provider(service)
    backend = service / "infra" / "stages" / "dev.s3.tfbackend"
    unnamed = backend.read_text("utf-8")
    backend.write_text(unnamed.replace('bucket       = ""', f'bucket = "{STATE_BUCKET}"'), "utf-8")
    assert STATE_BUCKET in backend.read_text("utf-8")


def prepare(deployed: Deployed) -> None:
    """Who uses Terraform has a bucket for its state, and the AWS CLI for canaries."""
    deployed.aws.client("s3").create_bucket(
        Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    folder = deployed.until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="cli-"))
    programs = deployed.until_the_end.enter_context(aws_cli(Path(folder)))
    path = os.pathsep.join([str(programs), deployed.environment()["PATH"]])
    deployed.extra_environment.update({"PATH": path, "ROLLOUT_MINUTES": "0"})
    BEFORE[deployed.folder] = there(deployed)


def lint(deployed: Deployed) -> None:
    run(["terraform", "fmt", "-check", "-diff", "-recursive", "infra"], deployed.folder)
    run(["terraform", "-chdir=infra", "validate"], deployed.folder)


def packages(deployed: Deployed) -> dict[str, bytes]:
    with zipfile.ZipFile(deployed.folder / "build" / "package.zip") as package:
        return {name: package.read(name) for name in package.namelist()}


def check_a_second_plan_has_no_changes(deployed: Deployed) -> None:
    plan = deployed.make("plan", "STAGE=dev")
    assert "No changes." in plan, plan


def check_a_plan_that_deletes_data_is_refused(deployed: Deployed) -> None:
    """As it would come of a queue that was renamed, or a function that was taken out."""
    settings = ["-var-file=stages/dev.tfvars", "-var=stage=dev", "-out=../build/destroy.tfplan"]
    terraform = ["terraform", "-chdir=infra"]
    run([*terraform, "plan", "-destroy", *settings], deployed.folder, deployed.environment())
    plan = run([*terraform, "show", "-json", "../build/destroy.tfplan"], deployed.folder)
    command = [".venv/bin/python", "scripts/check_plan.py"]
    done = subprocess.run(
        command, cwd=deployed.folder, input=plan, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    queues = deployed.aws.client("sqs").list_queues()["QueueUrls"]
    assert all(url in done.stderr for url in queues)
    assert "log_group" not in done.stderr  # those stay by themselves


def check_a_stage_can_go_with_its_data_and_come_back(deployed: Deployed) -> None:
    """Once: it takes as long as the rest together."""
    if deployed.variant == "lean":
        deployed.make("destroy", "STAGE=dev", "DATA=delete")
        assert there(deployed) == BEFORE[deployed.folder]
        deployed.make("deploy", "STAGE=dev")


def check_new_code_starts_as_a_canary(deployed: Deployed) -> None:
    """It gets all once nothing rang, and goes back when the alarm on errors rings."""
    if deployed.variant != "powertools":
        return
    name = next(iter(live_versions(deployed)))
    change_the_code(deployed)
    # As one job plans, somebody looks at it, and another job deploys.
    deployed.make("plan", "STAGE=dev", "LOCK=no")
    deployed.make("deploy", "STAGE=dev", "PLANNED=yes")
    assert set(live_versions(deployed).values()) == {"2"}
    function = name.removeprefix("orders-").removesuffix("-dev").replace("-", "_")
    deployed.make("rollback", "STAGE=dev", f"FUNCTION={function}")
    assert live_versions(deployed)[name] == "1"

    environment = {**deployed.environment(), "ROLLOUT_MINUTES": "1"}
    command = ["sh", "scripts/rollout.sh", "dev"]
    with subprocess.Popen(
        command, cwd=deployed.folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as rollout:
        while not weights(deployed, name):
            assert rollout.poll() is None
            time.sleep(0.1)
        assert weights(deployed, name) == {"2": 0.1}
        ring(deployed, f"{name}-errors", "ALARM")
        assert f"{name}-errors" in rollout.communicate()[1]
        assert rollout.returncode == 1
    assert live_versions(deployed)[name] == "1"
    assert not weights(deployed, name)
    done = deployed.service.make("deploy", "STAGE=dev", env=deployed.environment())
    assert "rings already" in done.stderr
    assert done.returncode == 2
    ring(deployed, f"{name}-errors", "OK")
    deployed.make("deploy", "STAGE=dev")
    assert set(live_versions(deployed).values()) == {"2"}


def change_the_code(deployed: Deployed) -> None:
    package = deployed.folder / "src" / "orders" / "__init__.py"
    package.write_text(package.read_text("utf-8") + "# changed\n", "utf-8")


def live_versions(deployed: Deployed) -> dict[str, str]:
    client = deployed.aws.client("lambda")
    names = [function["FunctionName"] for function in client.list_functions()["Functions"]]
    return {n: client.get_alias(FunctionName=n, Name="live")["FunctionVersion"] for n in names}


def weights(deployed: Deployed, name: str) -> dict[str, float]:
    alias = deployed.aws.client("lambda").get_alias(FunctionName=name, Name="live")
    found: dict[str, float] = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return found


def ring(deployed: Deployed, alarm: str, state: str) -> None:
    deployed.aws.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue=state, StateReason="a test says so"
    )


def there(deployed: Deployed) -> set[str]:
    """Whatever the account holds that a service is made of."""
    client = deployed.aws.client
    found = {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]}
    found |= {f["FunctionArn"] for f in client("lambda").list_functions()["Functions"]}
    found |= set(client("sqs").list_queues().get("QueueUrls", []))
    found |= {role["Arn"] for role in client("iam").list_roles()["Roles"]}
    found |= {group["arn"] for group in client("logs").describe_log_groups()["logGroups"]}
    found |= {topic["TopicArn"] for topic in client("sns").list_topics()["Topics"]}
    found |= {a["AlarmArn"] for a in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    found |= set(client("dynamodb").list_tables()["TableNames"])
    found |= set(client("kinesis").list_streams()["StreamNames"])
    found |= {s["ARN"] for s in client("secretsmanager").list_secrets()["SecretList"]}
    found |= {api["ApiEndpoint"] for api in client("apigatewayv2").get_apis()["Items"]}
    found |= {api["id"] for api in client("apigateway").get_rest_apis()["items"]}
    found |= {rule["Arn"] for rule in client("events").list_rules()["Rules"]}
    found |= {s["Arn"] for s in client("scheduler").list_schedules()["Schedules"]}
    machines = client("stepfunctions").list_state_machines()["stateMachines"]
    return found | {machine["stateMachineArn"] for machine in machines}
