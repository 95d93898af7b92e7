"""The scripts of `func`, run with the real Azure CLI before an Azure that keeps what it is told.

Every call goes through the CLI's own parser, commands and SDKs, and what is answered through its
own queries and output. What Azure itself would say of a value is not known: see `tools.az_cli`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from matrix.services import PACKS, Case, main_cases, option_cases, packed, pairs, valid
from tools.az_cli import SUBSCRIPTION, AzCli, az_cli
from tools.provision import venv_program

from generator.answers import Answers, FunctionAnswers
from generator.base import with_base
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.write import write_new

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-orders-dev"
EVERYTHING = (
    "blob=uploads", "cosmosdb=customers", "eventgrid=placed", "eventhub=clicks", "http=api",
    "queue=jobs", "schedule=nightly", "servicebus=payments",
)  # fmt: skip

# Plays the app's site, and writes down what it was asked.
CURL = """\
#!/bin/sh
cat >"{folder}/token"
echo "$*" >>"{folder}/asked"
while [ $# -gt 0 ]; do
  case $1 in
    --output) shift; answer=$1 ;;
    */api/publish*) printf '"d1"' >"$answer"; printf 202 ;;
    */api/deployments/d1)
      line=$(head -n 1 "{folder}/deployment"); sed -i 1d "{folder}/deployment"
      printf '%s' "${{line#* }}" >"$answer"; printf '%s' "${{line%% *}}" ;;
  esac
  shift
