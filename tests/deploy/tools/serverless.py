"""osls, the Serverless Framework's v3 format continued."""

from __future__ import annotations

import zipfile
from pathlib import Path

from deploy.deployed import Deployed
from deploy.run import run
from tools.provision import npm_tool, venv_program
from tools.workbench import link_up_to_date


def provide(service: Path) -> None:
    link_up_to_date(service, "node_modules", npm_tool("osls") / "node_modules", ".bin/osls")


def lint(deployed: Deployed) -> None:
    template = deployed.folder / ".serverless" / "cloudformation-template-update-stack.json"
    # W3005: a DependsOn that a reference implies already; osls writes them.
    cfn_lint = venv_program("cfn_lint", "cfn-lint")
    run([cfn_lint, "--ignore-checks", "W3005", "--", template], deployed.folder)


def packages(deployed: Deployed) -> dict[str, bytes]:
    with zipfile.ZipFile(deployed.folder / "build" / "package.zip") as package:
        return {name: package.read(name) for name in package.namelist()}
