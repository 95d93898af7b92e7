"""Every Google Cloud combination's Terraform configuration: real terraform, google's whole schema.

Terraform validates and plans all of them in one run, each as a module of one configuration, so that
the schema is read once. What a provider would check in its own code, and what Google would say, is
not seen: some of that is looked at here, in what a plan would make.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from gcp.planned import CONNECTOR, EMAIL, NUMBER, PROJECT, REGION, Facts, facts
from matrix.of_tool import cases_of, different_infra, infra_of, modules_of_one, twice
from matrix.services import PACKS, Case, answer, pairs, supported
from matrix.test_every_combination import tree_of
from tools.provision import venv_program
from tools.terraform import need_terraform
from tools.terraform_schema.run import initialised, planned, terraform
from tools.workbench import clean_environment

from generator.answers import FunctionAnswers
from generator.plan import function_plan
from generator.spec import build_spec
from generator.templates import templates_of
from generator.tree import Tree
from generator.write import write_new

PACK = PACKS.providers["gcp"]
TOOL = PACK.tools["terraform"]
PROVIDER = re.compile(r'^provider "google" {\n(.*?)^}\n\n', re.M | re.S)
WITH_SECRETS = {"secrets": ["payment-api", "tax-api"]}


def existing() -> Case:
    """All that is there already, where it says that it is."""
    functions = []
    for trigger in supported(PACK, TOOL):
        if "existing" in trigger.options:
            options: dict[str, object] = (
                {
                    trigger.source.key: trigger.options[trigger.source.key].example,
                    "existing": True,
                }
                if trigger.source and trigger.source.key
                else {"existing": True}
            )
            if "location" in trigger.options:
                options["location"] = trigger.options["location"].example
            functions.append(FunctionAnswers(trigger.name, f"my_{trigger.name}", options))
    return Case("existing", answer(PACK, TOOL, functions))


def particular() -> Case:
    """Two functions of one source, and what only some functions have."""
    return Case(
        "particular",
        answer(
            PACK,
            TOOL,
            [
                FunctionAnswers("http", "open", {"public": True, "concurrency": 80}),
                FunctionAnswers("http", "inside", {"ingress": "internal", "memory": "4Gi"}),
                FunctionAnswers("http", "balanced", {"ingress": "internal-and-gclb"}),
                FunctionAnswers("storage", "a", {"bucket": "inbox", "prefix": "in/"}),
                FunctionAnswers("storage", "b", {"bucket": "inbox", "event": "deleted"}),
                FunctionAnswers("pubsub", "c", {"topic": "placed", "filter": 'attributes.a = "1"'}),
                FunctionAnswers("pubsub", "d", {"topic": "placed", "timeout": 540}),
                FunctionAnswers("firestore", "e", {"database": "shop", "document": "a/{id}"}),
                FunctionAnswers("firestore", "f", {"database": "shop", "document": "a/one"}),
                FunctionAnswers("eventarc", "g", {"resource_name": "projects/_/buckets/a-*"}),
                FunctionAnswers("eventarc", "h", {"location": "global"}),
                FunctionAnswers("schedule", "i", {"timeout": 1800}),
                FunctionAnswers("schedule", "j", {"timeout": 1, "retries": 0}),
            ],
            {"vpc_connector": True},
        ),
    )


def long_names() -> Case:
    """As long as names can be."""
    triggers = supported(PACK, TOOL)
    functions = [FunctionAnswers(t.name, f"long_names_{n}") for n, t in enumerate(triggers)]
    answers = answer(PACK, TOOL, functions)
    return Case("long-names", answers._replace(name="orders-of-all-customers"))


LABELS: dict[str, object] = {"labels": ["cost-center=4711", "owner=team_one"]}
PARTICULAR = {
    case.name: case
    for case in (twice(PACK, TOOL, LABELS, WITH_SECRETS), existing(), particular(), long_names())
}


@cache
def cases() -> dict[str, Tree]:
    """The folder `infra` of everything that the matrix has for this tool, each content once."""
    return different_infra([*cases_of(PACK, TOOL), *PARTICULAR.values()])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One configuration with a module a case."""
    need_terraform()
    root = tmp_path_factory.mktemp("gcp")
    variables = {"stage": "dev", "project": PROJECT, "region": REGION, "alert_email": EMAIL}
    variables["vpc_connector"] = CONNECTOR
    modules_of_one(root, cases().values(), "google", {}, variables)
    return initialised(root, "google")


