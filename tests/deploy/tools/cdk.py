"""The AWS CDK: its library for the app in infra/, and its command line from npm."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

from deploy.deployed import ACCOUNT, REGION, Deployed
from deploy.run import run
from tools.provision import npm_tool, requirements_venv, venv_program
from tools.workbench import link_up_to_date

ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"


def provide(service: Path) -> None:
    requirements = service / "requirements-deploy.txt"
    venv = requirements_venv("cdk", [requirements], service / ".venv" / "bin" / "python")
    link_up_to_date(service, ".venv-deploy", venv)
    link_up_to_date(service, "node_modules", npm_tool("cdk") / "node_modules", ".bin/cdk")


def prepare(deployed: Deployed) -> None:
    """What of `cdk bootstrap` a deployment looks for: the bucket and the version."""
    deployed.aws.client("s3").create_bucket(
        Bucket=ASSETS, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    deployed.aws.client("ssm").put_parameter(
        Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String"
    )


def lint(deployed: Deployed) -> None:
    template = deployed.folder / "cdk.out" / "orders-dev.template.json"
    # W3005: a DependsOn that a reference implies already; CDK writes them.
    cfn_lint = venv_program("cfn_lint", "cfn-lint")
    run([cfn_lint, "--ignore-checks", "W3005", "--", template], deployed.folder)


def packages(deployed: Deployed) -> dict[str, bytes]:
    with zipfile.ZipFile(deployed.folder / "build" / "package.zip") as package:
        return {name: package.read(name) for name in package.namelist()}


def check_a_role_that_may_do_anything_is_refused(deployed: Deployed) -> None:
    """infra/check.py finds what it is there for."""
    template = deployed.folder / "cdk.out" / "orders-dev.template.json"
    written = template.read_text("utf-8")
    content = json.loads(written)
    resources = [resource["Properties"] for resource in content["Resources"].values()]
    role = next(properties for properties in resources if "Policies" in properties)
    role["Policies"][0]["PolicyDocument"]["Statement"] += [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::one"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"},
    ]
    role["Policies"][0]["PolicyDocument"]["Statement"] += [
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "kms:*", "Resource": "*"},
    ]
    role["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    template.write_text(json.dumps(content), "utf-8")
    command = [".venv-deploy/bin/python", "-m", "infra.check"]
    done = subprocess.run(command, cwd=deployed.folder, capture_output=True, text=True, check=False)
    template.write_text(written, "utf-8")
    assert done.returncode == 1
    assert "may do s3:*" in done.stderr
    assert "may do sqs:SendMessage on every resource" in done.stderr
    assert "may do all but what a statement names" in done.stderr
    assert "has the policy AdministratorAccess" in done.stderr
    assert "kms" not in done.stderr
