"""Checks the templates in cdk.out: nothing may do more than it names. Run after `cdk synth`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aws_cdk.assertions import Template

# X-Ray has no resources to name, nor has the delivery of a state machine's log.
EVERYWHERE = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# AWS's own policies that name no resource.
WIDE = re.compile(r":policy/([\w/]*(?:AdministratorAccess|PowerUserAccess|FullAccess))")


def main() -> None:
    found = sorted(Path("cdk.out").glob("*.template.json"))
    if not found:
        sys.exit("cdk.out has no templates: run `cdk synth` first.")
    problems = [f"{path}: {problem}" for path in found for problem in problems_of(path)]
    sys.exit("\n".join(problems) or None)


def problems_of(path: Path) -> Iterator[str]:
    template = Template.from_json(json.loads(path.read_text(encoding="utf-8")))
    for name, role in template.find_resources("AWS::IAM::Role").items():
        for policy in WIDE.findall(json.dumps(role["Properties"].get("ManagedPolicyArns", []))):
            yield f"{name} has the policy {policy}"
    for name, statement in statements_of(template):
        if statement["Effect"] != "Allow":
            continue
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{name} may do all but what a statement names"
            continue
        actions = as_list(statement["Action"])
        wide = [action for action in actions if "*" in action]
        if wide:
            yield f"{name} may do {', '.join(wide)}"
        if "*" in as_list(statement["Resource"]) and not EVERYWHERE.issuperset(actions):
            yield f"{name} may do {', '.join(actions)} on every resource"


def statements_of(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, role in template.find_resources("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in template.find_resources(kind).items():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                yield name, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    main()
