"""A whole service, deployed by the real tools to a local AWS that runs the deployed code.

What that server does not emulate is listed in tests/tools/aws_local/local.py: above all IAM.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from deploy.composition import (
    BOUNDARY,
    TAGS,
    checks_of,
    promises_across,
    request_for,
    tool_module,
    tool_names,
    trigger_module,
    trigger_names,
)
from deploy.deployed import ACCOUNT, Deployed
from deploy.effect import (
    effect_by_trigger,
    function_names,
    grants_of_functions,
    queues,
    resource_policy,
)
from deploy.targets import invocation_targets
from tools.aws_local import local_aws
from tools.workbench import build_workbench

from generator.packs import Packs
from generator.plan import plan_new
from generator.request import to_answers
from generator.spec import build_spec
from generator.templates import templates_of

EFFECTS = Path(__file__).parent / "effects"
VARIANTS = [(tool, variant) for tool in tool_names() for variant in ("lean", "powertools")]


@pytest.mark.parametrize(("tool", "variant"), VARIANTS)
def test_a_deployed_service(
    tool: str, variant: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """One deployment, then every check of it; the last takes it away."""
    asked = request_for(tool, variant)
    service = build_workbench(tmp_path / "orders", to_answers(asked))
    module = tool_module(tool)
    module.provide(service.folder)
    checks = [
        *((check.__name__, check) for check in EVERYWHERE),
        *(check for name in trigger_names() for check in checks_of(trigger_module(name))),
        *checks_of(module),
        *((check.__name__, check) for check in AT_LAST),
    ]
    with contextlib.ExitStack() as until_the_end, local_aws() as aws:
        deployed = Deployed(asked, variant, service, aws, until_the_end)
        for part in [*map(trigger_module, trigger_names()), module]:
            if hasattr(part, "prepare"):
                part.prepare(deployed)
        deployed.make("deploy", "STAGE=dev")
        for name, check in checks:
            with subtests.test(name):
                check(deployed)


def the_effect_is_what_was_reviewed(deployed: Deployed) -> None:
    """Whatever the tool: grants, sources, alarms and queues are those in the trigger's file.

    `GEN_UPDATE_EFFECT=1` writes the files anew, to be reviewed.
    """
    different: list[str] = []
    for part, found in effect_by_trigger(deployed.aws, trigger_names()).items():
        if part == "service" and os.environ.get("DEPLOY_TRIGGERS"):
            continue  # what the triggers left out is among it
        kept = EFFECTS / deployed.variant / f"{part}.json"
        if os.environ.get("GEN_UPDATE_EFFECT"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", "utf-8")
        reviewed = lines(json.loads(kept.read_text("utf-8")))
        name = f"{part}.json"
        different += difflib.unified_diff(reviewed, lines(found), name, name, n=6, lineterm="")
    assert not different, "\n".join(different)


def lines(found: object) -> list[str]:
    """The order of keys says nothing: some tools sort variables."""
    return json.dumps(found, indent=2, sort_keys=True).splitlines()


def the_plan_shows_what_is_granted(deployed: Deployed) -> None:
    """The permissions that `gen new` shows, and that the packs' metadata declare."""
    packs = Packs()
    spec = build_spec(to_answers(deployed.request), packs)
    plan = plan_new(spec, {}, templates_of(packs.roots))
    found = grants_of_functions(deployed.aws)
    for function in plan.functions:
        shown = {action for permission in function.permissions for action in permission.actions}
        granted = {
            line.split(" on ")[0] for line in found[f"orders-{function.name.replace('_', '-')}-dev"]
        }
        assert shown == granted, function.name


def no_function_may_do_more_than_it_names(deployed: Deployed) -> None:
    for name, lines in grants_of_functions(deployed.aws).items():
        for line in lines:
            action, resource = line.split(" on ")
            assert "*" not in action, f"{name}: {line}"
            assert resource != "*" or action.startswith("xray:"), f"{name}: {line}"


def nobody_may_invoke_a_function_in_the_name_of_another(deployed: Deployed) -> None:
    """Every permission is for this account's source, or for a function's own public URL."""
    for name in function_names(deployed.aws):
        for statement in resource_policy(deployed.aws, name):
            tested = {key.lower() for test in statement["Condition"].values() for key in test}
            assert tested & {
                "aws:sourcearn",
                "aws:sourceaccount",
                "lambda:functionurlauthtype",
                "lambda:invokedviafunctionurl",
            }, statement


def triggers_invoke_what_is_rolled_out(deployed: Deployed) -> None:
    """With a canary the alias, which alone shares requests out; otherwise the function itself."""
    alias = ":live" if "rollout=canary" in deployed.request.set else ""
    found = list(invocation_targets(deployed.aws))
    names = set(function_names(deployed.aws))
    invoked_there = {target.partition(":")[0] for _, target in found}
    assert all(has_a_url(deployed, name + alias) for name in names - invoked_there)
    expected = {name + alias for name in names}
    assert not [(place, target) for place, target in found if target not in expected]


def has_a_url(deployed: Deployed, target: str) -> bool:
    """Of the function, or of the alias in `name:alias`."""
    name, _, alias = target.partition(":")
    qualified = {"FunctionName": name, **({"Qualifier": alias} if alias else {})}
    return bool(deployed.aws.client("lambda").get_function_url_config(**qualified))