done
"""
DEPLOYED = (
    '404 {}\n200 {"id": "d1", "status": 1, "status_text": ""}\n200 {"id": "d1", "status": 4}\n'
)


@dataclass
class Stage:
    """A service, and what runs its scripts."""

    folder: Path
    az: AzCli
    programs: Path  # what stands in for curl and for sleep

    def run(self, *command: str, deployed: str = DEPLOYED) -> subprocess.CompletedProcess[str]:
        (self.programs / "deployment").write_text(deployed, "utf-8")
        environment = self.az.environment()
        environment["PATH"] = f"{self.programs}:{environment['PATH']}"
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def deploy(self) -> str:
        return ok(self.run("infra/deploy.sh", "dev"))

    def destroy(self, *options: str) -> str:
        return ok(self.run("infra/destroy.sh", "dev", *options))


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


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
    shutil.rmtree(service, ignore_errors=True)
    write_new(service, with_base(render(build_spec(answers, PACKS), PACKS)))
    (service / "build").mkdir()
    (service / "build" / "app.zip").write_bytes(b"PK")
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name, text in {"curl": CURL.format(folder=programs), "sleep": "#!/bin/sh\n"}.items():
        (programs / name).write_text(text, "utf-8")
        (programs / name).chmod(0o755)
    return Stage(service, az, programs)


def orders(*functions: str) -> Answers:
    return to_answers(Request(name="orders", provider="azure", tool="func", trigger=functions))


# Every combination


ASKED: dict[str, object] = {"tags": ["cost-center=4711", "Owner=Team One a.b:c/d@e+f=g"]}


def combinations() -> dict[str, Answers]:
    """What the matrix has, in few services: each function's calls do not depend on the others'."""
    cases = [c for c in [*main_cases(), *option_cases()] if c.name.startswith("azure-func-")]
    alone = [c for c in cases if valid(c) and len(c.answers.functions) == 1]
    together = one_service([case.answers.functions for case in packed(alone)], alone[0].answers)
    twice = one_service([c.answers.functions for c in cases if c.name.endswith("-twice")], together)
    long = next(case.answers for case in cases if case.name.endswith("-long-names"))
    more = (
        FunctionAnswers("http", "with_secrets", {"secrets": ["payment-api", "mail"]}),
        FunctionAnswers("blob", "with_secret", {"secrets": ["mail"]}),
        FunctionAnswers("eventgrid", "of_types", {"event_types": ["a.placed", "b.paid"]}),
        FunctionAnswers(
            "servicebus",
            "of_their_topic",
            {
                "entity": "their/topic",
                "entity_type": "topic",
                "existing": True,
                "namespace": "sbns-theirs",
                "namespace_group": "rg-theirs",
            },
        ),
    )
    return {
        "all options": together,
        "two of a kind": twice,
        "long names": long,
        "http alone": orders("http=api"),
        "not in the matrix": together._replace(functions=more, options=ASKED),
    }


def one_service(parts: Sequence[tuple[FunctionAnswers, ...]], answers: Answers) -> Answers:
    functions = [
        function._replace(name=f"{function.trigger}_{number}")
        for number, function in enumerate(f for part in parts for f in part)
    ]
    found: list[FunctionAnswers] = []
    for function in functions:  # routes and such may be the same
        if valid(Case("", answers._replace(functions=(*found, function)))):
            found.append(function)
    assert len(found) > len(functions) * 0.8
    return answers._replace(functions=tuple(found))


def there_already(az: AzCli, answers: Answers) -> None:
    """What functions name as existing: the groups, and topics with their identity."""
    for function in answers.functions:
        options: dict[str, Any] = dict(function.options)
        for name, value in options.items():
            if name.endswith("_group") and options.get("existing"):
                az.arm.put(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{value}")
        if function.trigger == "cosmosdb" and options.get("existing"):
            group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{options['account_group']}"
            az.arm.put(
                f"{group}/providers/Microsoft.DocumentDB/databaseAccounts/{options['account']}",
                kind="GlobalDocumentDB",
            )
        if function.trigger == "eventgrid" and options.get("existing"):
            group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{options['topic_group']}"
            topic = options.get("topic", function.name.replace("_", "-"))
            az.arm.put(
                f"{group}/providers/Microsoft.EventGrid/topics/{topic}",
                identity={"type": "SystemAssigned"},
            )


COMBINATIONS = combinations()


@pytest.mark.parametrize("name", COMBINATIONS)
def test_every_call_is_one_that_the_cli_understands(name: str, az: AzCli, tmp_path: Path) -> None:
    answers = COMBINATIONS[name]
    there_already(az, answers)
    before = az.arm.ids()
    here = stage(tmp_path, az, answers)
    shellcheck(here.folder)
    here.deploy()
    asked = pairs(answers.options.get("tags", []))
    tagged = [
        one["tags"] for id, one in az.arm.resources.items() if id not in before if one.get("tags")
    ]
    assert len(tagged) > 5
    assert [tags for tags in tagged if asked.items() - tags.items()] == []
    if name == "all options":
        here.destroy("--data")
        assert az.arm.ids() == before
    # Whoever deploys need not be somebody who may read the directory.
    assert not [url for url in az.arm.elsewhere if url.startswith("graph.microsoft.com")]


def shellcheck(folder: Path) -> None:
    scripts = [
        *folder.glob("infra/*.sh"),
        *folder.glob("infra/*/*.sh"),
        folder / "scripts/publish.sh",
    ]
    program = venv_program("shellcheck", "shellcheck")
    done = subprocess.run([program, *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# What the calls do


def test_no_keys_are_used_and_a_second_run_changes_nothing(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders(*EVERYTHING))
    here.deploy()
    check_app(az)
    check_keys(az)
    check_protection(az)
    first, state = az.arm.writes(), json.loads(json.dumps(az.arm.resources))
    az.arm.calls.clear()
    here.deploy()
    second = az.arm.writes()
    assert az.arm.resources == state
    assert second.keys() <= first.keys()
    made_once = {call for call in first if call not in second}
    kinds = ("roleAssignments", "sqlRoleAssignments", "databaseAccounts", "resourceGroups")
    assert {id for _, id in made_once if not any(kind.lower() in id for kind in kinds)} == set()
    assert not [method for method, _ in second if method == "DELETE"]


def check_app(az: AzCli) -> None:
    """Its properties are those that the SDK knows: Azure ignores others."""
    bodies = {
        "azure.mgmt.web.models.Site": [sent(az, "/sites/func-orders-dev-")],
        "azure.mgmt.web.models.AppServicePlan": [sent(az, "/serverfarms/")],
    }
    assert az.unknown_properties(bodies) == []
    app = bodies["azure.mgmt.web.models.Site"][0]["properties"]
    settings = {one["name"]: one["value"] for one in app["siteConfig"]["appSettings"]}
    assert settings["STAGE"] == "dev"
    assert settings["AzureWebJobsStorage__credential"] == "managedidentity"
    assert "AzureWebJobsStorage" not in settings
    assert not [name for name, value in settings.items() if "AccountKey=" in value]


def check_keys(az: AzCli) -> None:
    """There are none that open anything, and the host's own is in no command."""
    for account in of_kind(az, "Microsoft.Storage/storageAccounts"):
        assert account["properties"]["allowSharedKeyAccess"] is False
        assert account["properties"]["minimumTlsVersion"] == "TLS1_2"
    kinds = ("ServiceBus/namespaces", "EventHub/namespaces", "DocumentDB/databaseAccounts")
    for kind in (*kinds, "EventGrid/topics"):
        [found] = of_kind(az, f"Microsoft.{kind}")
        assert found["properties"]["disableLocalAuth"] is True
    assert "the-key" not in az.arguments()
    assert "the-key" in json.dumps(az.arm.resources)


