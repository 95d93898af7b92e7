"""Every Azure combination's Terraform configuration: the real terraform, azurerm's whole schema.

Terraform validates and plans all of them in one run, each as a module of one configuration, so that
the schema is read once. What a provider would check in its own code, and what Azure would say, is
not seen: some of that is looked at here.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from azure.there_already import existing
from matrix.of_tool import cases_of, different_infra, modules_of_one, twice
from matrix.services import PACKS, Case, answer, one_each, pairs, supported
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

PACK = PACKS.providers["azure"]
TOOL = PACK.tools["terraform"]
# What a stage's settings are, and no secret.
VARIABLES = (
    "stage=dev",
    "region=westeurope",
    "log_retention_days=30",
    "storage_replication=LRS",
    "alert_email=a@example.com",
)
SUBSCRIPTION = "azurerm_client_config.subscription_id"  # what the schema's data source says
PROVIDER = re.compile(r'^provider "azurerm" {\n(.*?)^}\n\n', re.M | re.S)
WITH_SECRETS = {"secrets": ["payment-api", "tax-api"]}


def topics() -> Case:
    """Two functions of one topic, and one that reads another: what is shared is there once."""
    return Case(
        "topics",
        answer(
            PACK,
            TOOL,
            [
                FunctionAnswers("servicebus", "a", {"entity": "placed", "entity_type": "topic"}),
                FunctionAnswers("servicebus", "b", {"entity": "placed", "entity_type": "topic"}),
                FunctionAnswers("queue", "c", {"queue": "first", "output_queue": "second"}),
                FunctionAnswers("queue", "d", {"queue": "second", "output_queue": "third"}),
                FunctionAnswers("queue", "e", {"queue": "other", "output_queue": "third"}),
                FunctionAnswers("blob", "f", {"container": "inbox", "prefix": "in/"}),
                FunctionAnswers("blob", "g", {"container": "inbox", "prefix": "out/"}),
                FunctionAnswers("eventhub", "h", {"hub": "clicks"}),
                FunctionAnswers("eventhub", "i", {"hub": "clicks"}),
                FunctionAnswers("cosmosdb", "j", {"container": "orders"}),
                FunctionAnswers("cosmosdb", "k", {"container": "customers"}),
            ],
        ),
    )


TAGS: dict[str, object] = {"tags": ["cost-center=4711", "Owner=Team One a.b:c/d@e+f=g"]}
TWICE = twice(PACK, TOOL, TAGS, WITH_SECRETS)
PARTICULAR = [TWICE, existing(TOOL), topics()]


@cache
def cases() -> dict[str, Tree]:
    """The folder `infra` of everything that the matrix has for this tool, each content once."""
    return different_infra([*cases_of(PACK, TOOL), *PARTICULAR])


def texts() -> Iterator[tuple[str, str]]:
    for name, infra in cases().items():
        for path, entry in infra.items():
            if path.endswith(".tf"):
                yield f"{name}: {path}", entry.content.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One configuration with a module a case."""
    need_terraform()
    root = tmp_path_factory.mktemp("azure")
    variables = dict(variable.split("=") for variable in VARIABLES)
    modules_of_one(root, cases().values(), "azurerm", {"features": {}}, variables)
    return initialised(root, "azurerm")


def test_the_matrix_has_every_trigger_and_every_option() -> None:
    assert len(cases()) > 30
    for trigger in supported(PACK, TOOL):
        assert f"azure-terraform-{trigger.name}" in cases()


def test_every_file_is_formatted_as_terraform_does(folder: Path) -> None:
    done = terraform(folder, "fmt", "-check", "-diff", "-recursive")
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_every_combination_is_valid_and_can_be_planned(folder: Path) -> None:
    """A plan validates first. What is computed is unknown, as when nothing is there yet."""
    plan = planned(folder, known_ids=False)
    made = {change["module_address"] for change in plan["resource_changes"]}
    assert len(made) == len(cases())


KNOWN = {case.name: case for case in PARTICULAR}


@pytest.fixture(scope="module", params=KNOWN)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """One service, planned so that what refers to what can be read."""
    need_terraform()
    case = KNOWN[request.param]
    root = tmp_path_factory.mktemp(case.name)
    write_new(root / "infra", cases()[case.name])
    infra = initialised(root / "infra", "azurerm")
    return Planned(case, planned(infra, *VARIABLES))


