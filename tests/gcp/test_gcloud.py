"""The scripts of `gcloud`, run before a Google that keeps what it is told.

The CLI itself cannot be installed here. What stands in for it takes the commands and flags of the
CLI's own command tree and refuses others (`tools.gcloud_cli`); what Google itself would say of a
value is not known.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from matrix.services import PACKS, Case, main_cases, option_cases, packed, valid
from tools.gcloud_cli import LISTERS, Gcloud, gcloud_cli
from tools.gcloud_cli.cloud import AGENTS, NUMBER, PROJECT
from tools.provision import venv_program

from generator.answers import Answers, FunctionAnswers
from generator.base import with_base
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.write import write_new

EVERYTHING = (
    "eventarc=audits", "firestore=customers", "http=api", "pubsub=jobs", "schedule=nightly",
    "storage=uploads",
)  # fmt: skip
API = FunctionAnswers("http", "api")
SOURCES = f"orders-dev-source-{NUMBER}"
UPLOADS = f"orders-uploads-dev-{NUMBER}"


@dataclass
class Stage:
    """A service, and what runs its scripts."""

    folder: Path
    gcloud: Gcloud

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.gcloud.environment(), "LC_ALL": "C"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert self.gcloud.refused == []
        return done

    def deploy(self, stage: str = "dev") -> str:
        return ok(self.run("infra/deploy.sh", stage))

    def destroy(self, *options: str) -> str:
        return ok(self.run("infra/destroy.sh", "dev", *options))

    def redeploy(self) -> list[str]:
        """What a further deployment writes."""
        self.gcloud.calls.clear()
        self.deploy()
        return self.gcloud.writes()

    def set(self, name: str, value: str) -> None:
        """A setting of each stage."""
        for file in (self.folder / "infra/stages").glob("*.env"):
            lines = file.read_text("utf-8").splitlines()
            [place] = [place for place, line in enumerate(lines) if line.startswith(f"{name}=")]
            lines[place] = f"{name}={value}"
            file.write_text("\n".join([*lines, ""]), "utf-8")


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def cli() -> Iterator[Gcloud]:
    with tempfile.TemporaryDirectory(prefix="gc-") as folder, gcloud_cli(Path(folder)) as gcloud:
        sleep = gcloud.programs / "sleep"
        sleep.write_text('#!/bin/sh\necho "$1" >>"$0.asked"\n', "utf-8")
        sleep.chmod(0o755)
        yield gcloud


@pytest.fixture
def gcloud(cli: Gcloud) -> Gcloud:
    cli.reset()
    (cli.programs / "sleep.asked").write_text("", "utf-8")
    return cli


def stage(folder: Path, gcloud: Gcloud, answers: Answers) -> Stage:
    service = folder / "service"
    shutil.rmtree(service, ignore_errors=True)
    write_new(service, with_base(render(build_spec(answers, PACKS), PACKS)))
    (service / "build").mkdir()
    for function in answers.functions:
        (service / "build" / f"{function.name}.zip").write_bytes(function.name.encode())
    here = Stage(service, gcloud)
    here.set("PROJECT", PROJECT)
    if answers.options.get("vpc_connector"):
        here.set("VPC_CONNECTOR", "net")
    return here


def orders(*functions: str | FunctionAnswers, **options: Any) -> Answers:
    named = tuple(function for function in functions if isinstance(function, str))
    answers = to_answers(Request(name="orders", provider="gcp", tool="gcloud", trigger=named))
    others = tuple(function for function in functions if not isinstance(function, str))
    return answers._replace(functions=(*answers.functions, *others), options=options)


def add_secret(gcloud: Gcloud, *names: str) -> None:
    for name in names:
        gcloud.cloud.apis.add("secretmanager.googleapis.com")
        gcloud.cloud.secrets[name] = {"name": f"projects/{PROJECT}/secrets/{name}"}


def roles(gcloud: Gcloud, kind: str, name: str) -> set[tuple[str, str]]:
    """Role and account of all that a policy has; accounts by the part before the @."""
    return {
        (binding["role"], member.removeprefix("serviceAccount:").partition("@")[0])
        for binding in gcloud.cloud.policies.get((kind, name), [])
        for member in binding["members"]
    }


def alerts(gcloud: Gcloud) -> dict[str, Any]:
    return {alert["displayName"]: alert for alert in gcloud.cloud.alerts.values()}


# Every combination


def combinations() -> dict[str, Answers]:
    """What the matrix has, in few services: each function's calls do not depend on the others'."""
    cases = [c for c in [*main_cases(), *option_cases()] if c.name.startswith("gcp-gcloud-")]
    alone = [c for c in cases if valid(c) and len(c.answers.functions) == 1]
    for_all = [case for case in alone if not case.answers.options]
    together = one_service([case.answers.functions for case in packed(for_all)], alone[0].answers)
    twice = one_service([c.answers.functions for c in cases if c.name.endswith("-twice")], together)
    long = next(case.answers for case in cases if case.name.endswith("-long-names"))
    more = (
        FunctionAnswers("http", "with_secrets", {"secrets": ["payment-api", "mail"]}),
        FunctionAnswers("http", "large", {"memory": "8Gi", "concurrency": 80, "min_instances": 2}),
        FunctionAnswers("pubsub", "quoted", {"filter": 'attributes.kind = "it\'s" AND NOT $x'}),
        FunctionAnswers("firestore", "commas", {"document": "a,b/{id}"}),
        FunctionAnswers("eventarc", "patterns", {"resource_name": "projects/_/buckets/a,b-*"}),
        FunctionAnswers("firestore", "default", {"database": "(default)", "existing": True}),
    )
    return {
        "all options": together,
        "two of a kind": twice,
        "long names": long,
        "http alone": orders("http=api"),
        "connector": orders(*EVERYTHING, vpc_connector=True),
        "not in the matrix": together._replace(functions=more),
    }


def one_service(parts: Sequence[tuple[FunctionAnswers, ...]], answers: Answers) -> Answers:
    functions = [
        function._replace(name=f"{function.trigger}_{number}")
        for number, function in enumerate(f for part in parts for f in part)
    ]
    found: list[FunctionAnswers] = []
    for function in functions:  # sources may be the same
        if valid(Case("", answers._replace(functions=(*found, function)))):
            found.append(function)
    assert len(found) > len(functions) * 0.8
    return answers._replace(functions=tuple(found))


def there_already(gcloud: Gcloud, answers: Answers) -> None:
    """What functions name as existing, and their secrets."""
    cloud = gcloud.cloud
    for function in answers.functions:
        options: dict[str, Any] = dict(function.options)
        add_secret(gcloud, *(f"orders-{name}-dev" for name in options.get("secrets", [])))
        if options.get("existing"):
            name = function.name.replace("_", "-")
            if function.trigger == "storage":
                bucket = options.get("bucket", name)
                cloud.create("buckets", bucket, {"name": bucket, "objects": {}})
            elif function.trigger == "pubsub":
                topic = options.get("topic", name)
                cloud.create("topics", topic, {"name": f"projects/{PROJECT}/topics/{topic}"})
            else:
                database = options.get("database", "documents")
                found = {"name": f"projects/{PROJECT}/databases/{database}"}
                cloud.create("databases", database, found)


COMBINATIONS = combinations()


@pytest.mark.parametrize("name", COMBINATIONS)
def test_every_call_is_one_that_the_cli_knows(name: str, gcloud: Gcloud, tmp_path: Path) -> None:
    """Deployed and destroyed, shellcheck clean: what is left is what was there before."""
    answers = COMBINATIONS[name]
    there_already(gcloud, answers)
    before = gcloud.cloud.names()
    here = stage(tmp_path, gcloud, answers)
    check_scripts(here.folder)
    here.deploy()
    assert len(gcloud.cloud.functions) == len(answers.functions)
    assert max(len(email.partition("@")[0]) for email in gcloud.cloud.accounts) <= 30
    here.destroy("--data")
    assert gcloud.cloud.names() == before
    assert roles(gcloud, "project", PROJECT) <= {
        ("roles/pubsub.publisher", AGENTS["storage"].partition("@")[0])
    }


def check_scripts(folder: Path) -> None:
    scripts = [*folder.glob("infra/*.sh"), *folder.glob("infra/*/*.sh")]
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
    program = venv_program("shellcheck", "shellcheck")
    done = subprocess.run([program, *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# Deployed again


def test_a_second_run_changes_nothing_and_deploys_no_function(
    gcloud: Gcloud, tmp_path: Path
) -> None:
    """What it writes all the same has the values that are there."""
    secret = FunctionAnswers("http", "status", {"secrets": ["mail"]})
    add_secret(gcloud, "orders-mail-dev")
    here = stage(tmp_path, gcloud, orders(*EVERYTHING, secret))
    here.set("ALERT_EMAIL", "oncall@example.com")
    here.deploy()
    state = gcloud.cloud.state()
    # What is written again is all of what has a state of its own, and is cheap to write.
    verbs = {" ".join(call.split()[:-1]) for call in here.redeploy()}
    assert gcloud.cloud.state() == state
    assert verbs == {
        "artifacts repositories set-cleanup-policies", "artifacts repositories update",
        "beta monitoring channels update", "firestore databases", "pubsub subscriptions update",
        "pubsub topics update", "scheduler jobs update http", "storage buckets update",
    }  # fmt: skip


def test_of_changed_code_that_function_alone_is_deployed(gcloud: Gcloud, tmp_path: Path) -> None:
    """The others are left alone; the archive that is replaced goes."""
    here = stage(tmp_path, gcloud, orders(*EVERYTHING))
    here.deploy()
    old = set(gcloud.cloud.buckets[SOURCES]["objects"])
    (here.folder / "build/api.zip").write_bytes(b"changed")
    writes = here.redeploy()
    assert [w for w in writes if w.startswith("functions")] == ["functions deploy orders-api-dev"]
    new = set(gcloud.cloud.buckets[SOURCES]["objects"])
    # The archive that nothing is deployed of any more has gone.
    assert {name.partition("-")[0] for name in old ^ new} == {"api"}
    assert len(old) == len(new)
    source = gcloud.cloud.functions["orders-api-dev"]["buildConfig"]["source"]["object"]
    assert source in new
    assert not [write for write in here.redeploy() if write.startswith("functions")]


def test_a_changed_option_reaches_the_function(gcloud: Gcloud, tmp_path: Path) -> None:
    """Back at its default, it is the default's value again: nothing stays as it was said before."""
    many = API._replace(options={"concurrency": 80, "memory": "512Mi", "min_instances": 1})
    stage(tmp_path, gcloud, orders(many)).deploy()
    service = gcloud.cloud.functions["orders-api-dev"]["serviceConfig"]
    assert (service["availableCpu"], service["maxInstanceRequestConcurrency"]) == ("1", 80)
    stage(tmp_path, gcloud, orders(API)).deploy()
    service = gcloud.cloud.functions["orders-api-dev"]["serviceConfig"]
    assert (service["availableCpu"], service["maxInstanceRequestConcurrency"]) == ("0.1666", 1)
    assert (service["availableMemory"], service["minInstanceCount"]) == ("256Mi", 0)


