"""AWS SAM's CLI."""

from __future__ import annotations

from pathlib import Path

from deploy.deployed import REGION, Deployed
from deploy.run import run
from tools.provision import requirements_venv, venv_program
from tools.workbench import link_up_to_date


def provide(service: Path) -> None:
    requirements = service / "requirements-deploy.txt"
    venv = requirements_venv("deploy", [requirements], service / ".venv" / "bin" / "python")
    link_up_to_date(service, ".venv-deploy", venv, marker="bin/sam")


def lint(deployed: Deployed) -> None:
    validate = [".venv-deploy/bin/sam", "validate", "--lint", "--region", REGION]
    run(validate, deployed.folder, deployed.environment())
    template = deployed.folder / ".aws-sam" / "build" / "template.yaml"
    # W3005: a DependsOn that a reference implies already; SAM writes them.
    cfn_lint = venv_program("cfn_lint", "cfn-lint")
    run([cfn_lint, "--ignore-checks", "W3005", "--", template], deployed.folder)


def packages(deployed: Deployed) -> dict[str, bytes]:
    build = deployed.folder / ".aws-sam" / "build"
    files = (path for path in build.rglob("*") if path.is_file())
    return {path.relative_to(build).as_posix(): path.read_bytes() for path in files}