class Planned:
    def __init__(self, case: Case, plan: dict[str, Any]) -> None:
        self.case = case
        self.resources: dict[str, list[dict[str, Any]]] = {}
        for change in plan["resource_changes"]:
            self.resources.setdefault(change["type"], []).append(change["change"]["after"])

    def one(self, kind: str) -> dict[str, Any]:
        [found] = self.resources[kind]
        return found

    def of(self, kind: str) -> list[dict[str, Any]]:
        return self.resources.get(kind, [])


def test_the_app_may_do_what_its_functions_need_and_no_more(service: Planned) -> None:
    """As trigger.toml and provider.toml say, which is what a person is told before."""
    spec = build_spec(service.case.answers, PACKS)
    templates = templates_of(PACKS.roots)
    expected = set()
    for function in spec.functions:
        for permission in function_plan(spec, function, templates).permissions:
            for scope in scopes(permission.on, function.options):
                expected |= {(role, scope) for role in permission.actions}
    app = "azurerm_user_assigned_identity.app"
    roles = {
        (role["role_definition_name"], unsuffixed(role["scope"]))
        for role in service.of("azurerm_role_assignment")
    }
    cosmos = {
        ("Cosmos DB Built-in Data Contributor", unsuffixed(role["scope"]))
        for role in service.of("azurerm_cosmosdb_sql_role_assignment")
    }
    topics = {("Storage Blob Data Contributor", "azurerm_storage_container/deadletters")}
    assert (roles | cosmos) - topics == expected, app


HOST = "azurerm_storage_account/storders"
SCOPES = {
    r"the storage account of the Functions host.*": HOST,
    r"the service's Key Vault, .*": "azurerm_key_vault/kv-orders",
    r"Application Insights of the app": "azurerm_application_insights/appi-orders-dev",
    r"container (\S+)": "container",
    r"queue ([^\s,]+).*": "queue",
    r"subscription (\S+) of topic (\S+)": "subscription",
    r"event hub (\S+)": "eventhub",
    r"database (\S+)": "database",
}
EXISTING = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/"


def scopes(on: str, options: Any) -> list[str]:
    """What the words of a permission stand for, in the ids that the schema's provider plans."""
    for pattern, kind in SCOPES.items():
        match = re.fullmatch(pattern, on)
        if match:
            name = match.group(1) if match.groups() else ""
            return [scope_of(kind, name, options)]
    raise AssertionError(f"no scope is known for {on!r}")


def scope_of(kind: str, name: str, options: Any) -> str:
    there = options.get("existing")
    if kind == "container":
        return f"azurerm_storage_container{'.id' if there else '/' + name}"
    if kind == "queue" and "entity" in options:
        return f"azurerm_servicebus_queue{'.id' if there else '/' + name}"
    if kind == "queue" and there:
        account = (
            f"{EXISTING}{options['account_group']}/providers/Microsoft.Storage/storageAccounts"
        )
        return f"{account}/{options['account']}/queueServices/default/queues/{name}"
    if kind == "queue":
        return f"azurerm_storage_queue/{name}"
    if kind == "subscription":
        return f"azurerm_servicebus_subscription{'.id' if there else '/' + name}"
    if kind == "eventhub":
        return f"azurerm_eventhub{'.id' if there else '/' + name}"
    if kind == "database" and there:
        group = f"{EXISTING}{options['account_group']}/providers/Microsoft.DocumentDB"
        return f"{group}/databaseAccounts/{options['account']}/dbs/{name}"
    if kind == "database":
        return f"azurerm_cosmosdb_account/cosmos-orders-dev/dbs/{name}"
    return kind


def unsuffixed(scope: str) -> str:
    """Without the eight digits that make a name unique."""
    return re.sub(r"-?[0-9a-f]{8}(?=/|$)", "", scope)


def test_names_keep_within_azures_bounds(service: Planned) -> None:
    for kind in ("azurerm_storage_account",):
        for account in service.of(kind):
            assert re.fullmatch(r"[a-z0-9]{3,24}", account["name"])
    for vault in service.of("azurerm_key_vault"):
        assert re.fullmatch(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]", vault["name"])