def test_what_was_changed_by_hand_is_set_back(gcloud: Gcloud, tmp_path: Path) -> None:
    """A function, what calls it, what holds data, a role, an alert; what was deleted is there."""
    here = stage(tmp_path, gcloud, orders(*EVERYTHING))
    here.deploy()
    cloud, before = gcloud.cloud, gcloud.cloud.state()
    cloud.functions["orders-api-dev"]["serviceConfig"]["availableMemory"] = "8Gi"
    cloud.functions["orders-api-dev"]["updateTime"] = cloud.time()
    cloud.subscriptions["orders-jobs-dev"]["maxDeliveryAttempts"] = "100"
    cloud.jobs["orders-nightly-dev"]["schedule"] = "* * * * *"
    cloud.buckets[UPLOADS]["public-access-prevention"] = False
    cloud.databases["orders-documents-dev"]["delete-protection"] = False
    cloud.policies["functions", "orders-jobs-dev"] = []
    alert = alerts(gcloud)["orders-api-dev fails"]
    alert |= {"conditions": [], "mutationRecord": {"mutateTime": cloud.time()}}
    cloud.topics.pop("orders-jobs-dev-dead-letters")
    here.deploy()
    after = gcloud.cloud.state()
    for state in (before, after):
        del state[0]["functions"]["orders-api-dev"]["updateTime"]
        del state[0]["buckets"][SOURCES]["objects"]["record"]
        for one in state[0]["alerts"].values():
            del one["mutationRecord"]
    assert after == before


