"""Terraform and the scripts of gcloud deploy the same, fact by fact.

Terraform's facts are those of the plan of a first deployment, the scripts' what the stand-in for
gcloud keeps once they ran: functions, accounts and roles, what calls the functions, what holds
data, alerts. So whoever changes one tool's templates changes the other's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gcp import deployed, planned, test_gcloud, test_terraform
from matrix.of_tool import infra_of
from matrix.services import Case
from tools.gcloud_cli import Gcloud, cloud, gcloud_cli
from tools.terraform import need_terraform
from tools.terraform_schema.run import initialised

from generator.write import write_new


@pytest.fixture(scope="module")
def gcloud() -> Iterator[Gcloud]:
    with tempfile.TemporaryDirectory(prefix="gc-") as folder, gcloud_cli(Path(folder)) as gcloud:
        sleep = gcloud.programs / "sleep"
        sleep.write_text("#!/bin/sh\n", "utf-8")
        sleep.chmod(0o755)
        yield gcloud


def of_terraform(case: Case, folder: Path) -> planned.Facts:
    need_terraform()
    write_new(folder / "infra", infra_of(case))
    infra = initialised(folder / "infra", "google")
    return planned.facts(infra, *test_terraform.connector(case))


def of_gcloud(case: Case, folder: Path, gcloud: Gcloud) -> planned.Facts:
    gcloud.reset()
    answers = case.answers._replace(tool="gcloud")
    test_gcloud.there_already(gcloud, answers)
    theirs = {(kind, name) for kind, found in gcloud.cloud.kinds.items() for name in found}
    here = test_gcloud.stage(folder, gcloud, answers)
    here.set("ALERT_EMAIL", planned.EMAIL)
    if answers.options.get("vpc_connector"):
        here.set("VPC_CONNECTOR", planned.CONNECTOR)
    here.deploy()
    for kind, name in theirs:
        del gcloud.cloud.kinds[kind][name]
    return deployed.facts_of(gcloud.cloud)


@pytest.mark.parametrize("name", test_terraform.PARTICULAR)
def test_both_tools_deploy_the_same(name: str, gcloud: Gcloud, tmp_path: Path) -> None:
    """Every kind of thing with its settings; but for the labels by which scripts know their own."""
    assert (cloud.PROJECT, cloud.NUMBER) == (planned.PROJECT, planned.NUMBER)
    case = test_terraform.PARTICULAR[name]
    first = of_terraform(case, tmp_path / "terraform")
    second = of_gcloud(case, tmp_path / "gcloud", gcloud)
    assert first.keys() == second.keys()
    for kind, expected in first.items():
        assert second[kind] == expected, kind
    assert len(second["functions"]) == len(case.answers.functions)