def test_the_matrix_has_every_trigger_and_every_option() -> None:
    """No combination is left out of what follows."""
    assert len(cases()) > 20
    for trigger in supported(PACK, TOOL):
        assert f"gcp-terraform-{trigger.name}" in cases()


def test_every_file_is_formatted_as_terraform_does(folder: Path) -> None:
    """`terraform fmt` would change nothing, in any combination."""
    done = terraform(folder, "fmt", "-check", "-diff", "-recursive")
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_every_combination_is_valid_and_can_be_planned(folder: Path) -> None:
    """A plan validates first. What is computed is unknown, as when nothing is there yet."""
    plan = planned(folder, known_ids=False)
    made = {change["module_address"].split(".")[1] for change in plan["resource_changes"]}
    assert len(made) == len(cases())


class Service:
    def __init__(self, case: Case, infra: Path, facts: Facts) -> None:
        self.case = case
        self.infra = infra
        self.facts = facts
        self.spec = build_spec(case.answers, PACKS)

    def name(self, function: str) -> str:
        return f"{self.spec.name}-{function.replace('_', '-')}-dev"

    def function(self, name: str) -> Any:
        return self.facts["functions"][self.name(name)]

    def roles(self, member: str) -> set[str]:
        """`<role> on <kind> <name>`, and the condition."""
        found = set()
        for line in self.facts["roles"]:
            role, _, rest = line.partition(" for ")
            who, _, condition = rest.partition(" if ")
            if who == member:
                found.add(role + (f" if {condition}" if condition else ""))
        return found

    def invoker(self) -> str:
        return account(f"{self.spec.name}-dev-invoker")

    def invoked(self) -> list[str]:
        """The functions that the service's own account calls."""
        return [f.name for f in self.spec.functions if f.trigger.name != "http"]


def account(name: str) -> str:
    """The address of an account, by the rule that every tool keeps."""
    if len(name) > 30:
        name = f"{name[:23]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return f"{name}@{PROJECT}.iam.gserviceaccount.com"


@pytest.fixture(scope="module", params=PARTICULAR)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """One service, planned as its first deployment would be."""
    need_terraform()
    case = PARTICULAR[request.param]
    root = tmp_path_factory.mktemp(case.name)
    write_new(root / "infra", infra_of(case))
    infra = initialised(root / "infra", "google")
    return Service(case, infra, facts(infra, *connector(case)))


def connector(case: Case) -> list[str]:
    return [f"vpc_connector={CONNECTOR}"] if case.answers.options.get("vpc_connector") else []


def test_a_function_may_do_what_it_was_said_to_need_and_no_more(service: Service) -> None:
    """As trigger.toml and provider.toml say, which is what a person is told before."""
    templates = templates_of(PACKS.roots)
    for function in service.spec.functions:
        expected: set[str] = set()
        for permission in function_plan(service.spec, function, templates).permissions:
            for role in permission.actions:
                expected |= {f"{role} {where}" for where in places(permission.on, function.options)}
        own = account(service.name(function.name))
        assert service.roles(f"serviceAccount:{own}") == expected, function.name
        assert service.function(function.name)["account"] == own


def places(on: str, options: Any) -> list[str]:
    """What the words of a permission stand for."""
    if on == "its secrets alone":
        return [f"on secret_manager_secret orders-{name}-dev" for name in options["secrets"]]
    match = re.fullmatch(r"objects of bucket \S+( whose name starts with (.+))?", on)
    assert match, f"no place is known for {on!r}"
    bucket = options["bucket"]
    if not options["existing"]:
        bucket = (
            f"{'orders-of-all-customers' if 'long' in bucket else 'orders'}-{bucket}-dev-{NUMBER}"
        )
    objects = f'resource.name.startsWith("projects/_/buckets/{bucket}/objects/{match[2]}")'
    return [f"on storage_bucket {bucket}{f' if {objects}' if match[2] else ''}"]


def test_what_builds_may_read_archives_and_write_images(service: Service) -> None:
    """Nothing else: one repository, the archives and the copies of them, the project's logs."""
    name = f"{service.spec.name}-dev"
    buckets = (f"{name}-source-{NUMBER}", f"gcf-v2-sources-{NUMBER}-{REGION}")
    objects = " || ".join(
        f'resource.name.startsWith("projects/_/buckets/{bucket}/objects/")' for bucket in buckets
    )
    build = account(f"{name}-build")
    assert service.roles(f"serviceAccount:{build}") == {
        f"roles/artifactregistry.writer on artifact_registry_repository {name}",
        f"roles/logging.logWriter on project {PROJECT}",
        f"roles/storage.objectViewer on project {PROJECT} if {objects}",
    }
    for function in service.facts["functions"].values():
        assert function["build_account"].endswith(f"/serviceAccounts/{build}")
        assert function["repository"].endswith(f"/{REGION}/repositories/{name}")
        assert function["source_bucket"] == buckets[0]


