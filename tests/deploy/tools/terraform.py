"""Terraform, with the provider that is on the machine."""

from __future__ import annotations

import zipfile
from pathlib import Path

from deploy.deployed import REGION, Deployed
from deploy.run import run
from tools.terraform import need_terraform, offer_provider

STATE_BUCKET = "terraform-states"


def provide(service: Path) -> None:
    need_terraform()
    offer_provider(service)
    backend = service / "infra" / "stages" / "dev.s3.tfbackend"
    unnamed = backend.read_text("utf-8")
    backend.write_text(unnamed.replace('bucket       = ""', f'bucket = "{STATE_BUCKET}"'), "utf-8")
    assert STATE_BUCKET in backend.read_text("utf-8")


def prepare(deployed: Deployed) -> None:
    """Who uses Terraform has a bucket for its state."""
    deployed.aws.client("s3").create_bucket(
        Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )


def lint(deployed: Deployed) -> None:
    run(["terraform", "fmt", "-check", "-diff", "-recursive", "infra"], deployed.folder)
    run(["terraform", "-chdir=infra", "validate"], deployed.folder)


def packages(deployed: Deployed) -> dict[str, bytes]:
    with zipfile.ZipFile(deployed.folder / "build" / "package.zip") as package:
        return {name: package.read(name) for name in package.namelist()}


def check_a_second_plan_has_no_changes(deployed: Deployed) -> None:
    assert "No changes." in deployed.make("plan", "STAGE=dev")