def check_protection(az: AzCli) -> None:
    """Blobs that are deleted, and those of the functions that are overwritten, can be had back."""
    kept = {}
    for blobs in of_kind(az, "Microsoft.Storage/storageAccounts/blobServices"):
        has = blobs["properties"]
        days = [has[f"{of}eleteRetentionPolicy"]["days"] for of in ("d", "containerD")]
        kept[blobs["id"].split("/")[8][:4]] = (*days, has["isVersioningEnabled"])
    assert kept == {"data": (30, 30, True), "stor": (7, 7, False)}
    [policy] = of_kind(az, "Microsoft.Storage/storageAccounts/managementPolicies")
    sent_policy = {"properties": {"policy": policy["properties"]["policy"]}}
    assert sent_policy["properties"]["policy"]["rules"]
    assert (
        az.unknown_properties({"azure.mgmt.storage.models.ManagementPolicy": [sent_policy]}) == []
    )


def test_what_is_not_asked_for_any_more_goes_and_data_stays(az: AzCli, tmp_path: Path) -> None:
    kept = ("blob=uploads", "http=api")
    stage(tmp_path, az, orders(*EVERYTHING, "blob=pictures")).deploy()
    said = stage(tmp_path, az, orders(*kept)).deploy()
    assert "removing event subscription orders-pictures-dev" in said
    assert "removing event subscription orders-placed-dev" in said
    for what in ("sbns", "evhns", "cosmos"):
        assert f"kept, as it holds data: {what}-orders-dev-" in said
    left = "\n".join(az.arm.ids())
    assert "/containers/pictures" in left
    assert "/queues/jobs" in left
    assert "eventSubscriptions/orders-uploads-dev" in left
    assert "topics/evgt-orders-placed-dev" not in left
    assert "payments-dead-letters" not in left
    roles = [one["id"] for one in of_kind(az, "Microsoft.Authorization/roleAssignments")]
    assert not [id for id in roles if "pictures" in id or "/jobs" in id or "/payments" in id]
    assert [id for id in roles if "/containers/uploads/" in id]
    assert of_kind(az, "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments") == []
    # The same service from the start has the same, but for what holds data.
    fresh = stage(tmp_path, az, orders(*kept))
    names = set(az.arm.resources)
    az.reset()
    fresh.deploy()
    assert {id for id in az.arm.resources if "roleassignments" not in id} <= names


def test_destroy_takes_what_it_made_and_nothing_else(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders(*EVERYTHING))
    here.deploy()
    identity = of_kind(az, "Microsoft.ManagedIdentity/userAssignedIdentities")[0]
    data = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/contoso"
    tags = {"service": "orders", "stage": "dev"}
    theirs = [
        az.arm.put(data, tags=tags, location="westeurope"),
        az.arm.put(
            f"{data}/providers/Microsoft.Authorization/roleAssignments/by-hand",
            properties={
                "principalId": identity["properties"]["principalId"],
                "roleDefinitionId": "a-role",
                "scope": data,
            },
        ),
        az.arm.put(
            f"{data}/providers/Microsoft.EventGrid/eventSubscriptions/orders-theirs-dev",
            properties={"labels": ["service=orders", "stage=dev"]},
        ),
        az.arm.put(
            f"{GROUP}/providers/Microsoft.EventGrid/topics/of-prod",
            tags={"service": "orders", "stage": "prod", "deployed-by": "infra/deploy.sh"},
        ),
    ]
    here.destroy()
    kinds = {one["type"].partition("/")[0] for one in az.arm.resources.values() if one.get("tags")}
    assert kinds == {
        "Microsoft.DocumentDB", "Microsoft.EventGrid", "Microsoft.EventHub", "Microsoft.Resources",
        "Microsoft.OperationalInsights", "Microsoft.ServiceBus", "Microsoft.Storage",
    }  # fmt: skip
    here.destroy("--data")
    expected = {GROUP, f"{data}/blobServices/default", *(one["id"] for one in theirs)}
    assert {id.lower() for id in az.arm.ids()} == {id.lower() for id in expected}