def test_a_subscription_is_made_anew_where_its_filter_changes(
    gcloud: Gcloud, tmp_path: Path
) -> None:
    """Pub/Sub changes none; it is said, since what waits in it is lost."""
    jobs = FunctionAnswers("pubsub", "jobs")
    stage(tmp_path, gcloud, orders(jobs)).deploy()
    filtered = jobs._replace(options={"filter": 'attributes.kind = "created"'})
    here = stage(tmp_path, gcloud, orders(filtered))
    said = here.deploy()
    assert "making subscription orders-jobs-dev anew" in said
    assert gcloud.cloud.subscriptions["orders-jobs-dev"]["filter"] == 'attributes.kind = "created"'
    assert roles(gcloud, "subscriptions", "orders-jobs-dev") == {
        ("roles/pubsub.subscriber", f"service-{NUMBER}")
    }
    assert "anew" not in here.deploy()


# What goes


def test_what_no_function_needs_any_more_goes_and_data_stays(
    gcloud: Gcloud, tmp_path: Path
) -> None:
    """Accounts, roles, alerts, subscriptions and jobs go; buckets, topics and dead letters stay."""
    stage(tmp_path, gcloud, orders(*EVERYTHING, "storage=pictures")).deploy()
    kept = ("http=api", "storage=uploads")
    said = stage(tmp_path, gcloud, orders(*kept)).deploy()
    for what in (
        f"bucket orders-pictures-dev-{NUMBER}",
        "topic orders-jobs-dev",
        "topic orders-jobs-dev-dead-letters",
        "subscription orders-jobs-dev-dead-letters",
    ):
        assert f"kept, as it holds data: {what}\n" in said
    cloud = gcloud.cloud
    assert set(cloud.functions) == {"orders-api-dev", "orders-uploads-dev"}
    assert set(cloud.subscriptions) == {"orders-jobs-dev-dead-letters"}
    assert cloud.jobs == {}
    assert {name.partition(" ")[0] for name in alerts(gcloud)} == set(cloud.functions)
    assert {email.partition("@")[0] for email in cloud.accounts} == {
        "orders-api-dev", "orders-dev-build", "orders-dev-invoker", "orders-uploads-dev",
    }  # fmt: skip
    assert roles(gcloud, "buckets", f"orders-pictures-dev-{NUMBER}") == set()
    assert "orders-documents-dev" in cloud.databases
    # The same service from the start has the same, but for what holds data.
    names = cloud.names()
    gcloud.reset()
    stage(tmp_path, gcloud, orders(*kept)).deploy()
    named = {name for name in gcloud.cloud.names() if not name.startswith("alerts")}
    assert named <= names