def test_what_calls_may_call_and_receive_events(service: Service) -> None:
    """Each function of the service that has events, and no other."""
    expected = {
        f"roles/run.invoker on cloud_run_v2_service {service.name(name)}"
        for name in service.invoked()
    }
    if any(function["trigger"] for function in service.facts["functions"].values()):
        expected.add(f"roles/eventarc.eventReceiver on project {PROJECT}")
    assert service.roles(f"serviceAccount:{service.invoker()}") == expected


def test_only_a_public_function_can_be_called_by_everyone(service: Service) -> None:
    """And nobody has a basic role, or one to be somebody else."""
    public = [f.name for f in service.spec.functions if f.options.get("public")]
    open_to_all = service.roles("allUsers")
    assert open_to_all == {
        f"roles/run.invoker on cloud_run_v2_service {service.name(name)}" for name in public
    }
    for line in service.facts["roles"]:
        assert not re.match(r"roles/(owner|editor|viewer|iam\.)", line), line
        assert "allAuthenticatedUsers" not in line


def test_googles_own_accounts_have_what_events_need(service: Service) -> None:
    """Cloud Storage's tells of objects; Pub/Sub's moves what failed to the dead letters."""
    triggers = {function.trigger.name for function in service.spec.functions}
    storage = f"serviceAccount:service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
    expected = {f"roles/pubsub.publisher on project {PROJECT}"} if "storage" in triggers else set()
    assert service.roles(storage) == expected
    expected = set()
    for function in service.spec.functions:
        if function.trigger.name == "pubsub":
            name = service.name(function.name)
            expected.add(f"roles/pubsub.subscriber on pubsub_subscription {name}")
            expected.add(f"roles/pubsub.publisher on pubsub_topic {name}-dead-letters")
    pubsub = f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
    assert service.roles(pubsub) == expected


def test_events_come_from_inside_and_are_tried_again(service: Service) -> None:
    """Whatever brings them shows who it is, and where it calls."""
    for name in service.invoked():
        function = service.function(name)
        assert function["ingress"] == "ALLOW_INTERNAL_ONLY"
        if function["trigger"]:
            assert function["trigger"]["retry"] is True
            assert function["trigger"]["account"] == service.invoker()
    for name, job in service.facts["jobs"].items():
        assert job["uri"] == job["audience"] == f"https://{name}.run.app"
        assert (job["account"], job["method"]) == (service.invoker(), "POST")
        timeout = service.facts["functions"][name]["timeout"]
        assert min(timeout + 30, 1800) <= int(job["deadline"].rstrip("s")) <= 1800
        assert int(job["deadline"].rstrip("s")) >= 15


def test_a_message_is_pushed_a_few_times_and_then_kept(service: Service) -> None:
    """Every subscription has dead letters, and what keeps those. None expires."""
    subscriptions = service.facts["subscriptions"]
    pushed = {name: each for name, each in subscriptions.items() if each["push"]}
    assert set(pushed) == {
        service.name(f.name) for f in service.spec.functions if f.trigger.name == "pubsub"
    }
    for name, each in pushed.items():
        assert each["push"]["account"] == service.invoker()
        assert each["push"]["audience"] == f"https://{name}.run.app"
        # The framework takes the topic from the path.
        path = each["push"]["endpoint"].removeprefix(f"https://{name}.run.app/")
        assert path == each["topic"] or each["topic"].startswith("google_pubsub_topic")
        letters, attempts = each["dead_letters"]
        assert letters == f"projects/{PROJECT}/topics/{name}-dead-letters"
        assert 5 <= attempts <= 100
        assert each["ack_deadline"] > service.facts["functions"][name]["timeout"]
        assert each["ack_deadline"] <= 600
        assert each["backoff"] == ("10s", "600s")
        kept = subscriptions[f"{name}-dead-letters"]
        assert (kept["topic"], kept["push"]) == (letters, None)
        assert f"{name}-dead-letters" in service.facts["topics"]
    assert {each["expires"] for each in subscriptions.values()} <= {"never"}