def test_nothing_is_opened_with_a_key(service: Planned) -> None:
    for account in service.of("azurerm_storage_account"):
        assert account["shared_access_key_enabled"] is False
        assert account["min_tls_version"] == "TLS1_2"
    switches = {
        "azurerm_servicebus_namespace": "local_auth_enabled",
        "azurerm_eventhub_namespace": "local_authentication_enabled",
        "azurerm_eventgrid_topic": "local_auth_enabled",
        "azurerm_cosmosdb_account": "local_authentication_enabled",
        "azurerm_application_insights": "local_authentication_enabled",
        "azurerm_log_analytics_workspace": "local_authentication_enabled",
    }
    for kind, switch in switches.items():
        for resource in service.of(kind):
            assert resource[switch] is False, kind
    app = service.one("azurerm_function_app_flex_consumption")
    assert app["https_only"] is True
    assert app["webdeploy_publish_basic_authentication_enabled"] is False
    assert app["storage_authentication_type"] == "UserAssignedIdentity"
    assert app["site_config"][0]["minimum_tls_version"] == "1.2"


# What azurerm 5.2 cannot read of a resource with Reader alone: what it has a POST for is an action.
# The others it reads by GET, or goes on without what it is refused.
ASKED = {
    "azurerm_application_insights": [],
    "azurerm_cosmosdb_account": [
        "Microsoft.DocumentDB/databaseAccounts/listConnectionStrings/action",
        "Microsoft.DocumentDB/databaseAccounts/listKeys/action",
        "Microsoft.DocumentDB/databaseAccounts/readonlykeys/action",
    ],
    "azurerm_cosmosdb_sql_container": [],
    "azurerm_cosmosdb_sql_database": [],
    "azurerm_cosmosdb_sql_role_assignment": [],
    "azurerm_eventgrid_event_subscription": [
        "Microsoft.EventGrid/eventSubscriptions/getFullUrl/action"
    ],
    "azurerm_eventgrid_system_topic": [],
    "azurerm_eventgrid_system_topic_event_subscription": [
        "Microsoft.EventGrid/systemTopics/eventSubscriptions/getFullUrl/action"
    ],
    "azurerm_eventgrid_topic": ["Microsoft.EventGrid/topics/listKeys/action"],
    "azurerm_eventhub": [],
    "azurerm_eventhub_consumer_group": [],
    "azurerm_eventhub_namespace": [],  # a warning in its log
    "azurerm_function_app_flex_consumption": ["Microsoft.Web/sites/config/list/action"],
    "azurerm_key_vault": [],  # 403 is fine
    "azurerm_log_analytics_workspace": [],  # an error in its log, and no more
    "azurerm_monitor_action_group": [],
    "azurerm_monitor_metric_alert": [],
    "azurerm_resource_group": [],
    "azurerm_role_assignment": [],
    "azurerm_service_plan": [],
    "azurerm_servicebus_namespace": [],  # a warning in its log
    "azurerm_servicebus_queue": [],
    "azurerm_servicebus_subscription": [],
    "azurerm_servicebus_topic": [],
    "azurerm_storage_account": [],  # 403 is fine
    "azurerm_storage_container": [],
    "azurerm_storage_management_policy": [],
    "azurerm_storage_queue": [],
    "azurerm_user_assigned_identity": [],
    "terraform_data": [],
}


def test_whoever_only_plans_may_read_what_is_asked_for_and_no_more(service: Planned) -> None:
    """And where it is: in the stage's own group, and at what of others' the subscriptions are."""
    text = tree_of(service.case)["docs/deployment.md"].content.decode()
    [definition] = re.findall(r"--role-definition '(.*?)'$", text, re.M | re.S)
    assert json.loads(definition)["Actions"] == sorted(
        {action for kind in service.resources for action in ASKED[kind]}
    )
    name = json.loads(definition)["Name"]
    scopes = re.findall(
        rf'--role "{name}" \\\n  --scope /subscriptions/SUBSCRIPTION/(\S+)$', text, re.M
    )
    own, *theirs = scopes
    assert own == "resourceGroups/rg-orders-prod"
    at = {one["scope"] for one in service.of("azurerm_eventgrid_event_subscription")}
    at = {scope for scope in at if not re.match(r"azurerm_eventgrid_topic[./]", scope)}
    assert len(theirs) == len(at)
    for scope in at:
        assert [one for one in theirs if scope.endswith(one)] or scope.endswith(
            "storage_account_id"
        )