def test_a_role_goes_when_nothing_asks_for_it_any_more(gcloud: Gcloud, tmp_path: Path) -> None:
    """On a secret, on a bucket of somebody else's, for everyone; one that another gave stays."""
    add_secret(gcloud, "orders-mail-dev")
    gcloud.cloud.create("buckets", "theirs", {"name": "theirs", "objects": {}})
    theirs = {"bucket": "theirs", "existing": True, "prefix": "in/"}
    first = (
        API._replace(options={"public": True, "secrets": ["mail"]}),
        FunctionAnswers("storage", "uploads", theirs),
    )
    stage(tmp_path, gcloud, orders(*first)).deploy()
    assert ("roles/run.invoker", "allUsers") in roles(gcloud, "functions", "orders-api-dev")
    assert roles(gcloud, "secrets", "orders-mail-dev") == {
        ("roles/secretmanager.secretAccessor", "orders-api-dev")
    }
    [binding] = gcloud.cloud.policies["buckets", "theirs"]
    assert binding["condition"]["expression"] == (
        'resource.name.startsWith("projects/_/buckets/theirs/objects/in/")'
    )
    # Somebody lets another service call it.
    other = "serviceAccount:shop@other.iam.gserviceaccount.com"
    gcloud.cloud.bind("functions", "orders-api-dev", "roles/run.invoker", other)
    stage(tmp_path, gcloud, orders(API, FunctionAnswers("storage", "uploads"))).deploy()
    assert roles(gcloud, "functions", "orders-api-dev") == {("roles/run.invoker", "shop")}
    assert gcloud.cloud.functions["orders-api-dev"]["serviceConfig"]["secrets"] == {}
    assert roles(gcloud, "secrets", "orders-mail-dev") == set()
    assert roles(gcloud, "buckets", "theirs") == set()
    assert roles(gcloud, "buckets", UPLOADS) == {
        ("roles/storage.objectViewer", "orders-uploads-dev")
    }


