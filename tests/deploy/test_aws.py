"""A whole service, deployed by the real tools to a local AWS that runs the deployed code.

What that server does not emulate is listed in tests/tools/aws_local/local.py: above all IAM.
"""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deploy.effect import effect
from tools.aws_local import LocalAws, local_aws
from tools.provision import node_environment, npm_tool, requirements_venv, venv_program
from tools.workbench import Workbench, build_workbench, link_up_to_date

from generator.packs import Packs
from generator.plan import plan_new
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.templates import templates_of

HERE = Path(__file__).parent

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Deployed:
    """A service that `make deploy` has put on a local AWS."""

    request: Request
    variant: str
    service: Workbench
    aws: LocalAws

    def make(self, *words: str) -> str:
        done = self.service.make(*words, env=self.aws.child_env(node_environment()))
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.aws.server_log}"
        return done.stdout + done.stderr

    def event(self, function: str, name: str) -> Any:
        return json.loads((self.service.folder / "events" / function / f"{name}.json").read_text())

    def invoke(self, function: str, event: str) -> Any:
        return self.aws.invoke(f"orders-{function}-dev", self.event(function, event))

    def records(self, function: str) -> list[dict[str, Any]]:
        """The structured log records of a function: every line of its log is one."""
        return [json.loads(line) for line in self.aws.logs(f"orders-{function}-dev")]

    def queue(self, name: str) -> str:
        url: str = self.aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        return url

    def waiting(self, name: str) -> list[str]:
        """The bodies of the messages in a queue, which is left as it was."""
        answer = self.aws.client("sqs").receive_message(
            QueueUrl=self.queue(name), MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in answer.get("Messages", [])]


def provide_sam(service: Path) -> None:
    requirements = service / "requirements-deploy.txt"
    venv = requirements_venv("deploy", [requirements], service / ".venv" / "bin" / "python")
    link_up_to_date(service, ".venv-deploy", venv, marker="bin/sam")


def provide_osls(service: Path) -> None:
    link_up_to_date(service, "node_modules", npm_tool("osls") / "node_modules", ".bin/osls")


TOOLS: dict[str, Callable[[Path], None]] = {"sam": provide_sam, "serverless": provide_osls}


def service_request(tool: str, *settings: str) -> Request:
    """Every trigger, one of them twice on a shared bucket."""
    return Request(
        name="orders",
        provider="aws",
        tool=tool,
        trigger=("http=api", "s3=uploads", "s3=thumbnails", "sqs=refunds", "schedule=nightly"),
        set=(
            "uploads.prefix=in/",
            "thumbnails.bucket=uploads",
            "thumbnails.prefix=out/",
            *settings,
        ),
    )


VARIANTS = [(tool, variant) for tool in TOOLS for variant in ("lean", "powertools")]


