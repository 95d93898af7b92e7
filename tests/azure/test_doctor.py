"""azure-functions-doctor finds nothing wrong with host.json, the layout and the infrastructure."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from matrix.services import main_cases
from tools.provision import venv_program
from tools.workbench import build_workbench, clean_environment

WHOLE = {
    case.name: case
    for case in main_cases()
    if case.answers.provider == "azure" and case.name.endswith("-all")
}
# What it warns of, and why that is as it should be.
MEANT = {
    "check_app_insights": "it looks into local.settings.json; the infrastructure sets it",
    "check_blueprint_registration": "function_app.py finds the blueprints, and names none",
    "check_dev_storage_connection": "local.settings.example.json is not deployed: .funcignore",
    "check_func_cli": "not on this machine",
    "check_func_core_tools_version": "not on this machine",
    "check_functions_extension_version": "Flex Consumption does without the setting",
    "check_host_json_log_level_conflict": "functions may say more than the host: docs/host.md",
    "check_unused_files": "it does not know the slash by which .funcignore means the root alone",
    "check_venv": "is a link in the tests",
}


@pytest.mark.parametrize("name", WHOLE)
def test_the_doctor_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    service = build_workbench(tmp_path / "orders", WHOLE[name].answers)
    example = service.folder / "local.settings.example.json"
    shutil.copy(example, service.folder / "local.settings.json")
    words = ["--format", "json", "--target-python", WHOLE[name].answers.python or "3.13"]
    words += ["--hosting-plan", "flex-consumption", "--deployment-mode", "local-prebuilt"]
    done = subprocess.run(
        [venv_program("azure_doctor", "azure-functions-doctor"), "doctor", *words],
        cwd=service.folder,
        env=clean_environment() | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    checks = [item for section in json.loads(done.stdout)["results"] for item in section["items"]]
    assert sum(item["status"] == "pass" for item in checks) > 10
    said = {
        item["rule_id"]: item["value"] for item in checks if item["status"] not in ("pass", "skip")
    }
    assert set(said) <= set(MEANT), said