def test_a_role_is_not_forgotten_by_a_deployment_that_failed(
    gcloud: Gcloud, tmp_path: Path
) -> None:
    """The next one takes it away, as if it had not failed."""
    add_secret(gcloud, "orders-mail-dev")
    with_secret = orders(API._replace(options={"secrets": ["mail"]}))
    for succeeds in (False, True):  # the deployment that gave it
        here = stage(tmp_path, gcloud, with_secret)
        gcloud.failing = "" if succeeds else "monitoring policies create"
        assert (here.run("infra/deploy.sh", "dev").returncode == 0) == succeeds
        assert roles(gcloud, "secrets", "orders-mail-dev") != set()
        here = stage(tmp_path, gcloud, orders(API))
        gcloud.failing = "functions deploy"
        assert here.run("infra/deploy.sh", "dev").returncode == 1
        gcloud.failing = ""
        here.deploy()
        assert roles(gcloud, "secrets", "orders-mail-dev") == set()


def test_destroy_takes_what_it_made_and_nothing_else(gcloud: Gcloud, tmp_path: Path) -> None:
    """Not what others made under similar names or with the same labels; data only with --data."""
    here = stage(tmp_path, gcloud, orders(*EVERYTHING))
    here.set("ALERT_EMAIL", "oncall@example.com")
    labels = {"service": "orders", "stage": "dev"}
    made = {"service": "orders", "deployed-by": "infra-deploy"}
    theirs: dict[tuple[str, str], dict[str, Any]] = {
        ("topics", "by-hand"): {"name": "projects/p/topics/by-hand", "labels": labels},
        ("topics", "of-prod"): {"name": "t", "labels": {**made, "stage": "prod"}},
        ("databases", "orders-shop-x-dev"): {"name": "projects/p/databases/orders-shop-x-dev"},
        ("jobs", "orders-other-dev"): {"name": "j", "description": "theirs"},
        ("alerts", "1"): {"name": "1", "displayName": "orders-api-dev is slow"},
        ("accounts", f"orders-x-dev@{PROJECT}"): {"email": "x", "description": "theirs"},
    }
    here.deploy()
    for (kind, name), resource in theirs.items():
        gcloud.cloud.create(kind, name, resource)
    gcloud.cloud.alerts["1"]["notificationChannels"] = []
    said = here.destroy()
    data = {
        f"buckets {UPLOADS}", "databases orders-documents-dev",
        "topics orders-jobs-dev", "topics orders-jobs-dev-dead-letters",
        "subscriptions orders-jobs-dev-dead-letters",
    }  # fmt: skip
    assert gcloud.cloud.names() == data | {f"{kind} {name}" for kind, name in theirs}
    assert said.count("kept, as it holds data") == len(data)
    # None of them is left to somebody who is no more.
    left = [b for policy in gcloud.cloud.policies.values() for b in policy]
    assert [b["role"] for b in left] == ["roles/pubsub.publisher"]  # Cloud Storage's own account
    here.destroy("--data")
    assert gcloud.cloud.names() == {f"{kind} {name}" for kind, name in theirs}


