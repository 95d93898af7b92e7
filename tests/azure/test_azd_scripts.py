"""What is around azd, run with the real Azure CLI in front of an Azure that keeps what it is told.

azd and the Bicep compiler are played: they write down what they were asked, and of a template they
tell the parameters, so that the CLI refuses those that it does not have.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from matrix.services import PACKS
from tools.az_cli import SUBSCRIPTION, AzCli, az_cli

from generator.answers import Answers, FunctionAnswers
from generator.base import with_base
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.write import write_new

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-orders-dev"
DATA = f"{GROUP}-data"
THEIRS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-theirs"
TESTS = Path(__file__).resolve().parents[1]

AZD = """\
#!/bin/sh
echo "$*" >>"{folder}/asked"
case "$1 $2" in
  "env new") mkdir -p ".azure/$3" ;;
  "env get-value") echo "{subscription}" ;;
esac
"""
BICEP = """\
#!{python}
import json, sys
sys.path[:0] = [{tests!r}, {root!r}]
from tools.bicep.names import parameters_of
from tools.bicep.syntax import parse
if "--version" in sys.argv:
    sys.exit(print("Bicep CLI version 0.45.15 (0123456789)"))
[path] = [word for word in sys.argv if word.endswith(".bicep")]
declared = parameters_of(parse(open(path).read()))
template = {{
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {{name: {{"type": each.type}} for name, each in declared.items()}},
    "resources": [],
}}
print(json.dumps(template))
"""


@dataclass
class Stage:
    folder: Path
    az: AzCli
    programs: Path  # what stands in for azd, bicep and sleep

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.az.environment(), **variables}
        environment["PATH"] = f"{self.programs}:{environment['PATH']}"
        environment["AZURE_BICEP_USE_BINARY_FROM_PATH"] = "true"
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def asked(self) -> list[str]:
        return (self.programs / "asked").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def cli() -> Iterator[AzCli]:
    with tempfile.TemporaryDirectory(prefix="az-") as folder, az_cli(Path(folder)) as az:
        yield az


@pytest.fixture
def az(cli: AzCli) -> AzCli:
    cli.reset()
    return cli


def stage(folder: Path, az: AzCli, answers: Answers) -> Stage:
    service = folder / "service"
    write_new(service, with_base(render(build_spec(answers, PACKS), PACKS)))
    programs = folder / "programs"
    programs.mkdir()
    texts = {
        "azd": AZD.format(folder=programs, subscription=SUBSCRIPTION),
        "bicep": BICEP.format(python=sys.executable, tests=str(TESTS), root=str(TESTS.parent)),
        "sleep": "#!/bin/sh\n",
    }
    for name, text in texts.items():
        (programs / name).write_text(text, "utf-8")
        (programs / name).chmod(0o755)
    return Stage(service, az, programs)


def orders(*functions: str) -> Answers:
    return to_answers(Request(name="orders", provider="azure", tool="azd", trigger=functions))


WITH_SECRET = FunctionAnswers("http", "api", {"secrets": ["payment-api"]})
OF_THEIRS = FunctionAnswers(
    "blob",
    "pictures",
    {"existing": True, "account": "theirs", "account_group": "rg-theirs"},
)


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


# The environment


def test_an_environment_is_made_once_and_has_the_stages_settings(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("queue=jobs"))
    ok(here.run("scripts/azd_environment.sh", "dev"))
    ok(here.run("scripts/azd_environment.sh", "dev"))
    new = [line for line in here.asked() if line.startswith("env new")]
    assert new == [
        f"env new orders-dev --no-prompt --subscription {SUBSCRIPTION} --location westeurope"
    ]
    assert here.asked()[-1] == (
        "env set --environment orders-dev STAGE=dev AZURE_LOCATION=westeurope "
        "LOG_RETENTION_DAYS=30 STORAGE_SKU=Standard_LRS ALERT_EMAIL="
    )


def test_a_stage_does_not_move_to_another_subscription_by_mistake(
    az: AzCli, tmp_path: Path
) -> None:
    here = stage(tmp_path, az, orders("http=api"))
    settings = here.folder / "infra" / "stages" / "dev.env"
    settings.write_text(settings.read_text("utf-8").replace("_ID=", "_ID=another "), "utf-8")
    done = here.run("scripts/azd_environment.sh", "dev")
    assert (done.returncode, "not in another" in done.stderr) == (2, True)


def test_a_vault_that_was_deleted_is_brought_back(az: AzCli, tmp_path: Path) -> None:
    answers = orders("queue=jobs")
    here = stage(tmp_path, az, answers._replace(functions=(*answers.functions, WITH_SECRET)))
    ok(here.run("scripts/azd_environment.sh", "dev"))
    assert "keyvault recover" not in az.arguments()
    az.arm.put(DATA)
    for name in ("dev", "prod"):
        tags = {"service": "orders", "stage": name}
        az.arm.put(f"{DATA}/providers/Microsoft.KeyVault/vaults/kv-orders{name}-1", tags=tags)
    az.arm.do_delete(DATA, {}, None)
    ok(here.run("scripts/azd_environment.sh", "dev"))
    assert left(az) == {"rg-orders-dev-data", "kv-ordersdev-1"}


# make


def test_make_deploys_and_asks_nothing(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("blob=uploads"))
    ok(here.run("make", "-o", "package", "deploy", "STAGE=dev"))
    built = [line for line in az.arguments().splitlines() if line.startswith("bicep build")]
    assert [line.split()[3] for line in built] == ["infra/main.bicep", "infra/events.bicep"]
    assert [line.split()[0] for line in here.asked()] == [
        "env",
        "env",
        "env",
        "provision",
        "deploy",
    ]
    for line in here.asked():
        assert "--no-prompt" in line or line.split()[1] in ("set", "get-value")
        assert "orders-dev" in line
    ok(here.run("make", "plan", "STAGE=prod"))
    assert here.asked()[-1] == "provision --preview --no-prompt --environment orders-prod"


def test_make_stops_before_anything_where_a_stage_is_not_known(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("http=api"))
    done = here.run("make", "-o", "package", "deploy", "STAGE=test")
    assert (done.returncode, "which knows: dev prod" in done.stderr) == (2, True)
    done = here.run("make", "destroy", STAGE="dev")
    assert (done.returncode, "say which stage" in done.stderr) == (2, True)
    assert not (here.programs / "asked").exists()
    assert az.arm.calls == []


# After the code


def deployed(az: AzCli, *functions: str) -> dict[str, str]:
    """The app is there, and the values that azd hands to its hooks."""
    az.arm.put(GROUP)
    az.arm.put(DATA)
    app = f"{GROUP}/providers/Microsoft.Web/sites/func-orders-dev-1"
    az.arm.put(app)
    for function in functions:
        made = az.arm.put(f"{app}/functions/{function}")
        made["name"] = f"func-orders-dev-1/{function}"
    return {
        "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
        "AZURE_RESOURCE_GROUP": "rg-orders-dev",
        "FUNCTION_APP_NAME": "func-orders-dev-1",
        "DATA_RESOURCE_GROUP": "rg-orders-dev-data",
        "DATA_STORAGE_ACCOUNT": "dataordersdev1",
        "BLOB_TOPIC": "evgst-orders-dev",
        "STAGE": "dev",
    }


@pytest.mark.parametrize(
    ("functions", "given"),
    [
        (
            ("blob=uploads", "eventgrid=placed"),
            {
                "appName": "func-orders-dev-1",
                "stage": "dev",
                "dataGroupName": "rg-orders-dev-data",
                "dataStorageName": "dataordersdev1",
                "blobTopicName": "evgst-orders-dev",
            },
        ),
        (
            ("eventgrid=placed",),
            {
                "appName": "func-orders-dev-1",
                "stage": "dev",
                "dataGroupName": "rg-orders-dev-data",
                "dataStorageName": "dataordersdev1",
            },
        ),
    ],
)
def test_functions_are_subscribed_once_they_are_there(
    functions: tuple[str, ...], given: dict[str, str], az: AzCli, tmp_path: Path
) -> None:
    here = stage(tmp_path, az, orders(*functions))
    names = [function.partition("=")[2] for function in functions]
    ok(here.run("scripts/subscribe.sh", **deployed(az, *names)))
    assert sent(az)["parameters"] == {name: {"value": value} for name, value in given.items()}


def test_of_what_is_there_already_nothing_is_made(az: AzCli, tmp_path: Path) -> None:
    answers = orders("http=api")
    here = stage(tmp_path, az, answers._replace(functions=(OF_THEIRS,)))
    ok(here.run("scripts/subscribe.sh", **deployed(az, "pictures")))
    assert set(sent(az)["parameters"]) == {"appName", "stage"}


def test_a_function_that_never_comes_is_said(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("blob=uploads"))
    done = here.run("scripts/subscribe.sh", **deployed(az, "another"))
    assert (done.returncode, "did it start?" in done.stderr) == (1, True)
    assert az.arguments().count("functionapp function list") == 10


def sent(az: AzCli) -> Any:
    [body] = [
        call.body for call in az.arm.calls if call.method == "PUT" and "/deployments/" in call.id
    ]
    return body["properties"]


# Removing


def running(az: AzCli) -> None:
    """As a deployment leaves it, as far as the script looks."""
    for group in (GROUP, DATA, THEIRS):
        az.arm.put(group)
    identity = az.arm.put(
        f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-orders-dev"
    )
    topic = az.arm.put(
        f"{GROUP}/providers/Microsoft.EventGrid/topics/evgt-orders-a-dev",
        identity={"type": "SystemAssigned"},
    )
    storage = f"{DATA}/providers/Microsoft.Storage/storageAccounts/dataordersdev1"
    az.arm.put(storage)
    az.arm.put(f"{DATA}/providers/Microsoft.OperationalInsights/workspaces/log-orders-dev")
    theirs = f"{THEIRS}/providers/Microsoft.Storage/storageAccounts/theirs"
    az.arm.put(theirs)
    az.arm.put(f"{theirs}/providers/Microsoft.EventGrid/eventSubscriptions/orders-pictures-dev")
    az.arm.put(f"{theirs}/providers/Microsoft.EventGrid/eventSubscriptions/others")
    principals = {
        "app": identity["properties"]["principalId"],
        "topic": topic["identity"]["principalId"],
        "other": "77777777-2222-3333-4444-555555555555",
    }
    for name, principal in principals.items():
        for scope in (storage, theirs):
            az.arm.put(
                f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
                properties={"principalId": principal, "scope": scope, "roleDefinitionId": "r"},
            )


def left(az: AzCli) -> set[str]:
    return {id.rpartition("/")[2] for id in az.arm.ids()} - {"default"}


OTHERS = {"rg-theirs", "theirs", "others", "other"}


def test_destroy_leaves_the_data_and_no_rights(az: AzCli, tmp_path: Path) -> None:
    answers = orders("queue=jobs")
    here = stage(tmp_path, az, answers._replace(functions=(*answers.functions, OF_THEIRS)))
    running(az)
    said = ok(here.run("scripts/destroy.sh", "dev"))
    assert "kept, as it holds data: rg-orders-dev-data" in said
    assert left(az) == {"rg-orders-dev-data", "dataordersdev1", "log-orders-dev", *OTHERS}
    assert "kept" in ok(here.run("scripts/destroy.sh", "dev"))  # once more changes nothing


def test_with_data_nothing_of_the_stage_is_left(az: AzCli, tmp_path: Path) -> None:
    answers = orders("queue=jobs")
    here = stage(tmp_path, az, answers._replace(functions=(*answers.functions, OF_THEIRS)))
    running(az)
    ok(here.run("scripts/destroy.sh", "dev", "--data"))
    assert left(az) == OTHERS
    assert "workspace delete" in az.arguments()
    assert "--force true" in az.arguments()


def test_what_cannot_begin_is_said(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("http=api"))
    done = here.run("scripts/destroy.sh", "dev", "--date")
    assert (done.returncode, "usage:" in done.stderr) == (2, True)
    assert az.arm.calls == []


def test_a_call_that_fails_stops_the_removal(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("queue=jobs"))
    running(az)
    before = left(az)
    az.arm.failing = "/roleAssignments"
    done = here.run("scripts/destroy.sh", "dev", "--data")
    assert done.returncode != 0
    assert "AuthorizationFailed" in done.stderr
    assert left(az) == before