def test_every_connection_of_the_code_has_its_settings(service: Planned) -> None:
    """And each is opened with the app's identity."""
    settings = service.one("azurerm_function_app_flex_consumption")["app_settings"]
    tree = tree_of(service.case)
    used = set()
    for path, entry in tree.items():
        if path.endswith("/handler.py"):
            used |= set(re.findall(r'connection="(\w+)"', entry.content.decode()))
    given = {name.partition("__")[0] for name in settings if "__" in name}
    assert given == {*used, "AzureWebJobsStorage"}
    for connection in given:
        assert settings[f"{connection}__credential"] == "managedidentity"
    # The host takes a setting with this before the name first.
    assert not any(
        f"AzureWebJobs{connection}__" in name for connection in used for name in settings
    )


def test_what_can_have_tags_has_them(service: Planned) -> None:
    asked = pairs(service.case.answers.options.get("tags", []))
    expected = {"service": "orders", "stage": "dev", **asked}
    for kind, resources in service.resources.items():
        for resource in resources:
            if "tags" in resource:
                assert resource["tags"] == expected, kind


def test_data_and_names_do_not_depend_on_other_functions() -> None:
    """An address that changes would replace what is deployed."""
    every = tree_of(TWICE)
    for trigger in supported(PACK, TOOL):
        alone = tree_of(Case("alone", answer(PACK, TOOL, one_each([trigger]))))
        for path, entry in alone.items():
            own = re.fullmatch(
                r"infra/(function|container|servicebus|topic|eventhub|cosmos)_.*", path
            )
            if own:
                assert every[path].content == entry.content, path


def test_the_provider_has_its_features_block() -> None:
    """Which azurerm demands in its own code."""
    for name, infra in cases().items():
        [block] = PROVIDER.findall(infra["main.tf"].content.decode())
        assert re.search(r"^  features {", block, re.M), name
        assert "storage_use_azuread = true" in block, name


SECRET = re.compile(
    r"\b(\w*access_key|\w*connection_string|primary_key|\w*shared_key|instrumentation_key|AccountKey|"
    r"SharedAccessKey|InstrumentationKey|site_credential|host_keys)\b"
)
# These bring the keys of somebody else's account into the state.
WITH_KEYS = re.compile(
    r'data "azurerm_(storage_account|servicebus_namespace|eventhub_namespace|cosmosdb_account|'
    r'eventgrid_topic|function_app_host_keys)"'
)
# Who sends to Application Insights needs a role besides: local_authentication_enabled is off.
FINE = "azurerm_application_insights.app.connection_string"


def test_no_key_is_read_or_written() -> None:
    for place, text in texts():
        rest = text.replace(FINE, "").replace("application_insights_connection_string", "")
        rest = rest.replace("shared_access_key_enabled", "").replace(
            "access_key_metadata_writes_enabled", ""
        )
        assert not SECRET.search("\n".join(code_of(rest))), place
        assert not WITH_KEYS.search(text), place


def code_of(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield re.sub(r"#.*", "", line)


def test_what_needs_code_waits_for_it() -> None:
    """The Makefile applies a second time exactly if there is something to subscribe."""
    for case in PARTICULAR:
        tree = tree_of(case)
        waiting = {
            path
            for path, entry in tree.items()
            if path.endswith(".tf") and b"var.subscribed" in entry.content
        }
        waiting.discard("infra/variables.tf")
        functions = {path.removeprefix("infra/function_").removesuffix(".tf") for path in waiting}
        release = tree["scripts/release.sh"].content.decode()
        listed = re.search(r"^for name in (.*); do$", release, re.M)
        assert functions == (set(listed.group(1).split()) if listed else set())
        assert ("with_app.sh" in tree["Makefile"].content.decode()) == bool(functions)
        assert ("scripts/with_app.sh" in tree) == bool(functions)


def test_checkov_finds_just_what_is_left_out_on_purpose(tmp_path: Path) -> None:
    """Nothing else fails, and no line of `.checkov.yaml` is one that nothing needs."""
    tree = tree_of(TWICE)
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