def test_a_removed_stage_is_deployed_again_with_its_data(gcloud: Gcloud, tmp_path: Path) -> None:
    """With the same names, and objects are still in their bucket."""
    here = stage(tmp_path, gcloud, orders(*EVERYTHING))
    here.deploy()
    names = {name for name in gcloud.cloud.names() if not name.startswith("alerts")}
    gcloud.cloud.buckets[UPLOADS]["objects"]["in/a.json"] = b"{}"
    here.destroy()
    here.deploy()
    assert names <= gcloud.cloud.names()
    assert gcloud.cloud.buckets[UPLOADS]["objects"] == {"in/a.json": b"{}"}


def test_destroying_what_was_never_deployed_is_no_error(gcloud: Gcloud, tmp_path: Path) -> None:
    """Nothing is written."""
    here = stage(tmp_path, gcloud, orders(*EVERYTHING))
    here.destroy("--data")
    assert gcloud.writes() == []


def test_two_stages_of_one_project_leave_each_other_alone(gcloud: Gcloud, tmp_path: Path) -> None:
    """All of prod is there before and after dev goes with its data."""
    here = stage(tmp_path, gcloud, orders(*EVERYTHING))
    here.deploy()
    dev = gcloud.cloud.names()
    here.deploy("prod")
    both = gcloud.cloud.names()
    assert dev < both
    assert len(both) == 2 * len(dev)
    here.destroy("--data")
    assert gcloud.cloud.names() == both - dev
    assert roles(gcloud, "project", PROJECT) == {
        ("roles/logging.logWriter", "orders-prod-build"),
        ("roles/storage.objectViewer", "orders-prod-build"),
        ("roles/eventarc.eventReceiver", "orders-prod-invoker"),
        ("roles/pubsub.publisher", AGENTS["storage"].partition("@")[0]),
    }


def test_the_address_for_alerts_comes_changes_and_goes(gcloud: Gcloud, tmp_path: Path) -> None:
    """All alerts tell it. Without one, no beta command is called."""
    here = stage(tmp_path, gcloud, orders("http=api"))
    here.deploy()
    # gcloud's beta commands are not needed where nobody is told.
    assert not [call for call in gcloud.calls if call.command.startswith("beta")]
    for address in ("a@example.com", "b@example.com"):
        here.set("ALERT_EMAIL", address)
        here.deploy()
        [channel] = gcloud.cloud.channels.values()
        assert channel["labels"] == {"email_address": address}
        for alert in alerts(gcloud).values():
            assert alert["notificationChannels"] == [channel["name"]]
    here.set("ALERT_EMAIL", "")
    here.deploy()
    assert gcloud.cloud.channels == {}


# What goes wrong


