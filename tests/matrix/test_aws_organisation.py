"""What an organisation asks for is in whatever makes a resource: every trigger, every tool of AWS.

Found in the rendered files, without a tool. tests/deploy asks a local AWS what came of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml
from matrix.services import (
    PACKS,
    Case,
    answer,
    one_each,
    option_cases,
    other_values,
    packed,
    supported,
    valid,
)
from matrix.test_every_combination import tree_of
from tools.yaml_tags import read_any

from generator.answers import FunctionAnswers

PACK = PACKS.providers["aws"]
BOUNDARY = "acme/team/boundary"
TAGS = {"cost-center": "4711", "acme:Owner": "Team One", "kind": "a=b"}
ASKED = {
    "permissions_boundary": BOUNDARY,
    "tags": [f"{key}={value}" for key, value in TAGS.items()],
}
TEMPLATES = ("sam", "serverless")


class Quick(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads any tags (`!Sub`); in C where PyYAML has that."""


Quick.add_multi_constructor("!", read_any)


def cases(tool: str) -> Iterator[Case]:
    """All triggers, with each way to deploy; and every option of each trigger, in few services."""
    chosen = PACK.tools[tool]
    options = [option for part in PACK.chain(chosen) for option in part.options.values()]
    everything = answer(PACK, chosen, one_each(supported(PACK, chosen)), dict(ASKED))
    yield Case(f"{tool}-all", everything)
    for option in [*options, *PACK.provider.options.values()]:
        for value in other_values(option) if option.name not in ASKED else ():
            changed = everything._replace(options={**ASKED, option.name: value})
            yield Case(f"{tool}-{option.name}={value}", changed)
    alone = [case for case in option_cases() if len(case.answers.functions) == 1 and valid(case)]
    plain = [c for c in alone if c.name.startswith(f"aws-{tool}-") and not c.answers.options]
    for case in packed(plain):
        yield Case(case.name, case.answers._replace(options=dict(ASKED)))


@cache
def files(tool: str) -> dict[str, dict[str, str]]:
    """The rendered texts of each case, by path."""
    return {
        case.name: {path: entry.content.decode() for path, entry in tree_of(case).items()}
        for case in cases(tool)
        if valid(case)
    }


def infrastructure(tool: str, *suffixes: str) -> Iterator[tuple[str, str]]:
    """What is the same in several cases is looked at once."""
    seen = set()
    for name, found in files(tool).items():
        for path, text in found.items():
            if PurePosixPath(path).suffix in suffixes and not path.startswith((".", "docs/")):
                if text not in seen:
                    yield f"{name}: {path}", text
                seen.add(text)


@cache
def resources(tool: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """What CloudFormation is to make, wherever it stands in the YAML."""
    return tuple(resources_in(tool))


def resources_in(tool: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, text in infrastructure(tool, ".yml", ".yaml"):
        for found in tables(yaml.load(text, Quick)):
            if str(found.get("Type", "")).startswith("AWS::"):
                yield f"{place}: {found['Type']}", found


def tables(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from tables(item)


@pytest.mark.parametrize("tool", TEMPLATES)
def test_every_role_of_a_template_is_bounded(tool: str) -> None:
    roles = [(place, r) for place, r in resources(tool) if r["Type"] == "AWS::IAM::Role"]
    assert len(roles) > 50
    for place, role in roles:
        found = role["Properties"].get("PermissionsBoundary")
        assert found == f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{BOUNDARY}", place


def test_sam_makes_no_role_by_itself() -> None:
    """It would have no boundary: a function has a role, and so have a machine and a roll-out."""
    functions = 0
    for place, found in resources("sam"):
        properties = found.get("Properties", {})
        if found["Type"] in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
            functions += 1
            assert "Role" in properties, place
            assert "Role" in properties.get("DeploymentPreference", {"Role": ""}), place
            for event in properties.get("Events", {}).values():
                assert event["Type"] != "ScheduleV2" or "RoleArn" in event["Properties"], place
    assert functions > 50


@pytest.mark.parametrize("tool", TEMPLATES)
def test_what_has_tags_of_its_own_has_all(tool: str) -> None:
    """A stack's tags reach what a template tags not at all."""
    tagged = 0
    for place, found in resources(tool):
        tags = found.get("Properties", {}).get("Tags")
        if tags is not None:
            tagged += 1
            own = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
            assert not TAGS.items() - own.items(), place
    assert tagged >= 5


def test_every_role_of_terraform_is_bounded() -> None:
    roles = [
        (place, found[0])
        for place, text in infrastructure("terraform", ".tf")
        for found in re.finditer(r'^resource "aws_iam_role" .*?^}', text, re.M | re.S)
    ]
    assert len(roles) > 5
    for place, role in roles:
        assert re.search(r"^  permissions_boundary = (local|var\.common)\.", role, re.M), place


def test_the_stack_of_cdk_bounds_all_that_is_in_it() -> None:
    """And there is one stack, in which everything is."""
    stacks = re.compile(r"\(cdk\.(?:Nested)?Stack\)|cdk\.(?:Nested)?Stack\(")
    for name, found in files("cdk").items():
        places = [
            path for path, text in found.items() if path.endswith(".py") and stacks.search(text)
        ]
        assert places == ["infra/stack.py"], name
        applied = f'permissions_boundary=cdk.PermissionsBoundary.from_name("{BOUNDARY}")'
        assert applied in found["infra/stack.py"], name


def test_no_script_makes_a_role_without_a_boundary() -> None:
    calls = [
        (place, call)
        for place, text in infrastructure("script", ".sh")
        for call in re.findall(r"iam create-role(?:\\\n|[^\n])*", text)
    ]
    assert calls
    for place, call in calls:
        assert '--permissions-boundary "$boundary"' in call, place


@pytest.mark.parametrize("tool", sorted(PACK.tools))
def test_nothing_is_said_of_it_where_nothing_is_asked(tool: str) -> None:
    plain = answer(PACK, PACK.tools[tool], [FunctionAnswers("schedule", "tick")])
    for path, entry in tree_of(Case("plain", plain)).items():
        assert not re.search(rb"(?i)permissions.?boundary", entry.content), path
