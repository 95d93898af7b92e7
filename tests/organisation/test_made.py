"""What the example generates, by the real tools: suites, linters, templates, the pipeline."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from deploy.run import run
from organisation.acme import ACME, CI, TRIGGER, answers, new, packs
from tools.provision import python_interpreter
from tools.terraform import need_terraform, offer_provider
from tools.workbench import Workbench, link_up_to_date, shared_venv

from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree

PIPELINE = ".buildkite/pipeline.yml"
# Writes down how it was called, and who it would be to AWS.
STAND_IN = """#!/bin/sh
echo "${0##*/} $* ${AWS_ROLE_ARN:-nobody} ${AWS_WEB_IDENTITY_TOKEN_FILE:+with a token}" >> "$CALLS"
case "$1" in oidc) echo TOKEN ;; esac
case "${0##*/}" in sha256sum) cat > /dev/null ;; mktemp) : > "$TOKEN"; echo "$TOKEN" ;; esac
"""
PROGRAMS = ("uv", "make", "curl", "sha256sum", "unzip", "mktemp", "buildkite-agent")


Make = Callable[[str], Workbench]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A service of each tool: the example's trigger, and one of ours that it has a policy about."""
    made: dict[str, Workbench] = {}

    def make(tool: str) -> Workbench:
        if tool not in made:
            folder = tmp_path_factory.mktemp(tool)
            triggers = ("--trigger", f"{TRIGGER}=watch", "--trigger", "s3=uploads")
            result = new(folder, "--packs", str(ACME), "--tool", tool, *triggers)
            assert result.code == 0, result.err
            made[tool] = Workbench(folder / "orders")
            python = python_interpreter("3.13")
            assert python is not None
            link_up_to_date(made[tool].folder, ".venv", shared_venv(made[tool].folder, python))
        return made[tool]

    return make


@pytest.mark.parametrize("tool", ["sam", "terraform"])
def test_its_suite_and_its_linters_pass(service: Make, tool: str) -> None:
    """`make lint` runs cfn-lint or terraform fmt, and yamllint on what Backstage reads."""
    made = service(tool)
    for target in ("test", "lint"):
        done = made.make(target)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    done = made.make("invoke", "FUNCTION=watch")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["{", '"processed":', "2", "}"]


def test_terraform_takes_the_configuration(service: Make) -> None:
    need_terraform()
    folder = service("terraform").folder
    offer_provider(folder)
    for words in (["fmt", "-check", "-recursive"], ["init", "-backend=false"], ["validate"]):
        run(["terraform", "-chdir=infra", *words], folder)


def tree(tool: str, *triggers: str, **others: str) -> Tree:
    asked = answers(*triggers, set=["watch.timeout=30"], tool=tool, **others)
    return render(build_spec(asked, packs()), packs())


def test_both_tools_have_the_same_alarm_and_subscription() -> None:
    found = tree("sam", f"{TRIGGER}=watch")["template.yaml"].content.decode()
    infra = tree("terraform", f"{TRIGGER}=watch")
    alarm = infra["infra/slow_watch.tf"].content.decode()
    function = infra["infra/function_watch.tf"].content.decode()
    for text in (found, alarm):
        assert "24000 # milliseconds" in text  # 80 % of 30 seconds
        assert "GreaterThanThreshold" in text and "p95" in text
    for text in (found, function):
        assert "logs.amazonaws.com" in text
        assert ":log-group:/acme/orders:*" in text
        assert '"?ERROR ?CRITICAL"' in text


def test_a_canary_is_subscribed_by_its_alias() -> None:
    set_ = ["rollout=canary"]
    made = render(build_spec(answers(f"{TRIGGER}=watch", set=set_), packs()), packs())
    template = made["template.yaml"].content.decode()
    [after] = template.split("AWS::Logs::SubscriptionFilter")[1:]
    assert "DestinationArn: !Ref WatchFunctionAliaslive" in after


def steps(tool: str = "sam") -> dict[str, dict[str, object]]:
    found = yaml.safe_load(tree(tool, f"{TRIGGER}=watch")[PIPELINE].content)
    return {step["key"]: step for step in found["steps"]}


def test_buildkite_takes_the_pipeline(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.yml"
    checker = Path(sys.executable).parent / "check-jsonschema"
    for tool in ("sam", "terraform"):
        file.write_bytes(tree(tool, f"{TRIGGER}=watch")[PIPELINE].content)
        run([checker, "--builtin-schema", f"vendor.{CI}", file], tmp_path)


def test_only_main_deploys_and_prod_waits_for_a_person() -> None:
    found = steps()
    assert list(found) == ["check", "deploy-dev", "approve-prod", "deploy-prod"]
    for key in ("deploy-dev", "approve-prod", "deploy-prod"):
        assert found[key]["if"] == 'build.branch == "main" && build.pull_request.id == null'
    assert [step.get("depends_on") for step in found.values()] == [
        None,
        "check",
        "deploy-dev",
        "approve-prod",
    ]
    assert "block" in found["approve-prod"]
    assert "oidc" not in str(found["check"]["command"])


@pytest.mark.parametrize(("stage", "account"), [("dev", "111111111111"), ("prod", "222222222222")])
@pytest.mark.parametrize("tool", ["sam", "terraform"])
def test_a_job_is_somebody_only_once_it_has_built(
    tool: str, stage: str, account: str, tmp_path: Path
) -> None:
    """The job's commands in bash, as the agent runs them, with stand-ins for its programs."""
    for name in PROGRAMS:
        (tmp_path / name).write_text(STAND_IN, "utf-8")
        (tmp_path / name).chmod(0o755)
    calls, token = tmp_path / "calls", tmp_path / "token"
    # What the agent puts in when it reads the file: `$$` is `$`, and nothing else has one.
    command = str(steps(tool)[f"deploy-{stage}"]["command"])
    assert "$" not in command.replace("$$", "")
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "CALLS": str(calls),
        "TOKEN": str(token),
    }
    script = ["bash", "-e", "-c", command.replace("$$", "$")]
    subprocess.run(script, cwd=tmp_path, env=environment, check=True)
    said = calls.read_text("utf-8").splitlines()
    role = f"arn:aws:iam::{account}:role/orders-deploy-{stage}"
    assert said[-4:] == [
        f"make build STAGE={stage} nobody ",
        "mktemp  nobody ",
        "buildkite-agent oidc request-token --audience sts.amazonaws.com --lifetime 3600 nobody ",
        f"make deploy STAGE={stage} {role} with a token",
    ]
    assert not token.exists()
    assert any(line.startswith("unzip") for line in said) == (tool == "terraform")