@pytest.mark.parametrize(
    "failing",
    ["storage buckets create", "functions deploy", "pubsub topics create", "get-iam-policy"],
)
def test_a_call_that_fails_stops_the_script_and_is_shown(
    failing: str, gcloud: Gcloud, tmp_path: Path
) -> None:
    """Nothing is done after it but to keep the record; the next deployment finishes."""
    here = stage(tmp_path, gcloud, orders("pubsub=jobs"))
    gcloud.failing = failing
    done = here.run("infra/deploy.sh", "dev")
    assert done.returncode == 1
    assert "PERMISSION_DENIED" in done.stderr
    assert "failed: " in done.stderr
    refused = [place for place, call in enumerate(gcloud.calls) if failing in call.command]
    # A function is tried again for a while, as its account is new.
    assert len(refused) == (5 if failing == "functions deploy" else 1)
    after = [call.words[-1] for call in gcloud.calls[refused[-1] + 1 :]]
    assert after in ([], [f"gs://{SOURCES}/record"])
    # The next deployment finishes what this one began.
    gcloud.failing = ""
    here.deploy()
    assert set(gcloud.cloud.functions) == {"orders-jobs-dev"}


def test_new_accounts_are_waited_for(gcloud: Gcloud, tmp_path: Path) -> None:
    """For five minutes; then what Google says is shown."""
    here = stage(tmp_path, gcloud, orders("http=api"))
    gcloud.cloud.unaware = 3
    said = here.deploy()
    assert "waiting until it can be done" in said
    assert (gcloud.programs / "sleep.asked").read_text().split() == ["30", "15", "15", "15"]
    gcloud.reset()
    gcloud.cloud.unaware = 1000
    done = here.run("infra/deploy.sh", "dev")
    assert done.returncode == 1
    assert "does not exist" in done.stderr


def test_what_cannot_begin_is_said(gcloud: Gcloud, tmp_path: Path) -> None:
    """No stage, no archive, no secret, a wrong option: exit 2, before anything is written."""
    here = stage(tmp_path, gcloud, orders(API._replace(options={"secrets": ["mail"]})))
    done = here.run("infra/deploy.sh", "test")
    assert (done.returncode, "has no infra/stages/test.env" in done.stderr) == (2, True)
    # Not into whatever project gcloud was last configured for.
    here.set("PROJECT", "")
    done = here.run("infra/destroy.sh", "dev", "--data")
    assert (done.returncode, "write the project of dev" in done.stderr) == (2, True)
    here.set("PROJECT", PROJECT)
    done = here.run("infra/destroy.sh", "dev", "--date")
    assert (done.returncode, "usage:" in done.stderr) == (2, True)
    assert gcloud.calls == []
    done = here.run("infra/deploy.sh", "dev")
    assert (done.returncode, "secret orders-mail-dev is missing" in done.stderr) == (2, True)
    assert gcloud.cloud.functions == {}
    (here.folder / "build/api.zip").unlink()
    gcloud.calls.clear()
    done = here.run("infra/deploy.sh", "dev")
    assert (done.returncode, "run make build" in done.stderr) == (2, True)
    assert gcloud.writes() == []


# Who deploys


def documented_roles(text: str) -> set[str]:
    """What docs/deployment.md says that whoever deploys needs, without `roles/`."""
    _, _, after = text.partition("needs the role Owner of the project, or these:\n\n```text\n")
    roles = after.partition("\n```")[0].split()
    assert roles
    return {role.removeprefix("roles/") for role in roles}