def test_somebody_is_told_of_what_fails_and_of_what_is_given_up(service: Service) -> None:
    """Each alert is about one function, and about all of it."""
    alerts = service.facts["alerts"]
    expected = set()
    for function in service.spec.functions:
        name = service.name(function.name)
        expected.add(f"{name} fails")
        metric = alerts[f"{name} fails"]["metric"]
        assert f'resource.labels.service_name = "{name}"' in metric
        assert 'response_code_class = "5xx"' in metric
        if function.trigger.name not in ("http", "schedule"):
            expected.add(f"{name} drops events")
            log = alerts[f"{name} drops events"]["log"]
            assert f'resource.labels.service_name = "{name}"' in log
            assert 'jsonPayload.outcome = "dropped"' in log
            expected.add(f"{name} is not called")
            log = alerts[f"{name} is not called"]["log"]
            assert f'resource.labels.service_name = "{name}"' in log
            # Its own 400, to what is no event, is not among them.
            assert log.endswith("httpRequest.status = (401 OR 403 OR 429)")
        if function.trigger.name == "schedule":
            expected.add(f"{name} is not called")
            log = alerts[f"{name} is not called"]["log"]
            assert f'resource.labels.job_id = "{name}"' in log
            assert log.endswith('severity = "ERROR" AND NOT httpRequest.status >= 500')
        if function.trigger.name == "pubsub":
            expected.add(f"{name} has dead letters")
            metric = alerts[f"{name} has dead letters"]["metric"]
            assert f'subscription_id = "{name}-dead-letters"' in metric
    assert set(alerts) == expected
    [(channel, said)] = service.facts["channels"].items()
    assert said["address"] == EMAIL
    assert all(alert["channels"] == [f"channel {channel}"] for alert in alerts.values())


def test_what_can_have_labels_says_service_stage_and_function(service: Service) -> None:
    """Also what takes no default ones: alerts and the channel."""
    asked = pairs(service.spec.options["labels"])
    labels = {"service": service.spec.name, "stage": "dev", **asked}
    for name, function in service.facts["functions"].items():
        own = name.removeprefix(f"{service.spec.name}-").removesuffix("-dev")
        assert function["labels"] == {**labels, "function": own}
    for name, alert in service.facts["alerts"].items():
        own = name.partition(" ")[0].removeprefix(f"{service.spec.name}-").removesuffix("-dev")
        assert alert["labels"] == {**labels, "function": own}
    for kind in ("topics", "subscriptions", "buckets", "repositories", "channels"):
        assert all(each["labels"] == labels for each in service.facts[kind].values()), kind


def test_buckets_let_in_by_roles_alone(service: Service) -> None:
    """Nothing in them is public, and what was deleted can be had back."""
    for name, bucket in service.facts["buckets"].items():
        assert bucket["uniform_access"] is True
        assert bucket["public_access_prevention"] == "enforced"
        assert bool(bucket["soft_delete_seconds"]) == ("-dev-source-" not in name)
    for database in service.facts["databases"].values():
        assert database["point_in_time_recovery"] is True
        assert database["delete_protection"] is True


def test_only_what_is_not_there_already_is_made(service: Service) -> None:
    """Topics, buckets and databases: the service's own, once, whoever shares them."""
    sources: dict[str, set[str]] = {"topic": set(), "bucket": set(), "firestore-database": set()}
    for source in service.spec.sources:
        if source.created:
            end = f"-{NUMBER}" if source.kind == "bucket" else ""
            sources[source.kind].add(f"{service.spec.name}-{source.key}-dev{end}")
    letters = {name for name in service.facts["topics"] if name.endswith("-dead-letters")}
    archives = {f"{service.spec.name}-dev-source-{NUMBER}"}
    assert set(service.facts["topics"]) - letters == sources["topic"]
    assert set(service.facts["buckets"]) - archives == sources["bucket"]
    assert set(service.facts["databases"]) == sources["firestore-database"]


def test_names_keep_within_googles_bounds(service: Service) -> None:
    """And no two accounts share one that was cut."""
    accounts = service.facts["accounts"]
    assert (
        len(set(accounts))
        == len(accounts)
        == len(service.spec.functions) + 1 + bool(service.invoked())
    )
    for name in accounts:
        assert re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", name)
    for name in service.facts["functions"]:
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,47}[a-z0-9]", name)
    for name in service.facts["buckets"]:
        assert 3 <= len(name) <= 63