def every_role_is_bounded(deployed: Deployed) -> None:
    """Where that is asked for, also what a tool makes beside the functions' roles."""
    iam = deployed.aws.client("iam")
    roles = [
        role["RoleName"]
        for page in iam.get_paginator("list_roles").paginate()
        for role in page["Roles"]
    ]
    boundaries = {name: boundary_of(iam.get_role(RoleName=name)["Role"]) for name in roles}
    assert len(roles) > len(function_names(deployed.aws))
    asked = deployed.variant == "powertools"
    bound = f"arn:aws:iam::{ACCOUNT}:policy/{BOUNDARY}" if asked else ""
    assert boundaries == dict.fromkeys(roles, bound)


def boundary_of(role: dict[str, Any]) -> str:
    found: str = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    return found


def what_is_tagged_has_the_tags_that_were_asked_for(deployed: Deployed) -> None:
    """All that has the service's own tag, and so the functions."""
    pages = deployed.aws.client("resourcegroupstaggingapi").get_paginator("get_resources")
    found = {
        entry["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in entry["Tags"]}
        for page in pages.paginate(TagFilters=[{"Key": "service", "Values": ["orders"]}])
        for entry in page["ResourceTagMappingList"]
    }
    assert len([arn for arn in found if ":lambda:" in arn]) >= len(function_names(deployed.aws))
    wanted = TAGS if deployed.variant == "powertools" else {}
    others = {arn: tags for arn, tags in found.items() if wanted.items() - tags.items()}
    assert others == {}


def what_is_deployed_lints_clean(deployed: Deployed) -> None:
    tool_module(deployed.request.tool).lint(deployed)


def the_package_has_compiled_modules_checked_by_hash(deployed: Deployed) -> None:
    """Dates in a package say nothing, so Python would take a file compiled by date for stale."""
    packed = tool_module(deployed.request.tool).packages(deployed)
    files = {name: content for name, content in packed.items() if name.endswith(".pyc")}
    assert any("handler" in name for name in files)
    # PEP 552: the second field of a .pyc; 3 means a hash that is checked against the source.
    assert {int.from_bytes(content[4:8], "little") for content in files.values()} == {3}


def deploying_again_changes_nothing(deployed: Deployed) -> None:
    functions = deployed.aws.client("lambda").list_functions()["Functions"]
    with contextlib.ExitStack() as during:
        for name in trigger_names():
            for surviving in promises_across(trigger_module(name)):
                during.enter_context(contextlib.contextmanager(surviving)(deployed))
        deployed.make("deploy", "STAGE=dev")
    again = deployed.aws.client("lambda").list_functions()["Functions"]
    assert {f["FunctionName"]: f["CodeSha256"] for f in functions} == {
        f["FunctionName"]: f["CodeSha256"] for f in again
    }
    the_effect_is_what_was_reviewed(deployed)


def an_unknown_stage_is_refused(deployed: Deployed) -> None:
    for stage in ("nowhere", "Bad-Stage"):
        done = deployed.service.make("deploy", f"STAGE={stage}", env=deployed.environment())
        assert done.returncode == 2
        assert stage in done.stderr


def what_holds_data_outlives_the_stack(deployed: Deployed) -> None:
    """Last: it takes the stack away."""
    before, queues_before = holding_data(deployed), queues(deployed.aws)
    # Somebody else's clone, in which nothing was built.
    shutil.rmtree(deployed.folder / "build", ignore_errors=True)
    deployed.make("destroy", "STAGE=dev")
    assert deployed.aws.client("lambda").list_functions()["Functions"] == []
    assert deployed.aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    lost = before - holding_data(deployed)
    assert not lost
    assert queues(deployed.aws) == queues_before  # their policies, too


def holding_data(deployed: Deployed) -> set[str]:
    """The service's buckets, queues, tables, streams, secrets and log groups."""
    client = deployed.aws.client
    buckets = [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]
    names = [name for name in buckets if name.endswith(ACCOUNT)]  # not a tool's own for packages
    names += client("sqs").list_queues().get("QueueUrls", [])
    names += client("dynamodb").list_tables()["TableNames"]
    names += client("kinesis").list_streams()["StreamNames"]
    names += [secret["Name"] for secret in client("secretsmanager").list_secrets()["SecretList"]]
    groups = client("logs").describe_log_groups()["logGroups"]
    names += [group["logGroupName"] for group in groups]
    return {name for name in names if "orders-" in name or name.startswith("orders/")}


EVERYWHERE = [
    the_effect_is_what_was_reviewed,
    the_plan_shows_what_is_granted,
    no_function_may_do_more_than_it_names,
    nobody_may_invoke_a_function_in_the_name_of_another,
    triggers_invoke_what_is_rolled_out,
    every_role_is_bounded,
    what_is_tagged_has_the_tags_that_were_asked_for,
    what_is_deployed_lints_clean,
    the_package_has_compiled_modules_checked_by_hash,
]
AT_LAST = [
    deploying_again_changes_nothing,
    an_unknown_stage_is_refused,
    what_holds_data_outlives_the_stack,
]