def test_whoever_deploys_may_list_what_the_scripts_list() -> None:
    """Whichever triggers there are, since another service may have switched on any API."""
    triggers = [name.partition("=")[0] for name in EVERYTHING]
    listed = re.compile(r'^  list \w+ \w+ (?:none|".*?") ([a-z -]+? list) ', re.M)
    for chosen in product((False, True), repeat=len(triggers) + 1):
        used = [name for name, there in zip(triggers, chosen, strict=False) if there]
        functions = [FunctionAnswers(name, f"my_{name}") for name in used]
        functions.append(FunctionAnswers("http", "a", {"secrets": ["mail"]} if chosen[-1] else {}))
        tree = render(build_spec(orders(*functions), PACKS), PACKS)
        roles = documented_roles(tree["docs/deployment.md"].content.decode())
        scripts = "".join(
            tree[f"infra/lib/{name}.sh"].content.decode().replace("\\\n", "")
            for name in ("stage", "monitor")
        )
        commands = listed.findall(scripts)
        assert len(commands) == (11 if "firestore" in used else 10)
        for command in commands:
            assert LISTERS[command] & roles, (command, used)
        # Who makes none of a kind may do no more than look.
        for kind, needed in (("pubsub", "pubsub"), ("schedule", "cloudscheduler")):
            assert (f"{needed}.admin" in roles) == (kind in used)
            assert (f"{needed}.viewer" in roles) == (kind not in used)
        # Alerts on logs are made by who may configure logs.
        assert ("logging.configWriter" in roles) == bool({*used} - {"http"})


def test_a_service_is_deployed_where_others_use_more_apis(gcloud: Gcloud, tmp_path: Path) -> None:
    """By an account that may list what the documented roles let it list; and removed."""
    add_secret(gcloud, "theirs")
    for api in ("cloudscheduler", "firestore", "pubsub", "secretmanager"):
        gcloud.cloud.apis.add(f"{api}.googleapis.com")
    here = stage(tmp_path, gcloud, orders("http=api"))
    here.set("ALERT_EMAIL", "oncall@example.com")
    gcloud.roles = documented_roles((here.folder / "docs/deployment.md").read_text("utf-8"))
    here.deploy()
    assert set(gcloud.cloud.functions) == {"orders-api-dev"}
    here.destroy("--data")
    assert gcloud.cloud.names() == {"secrets theirs"}


# Names


def test_a_long_name_of_an_account_is_shortened_the_same_way_always(
    gcloud: Gcloud, tmp_path: Path
) -> None:
    """23 characters, a hyphen, and 6 digits of the name's SHA-256."""
    here = stage(tmp_path, gcloud, orders(FunctionAnswers("http", "a_rather_long_name_of_it")))
    here.deploy()
    name = "orders-a-rather-long-name-of-it-dev"
    account = f"{name[:23]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    assert f"{account}@{PROJECT}.iam.gserviceaccount.com" in gcloud.cloud.accounts
    assert name in gcloud.cloud.functions


def test_a_function_has_the_alerts_that_its_trigger_needs(gcloud: Gcloud, tmp_path: Path) -> None:
    """One of failures each, of drops for events, of dead letters for messages, and of refusals for
    events and schedules."""
    stage(tmp_path, gcloud, orders(*EVERYTHING)).deploy()
    found = alerts(gcloud)
    assert set(found) == {
        *(
            f"orders-{f}-dev fails"
            for f in ("api", "audits", "customers", "jobs", "nightly", "uploads")
        ),
        *(f"orders-{f}-dev drops events" for f in ("audits", "customers", "jobs", "uploads")),
        "orders-jobs-dev has dead letters",
        *(
            f"orders-{f}-dev is not called"
            for f in ("audits", "customers", "jobs", "nightly", "uploads")
        ),
    }
    [condition] = found["orders-jobs-dev is not called"]["conditions"]
    assert condition["conditionMatchedLog"]["filter"] == (
        'resource.type = "cloud_run_revision" AND'
        ' resource.labels.service_name = "orders-jobs-dev" AND'
        ' resource.labels.location = "europe-west1" AND'
        " httpRequest.status = (401 OR 403 OR 429)"
    )
    [condition] = found["orders-api-dev fails"]["conditions"]
    assert condition["conditionThreshold"]["filter"] == (
        'resource.type = "cloud_run_revision" AND'
        ' resource.labels.service_name = "orders-api-dev" AND'
        ' resource.labels.location = "europe-west1" AND'
        ' metric.type = "run.googleapis.com/request_count" AND'
        ' metric.labels.response_code_class = "5xx"'
    )
    assert json.dumps(found["orders-jobs-dev has dead letters"]).count("num_undelivered_messages")