@pytest.mark.parametrize(("tool", "variant"), VARIANTS)
def test_a_deployed_service(
    tool: str, variant: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """One deployment, then every check of it in the order of this file; the last takes it away."""
    asked = service_request(tool, f"powertools={variant == 'powertools'}")
    service = build_workbench(tmp_path / "orders", to_answers(asked))
    TOOLS[tool](service.folder)
    checks = [check for name, check in globals().items() if name.startswith("check_")]
    assert len(checks) > 10
    with local_aws() as aws:
        deployed = Deployed(asked, variant, service, aws)
        deployed.make("deploy", "STAGE=dev")
        for check in checks:
            with subtests.test(check.__name__):
                check(deployed)


def check_the_effect_is_what_was_reviewed(deployed: Deployed) -> None:
    """Whatever the tool: grants, sources, alarms, queues and buckets are those in the file.

    `GEN_UPDATE_EFFECT=1` writes the files anew, to be reviewed.
    """
    kept = HERE / f"effect-{deployed.variant}.json"
    found = effect(deployed.aws)
    if os.environ.get("GEN_UPDATE_EFFECT"):
        kept.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    assert found == json.loads(kept.read_text("utf-8"))


def check_the_plan_shows_what_is_granted(deployed: Deployed) -> None:
    """The permissions that `gen new` shows, and that the packs' metadata declare."""
    packs = Packs()
    spec = build_spec(to_answers(deployed.request), packs)
    plan = plan_new(spec, {}, templates_of(packs.roots))
    found = effect(deployed.aws)["functions"]
    for function in plan.functions:
        shown = {action for permission in function.permissions for action in permission.actions}
        granted = {line.split(" on ")[0] for line in found[f"orders-{function.name}-dev"]["may"]}
        assert shown == granted, function.name


def check_no_function_may_do_more_than_it_names(deployed: Deployed) -> None:
    for name, function in effect(deployed.aws)["functions"].items():
        for line in function["may"]:
            action, resource = line.split(" on ")
            assert "*" not in action, f"{name}: {line}"
            assert resource != "*" or action.startswith("xray:"), f"{name}: {line}"


def check_the_template_lints_clean(deployed: Deployed) -> None:
    """What CloudFormation gets: the template itself, or what the tool has compiled."""
    folder = deployed.service.folder
    if deployed.request.tool == "sam":
        validate = [".venv-deploy/bin/sam", "validate", "--lint", "--region", "eu-west-1"]
        run(validate, folder, deployed.aws.child_env())
        template = folder / ".aws-sam" / "build" / "template.yaml"
    else:
        template = folder / ".serverless" / "cloudformation-template-update-stack.json"
    # W3005: a DependsOn that a reference implies already; the tools write them.
    run([venv_program("cfn_lint", "cfn-lint"), "--ignore-checks", "W3005", "--", template], folder)


def check_the_package_has_compiled_modules_checked_by_hash(deployed: Deployed) -> None:
    """Dates in a package say nothing, so Python would take a file compiled by date for stale."""
    folder = deployed.service.folder
    if deployed.request.tool == "sam":
        files = {str(p): p.read_bytes() for p in (folder / ".aws-sam" / "build").rglob("*.pyc")}
    else:
        with zipfile.ZipFile(folder / "build" / "package.zip") as package:
            files = {n: package.read(n) for n in package.namelist() if n.endswith(".pyc")}
    assert any("handler" in name for name in files)
    # PEP 552: the second field of a .pyc; 3 means a hash that is checked against the source.
    assert {int.from_bytes(content[4:8], "little") for content in files.values()} == {3}


def run(command: list[Any], folder: Path, env: dict[str, str] | None = None) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def check_http_requests_are_answered(deployed: Deployed) -> None:
    good = deployed.invoke("api", "sample")
    assert good["statusCode"] in (200, 201), good
    assert deployed.invoke("api", "malformed")["statusCode"] == 400
    assert deployed.invoke("api", "unknown_path")["statusCode"] == 404


def check_an_uploaded_object_reaches_the_function_of_its_prefix(deployed: Deployed) -> None:
    key = "in/a b+c é.txt"
    s3 = deployed.aws.client("s3")
    s3.put_object(Bucket=f"orders-uploads-dev-{ACCOUNT}", Key=key, Body=b"x")
    assert key in [record.get("key") for record in deployed.records("uploads")]
    assert deployed.records("thumbnails") == []


def check_a_poison_message_ends_in_the_dead_letter_queue(deployed: Deployed) -> None:
    sqs = deployed.aws.client("sqs")
    url = deployed.queue("orders-refunds-dev")
    good = deployed.event("refunds", "sample")["Records"][0]["body"]
    sqs.send_message(QueueUrl=url, MessageBody=good)
    assert deployed.waiting("orders-refunds-dev") == []
    sqs.send_message(QueueUrl=url, MessageBody="alone {")
    bodies = [good, "in a batch {", good]
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert deployed.waiting("orders-refunds-dev") == []
    assert sorted(deployed.waiting("orders-refunds-dev-dlq")) == ["alone {", "in a batch {"]


def check_the_schedule_runs_its_function(deployed: Deployed) -> None:
    schedule = deployed.aws.client("scheduler").get_schedule(Name="orders-nightly-dev")
    assert schedule["ScheduleExpression"] == "rate(1 day)"
    assert schedule["Target"]["Arn"].endswith(":function:orders-nightly-dev")
    deployed.aws.fire_schedule("orders-nightly-dev")
    deployed.aws.fire_schedule("orders-nightly-dev")  # the same run once more does no harm
    [*_, record] = [r for r in deployed.records("nightly") if r.get("scheduled")]
    assert record["scheduled"] == "2025-11-27T03:00:00Z"
    assert deployed.waiting("orders-nightly-dev-failed") == []


def check_an_event_that_fails_is_kept(deployed: Deployed) -> None:
    """Asynchronous events are tried again and then put into the function's failure queue."""
    deployed.aws.client("lambda").invoke(
        FunctionName="orders-uploads-dev",
        InvocationType="Event",
        Payload=json.dumps({"Records": [{"eventSource": "garbage"}]}).encode(),
    )
    [kept] = deployed.waiting("orders-uploads-dev-failed")
    assert "garbage" in kept


def check_logs_are_structured(deployed: Deployed) -> None:
    deployed.invoke("api", "sample")
    records = [r for r in deployed.records("api") if r.get("status")]
    assert records
    assert {"timestamp", "level", "message"} <= set(records[-1])


def check_deploying_again_changes_nothing(deployed: Deployed) -> None:
    functions = deployed.aws.client("lambda").list_functions()["Functions"]
    deployed.make("deploy", "STAGE=dev")
    again = deployed.aws.client("lambda").list_functions()["Functions"]
    assert {f["FunctionName"]: f["CodeSha256"] for f in functions} == {
        f["FunctionName"]: f["CodeSha256"] for f in again
    }


def check_an_unknown_stage_is_refused(deployed: Deployed) -> None:
    environment = deployed.aws.child_env(node_environment())
    for stage in ("nowhere", "Bad-Stage"):
        done = deployed.service.make("deploy", f"STAGE={stage}", env=environment)
        assert done.returncode == 2
        assert stage in done.stderr


def check_what_holds_data_outlives_the_stack(deployed: Deployed) -> None:
    """Last: it takes the stack away."""
    deployed.make("destroy", "STAGE=dev")
    assert deployed.aws.client("lambda").list_functions()["Functions"] == []
    buckets = [b["Name"] for b in deployed.aws.client("s3").list_buckets()["Buckets"]]
    assert f"orders-uploads-dev-{ACCOUNT}" in buckets
    assert deployed.queue("orders-refunds-dev")
    groups = deployed.aws.client("logs").describe_log_groups()["logGroups"]
    assert "/aws/lambda/orders-api-dev" in [group["logGroupName"] for group in groups]