def test_options_are_what_is_deployed(service: Service) -> None:
    """Memory, time, instances, and whether an instance serves several requests."""
    for function in service.spec.functions:
        deployed = service.function(function.name)
        options: dict[str, Any] = dict(function.options)
        for name in ("memory", "timeout", "min_instances", "max_instances", "concurrency"):
            assert deployed[name] == options[name], (function.name, name)
        assert float(deployed["cpu"]) >= (1 if options["concurrency"] > 1 else 0.08)
        assert deployed["entry_point"] == function.name
        assert deployed["runtime"] == f"python{service.spec.python.replace('.', '')}"
        assert deployed["environment"] == {"GOOGLE_CLOUD_PROJECT": PROJECT, "STAGE": "dev"}
        assert deployed["secrets"] == {
            f"SECRET_{name.upper().replace('-', '_')}": f"orders-{name}-dev:latest"
            for name in options["secrets"]
        }
        if service.case.answers.options.get("vpc_connector"):
            assert (deployed["connector"], deployed["egress"]) == (CONNECTOR, "PRIVATE_RANGES_ONLY")
        else:
            assert deployed["connector"] is None


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Service:
    need_terraform()
    case = PARTICULAR["particular"]
    root = tmp_path_factory.mktemp("chosen")
    write_new(root / "infra", infra_of(case))
    infra = initialised(root / "infra", "google")
    return Service(case, infra, facts(infra, *connector(case), email=""))


def test_a_trigger_filters_as_its_function_says(chosen: Service) -> None:
    """A path with a wildcard is a pattern, one without is compared."""

    def trigger(name: str) -> tuple[str, str, Any]:
        found = chosen.function(name)["trigger"]
        return found["type"].removeprefix("google.cloud."), found["region"], found["filters"]

    inbox = {"bucket": (f"orders-inbox-dev-{NUMBER}", "exact")}
    assert trigger("a") == ("storage.object.v1.finalized", REGION, inbox)
    assert trigger("b") == ("storage.object.v1.deleted", REGION, inbox)
    shop = {"database": ("orders-shop-dev", "exact")}
    pattern = {**shop, "document": ("a/{id}", "match-path-pattern")}
    assert trigger("e") == ("firestore.document.v1.written", REGION, pattern)
    document = {**shop, "document": ("a/one", "exact")}
    assert trigger("f") == ("firestore.document.v1.written", REGION, document)
    log = {
        "serviceName": ("storage.googleapis.com", "exact"),
        "methodName": ("storage.buckets.create", "exact"),
    }
    resource = {**log, "resourceName": ("projects/_/buckets/a-*", "match-path-pattern")}
    assert trigger("g") == ("audit.log.v1.written", REGION, resource)
    assert trigger("h") == ("audit.log.v1.written", "global", log)
    subscriptions = chosen.facts["subscriptions"]
    assert subscriptions["orders-c-dev"]["filter"] == 'attributes.a = "1"'
    assert subscriptions["orders-d-dev"]["filter"] == ""


def test_ingress_is_what_the_function_says(chosen: Service) -> None:
    """All, the project's networks, or these and a load balancer."""
    found = {name: chosen.function(name)["ingress"] for name in ("open", "inside", "balanced")}
    assert found == {
        "open": "ALLOW_ALL",
        "inside": "ALLOW_INTERNAL_ONLY",
        "balanced": "ALLOW_INTERNAL_AND_GCLB",
    }


def test_a_stage_without_an_address_has_alerts_all_the_same(chosen: Service) -> None:
    """They tell nobody, and Cloud Monitoring shows them."""
    assert chosen.facts["channels"] == {}
    assert len(chosen.facts["alerts"]) > len(chosen.facts["functions"])
    assert all(alert["channels"] == [] for alert in chosen.facts["alerts"].values())


def test_an_archive_that_changes_is_a_function_that_changes(chosen: Service) -> None:
    """And one that does not is none: a name follows from what is in it."""
    build = chosen.infra.parent / "build"
    build.mkdir()
    (build / "open.zip").write_bytes(b"first")
    digest = hashlib.sha256(b"first").hexdigest()
    words = ["plan", "-input=false", "-out=built", "-var=stage=dev", f"-var=project={PROJECT}"]
    words += [
        f"-var=region={REGION}",
        "-var=alert_email=",
        *(f"-var={v}" for v in connector(chosen.case)),
    ]
    done = terraform(chosen.infra, *words)
    assert done.returncode == 0, done.stderr
    shown = json.loads(terraform(chosen.infra, "show", "-json", "built").stdout)
    used = {
        change["address"].split(".")[1]: change["change"]["after"]["build_config"][0]["source"][0]
        for change in shown["resource_changes"]
        if change["type"] == "google_cloudfunctions2_function"
    }
    objects = {name: source["storage_source"][0]["object"] for name, source in used.items()}
    assert objects.pop("function_open") == f"open-{digest}.zip"
    assert all(name.endswith("-unbuilt.zip") for name in objects.values())