def test_a_removed_stage_can_be_deployed_again_with_its_data(az: AzCli, tmp_path: Path) -> None:
    answers = orders("queue=jobs")
    secret = FunctionAnswers("http", "api", {"secrets": ["payment-api"]})
    here = stage(tmp_path, az, answers._replace(functions=(*answers.functions, secret)))
    here.deploy()
    here.destroy()
    [vault] = of_kind(az, "Microsoft.KeyVault/vaults")
    here.deploy()
    assert of_kind(az, "Microsoft.KeyVault/vaults") == [vault]
    here.destroy("--data")
    assert az.arm.ids() == []
    here.deploy()  # the vault that was deleted is brought back
    assert [one["name"] for one in of_kind(az, "Microsoft.KeyVault/vaults")] == [vault["name"]]
    assert "keyvault recover" in az.arguments()


# What goes wrong


@pytest.mark.parametrize(
    "failing",
    ["/serverfarms/", "/queues/jobs", "/resourceGroups/rg-orders-dev", "/roleAssignments"],
)
def test_a_call_that_fails_stops_the_script_and_is_shown(
    failing: str, az: AzCli, tmp_path: Path
) -> None:
    here = stage(tmp_path, az, orders("queue=jobs"))
    az.arm.failing = failing
    done = here.run("infra/deploy.sh", "dev")
    assert done.returncode == 1
    assert "AuthorizationFailed" in done.stderr
    assert "failed: az " in done.stderr
    refused = next(place for place, call in enumerate(az.arm.calls) if failing in call.id)
    after = [call for call in az.arm.calls[refused:] if call.method in ("PUT", "DELETE")]
    assert len(after) <= 1  # the call itself
    assert not (here.programs / "asked").exists()


def test_the_package_goes_to_the_site_as_it_is(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("http=api"))
    here.deploy()
    calls = (here.programs / "asked").read_text().splitlines()
    assert "Content-Type: application/zip --data-binary @build/app.zip" in calls[0]
    assert ".scm.azurewebsites.net/api/publish?RemoteBuild=false" in calls[0]
    assert len(calls) == 4
    assert not [call for call in calls if "Bearer" in call]
    assert (here.programs / "token").read_text() == 'header = "Authorization: Bearer token"\n'


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ('200 {"status": 3, "status_text": "no host.json"}\n', "failed: no host.json"),
        ('200 {"status": 5}\n', "another deployment is under way"),
        ("500 {}\n", "does not tell"),
        ("200 {}\n404 {}\n", ""),
    ],
)
def test_a_deployment_of_code_is_waited_for(
    answers: str, said: str, az: AzCli, tmp_path: Path
) -> None:
    here = stage(tmp_path, az, orders("http=api"))
    site = f"{GROUP}/providers/Microsoft.Web/sites/func-orders-dev-1"
    az.arm.put(GROUP)
    az.arm.put(site)
    done = here.run("scripts/publish.sh", "rg-orders-dev", "func-orders-dev-1", deployed=answers)
    assert done.returncode == (1 if said else 0), done.stderr
    assert said in done.stderr


def test_what_cannot_begin_is_said(az: AzCli, tmp_path: Path) -> None:
    here = stage(tmp_path, az, orders("http=api"))
    done = here.run("infra/deploy.sh", "test")
    assert (done.returncode, "has no infra/stages/test.env" in done.stderr) == (2, True)
    done = here.run("infra/destroy.sh", "dev", "--date")
    assert (done.returncode, "usage:" in done.stderr) == (2, True)
    (here.folder / "build/app.zip").unlink()
    done = here.run("infra/deploy.sh", "dev")
    assert (done.returncode, "run make build" in done.stderr) == (2, True)
    assert az.arm.calls == []


def sent(az: AzCli, part: str) -> Any:
    """The body of the one resource that was put at such an id."""
    bodies = [call.body for call in az.arm.calls if call.method == "PUT" and part in call.id]
    return next(body for body in bodies if "location" in body)


def of_kind(az: AzCli, kind: str) -> list[dict[str, Any]]:
    return [one for one in az.arm.resources.values() if one["type"] == kind]