def test_data_and_names_do_not_depend_on_other_functions() -> None:
    """An address that changes would replace what is deployed."""
    every = tree_of(PARTICULAR["twice"])
    looked_at = set()
    for trigger in supported(PACK, TOOL):
        # Options, which its namesake has, are in its own file alone.
        [function] = [
            f for f in PARTICULAR["twice"].answers.functions if f.name == f"my_{trigger.name}"
        ]
        alone = tree_of(Case("alone", answer(PACK, TOOL, [function])))
        for path, entry in alone.items():
            if re.fullmatch(r"infra/(function|bucket|topic|database)_.*|infra/modules/.*", path):
                assert every[path].content == entry.content, path
                looked_at.add(path)
    assert len(looked_at) >= 2 * len(supported(PACK, TOOL))


def test_the_stages_project_pays_and_all_has_labels() -> None:
    """Which the provider is told once."""
    for name, infra in cases().items():
        [block] = PROVIDER.findall(infra["main.tf"].content.decode())
        assert re.search(r"^  default_labels = local\.labels$", block, re.M), name
        assert re.search(r"^  billing_project +?= var\.project$", block, re.M), name


@pytest.mark.parametrize("ci", [name for name in PACKS.ci_systems if name != "none"])
def test_who_plans_may_have_requests_count_as_the_projects(ci: str) -> None:
    """The provider asks for that with each, and a viewer may not: every plan would be refused."""
    for case, viewer in ((PARTICULAR["twice"], False), (PARTICULAR["existing"], True)):
        tree = tree_of(case._replace(answers=case.answers._replace(ci=(ci,))))
        said = " ".join(tree["docs/deployment.md"].content.decode().split())
        [roles] = re.findall(r"The account of `plan` .*? That is enough to plan", said)
        assert set(re.findall(r"roles/[\w.]+", roles)) == {
            "roles/viewer", "roles/iam.securityReviewer",
            "roles/serviceusage.serviceUsageConsumer", "roles/storage.objectViewer",
        }  # fmt: skip
        assert ("`roles/storage.bucketViewer`" in said) == viewer
        block = PROVIDER.search(tree["infra/main.tf"].content.decode())
        assert block and "user_project_override = true" in block[1]


def test_no_value_of_a_secret_is_in_the_state() -> None:
    """Neither is a key of an account made: nothing here reads or writes one."""
    for name, infra in cases().items():
        for path, entry in infra.items():
            assert b"secret_manager_secret_version" not in entry.content, f"{name}: {path}"
            assert b"service_account_key" not in entry.content, f"{name}: {path}"


def test_a_setting_that_cannot_be_is_told(chosen: Service) -> None:
    """A project's name instead of its id, a stage that is too long, no connector."""
    settings = {
        "stage": "dev",
        "project": PROJECT,
        "region": REGION,
        "alert_email": "",
        "vpc_connector": CONNECTOR,
    }
    for name, value, said in (
        ("project", "My Project", "The id of a project"),
        ("stage", "muchtoolongastage", "A stage is 1 to 10"),
        ("vpc_connector", "", "no connector"),
    ):
        words = [f"-var={key}={text}" for key, text in {**settings, name: value}.items()]
        done = terraform(chosen.infra, "plan", "-input=false", *words)
        assert done.returncode == 1
        assert said in " ".join(done.stderr.split()), done.stderr


def test_checkov_finds_just_what_is_left_out_on_purpose(tmp_path: Path) -> None:
    """Nothing else fails, and no line of `.checkov.yaml` is one that nothing needs."""
    tree = tree_of(PARTICULAR["twice"])
    write_new(tmp_path / "orders", tree)
    words = ["--skip-download", "--quiet", "--compact", "--framework", "terraform"]
    done = subprocess.run(
        # From elsewhere, where checkov does not see the service's own settings.
        [venv_program("checkov", "checkov"), *words, "--output", "json", "-d", "orders/infra"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)
    assert found["summary"]["passed"] > 30, done.stdout + done.stderr
    assert found["summary"]["parsing_errors"] == 0
    failed = {check["check_id"] for check in found["results"]["failed_checks"]}
    assert failed == set(yaml.safe_load(tree[".checkov.yaml"].content)["skip-check"])
