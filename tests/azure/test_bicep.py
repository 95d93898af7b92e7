"""The Bicep of every Azure combination: two parsers, checks of our own, policies, scripts.

The Bicep compiler and azd are in no registry of Python's or Node's. What only they would see is
whether a property exists and takes its value, and what Azure says: the types of the resources were
compared by hand, once (docs/tested.md).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from azure.there_already import existing
from generated.test_checkov import left_out, scan
from matrix.of_tool import cases_of, twice
from matrix.services import PACKS, Case, answer, one_each, supported
from matrix.test_every_combination import tree_of
from tools.bicep.check import check, check_parameters, second_opinion
from tools.bicep.names import expressions, symbols_of
from tools.bicep.one_file import type_of, without_index
from tools.bicep.syntax import parse
from tools.bicep.tree import Declaration, Expression, Name, Object, Text
from tools.provision import venv_program
from tools.workbench import build_workbench

from generator.answers import FunctionAnswers
from generator.plan import function_plan
from generator.spec import build_spec
from generator.templates import templates_of
from generator.tree import Tree

PACK = PACKS.providers["azure"]
TOOL = PACK.tools["azd"]
WITH_SECRETS = {"secrets": ["payment-api", "tax-api"]}


def shared() -> Case:
    """Functions of one source, a queue that one function fills and another reads, odd names."""
    return Case(
        "shared",
        answer(
            PACK,
            TOOL,
            [
                FunctionAnswers("servicebus", "app", {"entity": "a.B-c", "entity_type": "topic"}),
                FunctionAnswers("servicebus", "stage", {"entity": "a.B-c", "entity_type": "topic"}),
                FunctionAnswers("queue", "group", {"queue": "first", "output_queue": "second"}),
                FunctionAnswers("queue", "tags", {"queue": "second", "output_queue": "third"}),
                FunctionAnswers("blob", "labels", {"container": "inbox", "prefix": "in/"}),
                FunctionAnswers("blob", "identity", {"container": "inbox", "prefix": "out/"}),
                FunctionAnswers("eventhub", "blobs", {"hub": "clicks"}),
                FunctionAnswers("eventhub", "failures", {"hub": "clicks"}),
                FunctionAnswers("cosmosdb", "service_bus", {"container": "orders"}),
                FunctionAnswers("cosmosdb", "short", {"container": "customers"}),
                FunctionAnswers("eventgrid", "module", {"topic": "blobs", "event_types": ["a.b"]}),
                FunctionAnswers("eventgrid", "output", {"topic": "blobs", "subject_prefix": "/x"}),
            ],
        ),
    )


TAGS: dict[str, object] = {
    "tags": ["cost-center=4711", "Owner=Team One a.b:c/d@e+f=g", "plain=yes"]
}
TWICE = twice(PACK, TOOL, TAGS, WITH_SECRETS)
PARTICULAR = [TWICE, existing(TOOL), shared()]


@cache
def cases() -> dict[str, Tree]:
    """Everything that the matrix has for this tool, and the cases above."""
    return {case.name: tree_of(case) for case in [*cases_of(PACK, TOOL), *PARTICULAR]}


def infra_of(tree: Tree) -> dict[str, str]:
    """The files of `infra/` by their names there."""
    return {
        path.removeprefix("infra/"): entry.content.decode()
        for path, entry in tree.items()
        if path.startswith("infra/")
    }


def bicep_of(tree: Tree) -> dict[str, str]:
    return {path: text for path, text in infra_of(tree).items() if path.endswith(".bicep")}


def test_the_matrix_has_every_trigger() -> None:
    assert len(cases()) > 30
    for trigger in PACK.triggers.values():
        assert f"azure-azd-{trigger.name}" in cases()


def test_every_combination_is_sound() -> None:
    seen: set[tuple[tuple[str, str], ...]] = set()
    found = []
    for name, tree in cases().items():
        files = bicep_of(tree)
        roots = ["main.bicep", *(path for path in ["events.bicep"] if path in files)]
        parameters = infra_of(tree)["main.parameters.json"]
        problems = check_parameters(parameters, files["main.bicep"])
        content = tuple(sorted(files.items()))
        if content not in seen:
            seen.add(content)
            problems += check(files, roots)
        found += [f"{name}: {problem}" for problem in problems]
    assert found == []


def test_another_parser_reads_every_file(tmp_path: Path) -> None:
    texts = {text for tree in cases().values() for text in bicep_of(tree).values()}
    files = []
    for number, text in enumerate(sorted(texts)):
        files.append(tmp_path / f"{number}.bicep")
        files[-1].write_text(text, "utf-8")
    assert len(files) > 50
    assert second_opinion(files) == ""


# What the functions may do

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "Azure Event Hubs Data Receiver": "a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
    "Azure Service Bus Data Receiver": "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Queue Data Message Processor": "8a0f0c08-91a1-4084-bc3d-661d67233fed",
    "Storage Queue Data Message Sender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "Storage Queue Data Reader": "19e7f393-937e-4f77-808e-94535e297925",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
}
COSMOS = "Cosmos DB Built-in Data Contributor"
# What every function may do, by the host's storage and by Application Insights.
EVERYONE = {
    "Monitoring Metrics Publisher",
    "Storage Blob Data Owner",
    "Storage Queue Data Contributor",
    "Storage Table Data Contributor",
}


def roles_in(text: str) -> Iterator[tuple[str, str]]:
    """Each role that a file gives, and the name of what it is on, if that is in the file."""
    symbols = symbols_of(parse(text))
    names = {id: name for name, id in ROLES.items()}
    for resource in symbols.values():
        kind = type_of(resource) if resource.kind == "resource" else ""
        if kind == "Microsoft.Authorization/roleAssignments":
            scope = without_index(value(resource, "scope"))
            ids = {text for text in plain_texts(resource) if re.fullmatch(r"[0-9a-f-]{36}", text)}
            assert isinstance(scope, Name)
            assert len(ids) == 1
            name = value(symbols[scope.name], "name")
            yield names[ids.pop()], name.plain or "" if isinstance(name, Text) else ""
        elif kind.endswith("/sqlRoleAssignments"):
            assert COSMOS in text
            scope = value(resource, "properties", "scope")
            assert isinstance(scope, Text)
            yield COSMOS, str(scope.pieces[-1]).removeprefix("/dbs/")


def value(resource: Declaration, *keys: str) -> Expression | None:
    found: Expression | None = resource.body
    for key in keys:
        assert isinstance(found, Object)
        found = found.get(key)
    return found


def plain_texts(resource: Declaration) -> Iterator[str]:
    for expression in expressions(resource):
        for part in expression.walk():
            if isinstance(part, Text) and part.plain:
                yield part.plain


@pytest.mark.parametrize("case", PARTICULAR, ids=lambda case: case.name)
def test_the_app_may_do_what_its_functions_need_and_no_more(case: Case) -> None:
    """As trigger.toml and provider.toml say, which is what a person is told before."""
    spec = build_spec(case.answers, PACKS)
    files = bicep_of(tree_of(case))
    modules = [text for path, text in files.items() if path.startswith("modules/")]
    given = {role for text in modules for role, _ in roles_in(text)}
    with_secrets = any(function.options["secrets"] for function in spec.functions)
    assert given == {
        *EVERYONE,
        *(["Key Vault Secrets User"] if with_secrets else []),
        *(["Storage Blob Data Contributor"] if "modules/dead_letters.bicep" in files else []),
    }
    for function in spec.functions:
        planned = function_plan(spec, function, templates_of(PACKS.roots)).permissions
        expected = {
            (role, on_what(permission.on))
            for permission in planned
            for role in permission.actions
            if on_what(permission.on)
        }
        text = files.get(f"functions/{function.name}.bicep", "")
        assert set(roles_in(text)) == expected, function.name


KEY_VAULT = "the service's Key Vault, which has the secrets of its functions alone"


def on_what(words: str) -> str:
    """The name in the words of a permission; nothing, if that is what all functions share."""
    if words in ("Application Insights of the app", KEY_VAULT) or "host" in words:
        return ""
    match = re.match(r"(?:container|queue|subscription|event hub|database) ([^ ,]+)", words)
    assert match, words
    return match[1]


# What is in the files


def test_every_connection_of_the_code_has_its_settings() -> None:
    """And each is opened with the app's identity."""
    for case in PARTICULAR:
        tree = tree_of(case)
        used = set()
        for path, entry in tree.items():
            if path.endswith("/handler.py"):
                used |= set(re.findall(r'connection="(\w+)"', entry.content.decode()))
        main = bicep_of(tree)["main.bicep"]
        [settings] = re.findall(r"^    settings: \{\n(.*?)^    \}", main, re.M | re.S)
        given = dict(line.strip().split(": ", 1) for line in settings.splitlines())
        assert {name.partition("__")[0] for name in given if "__" in name} == used
        for connection in used:
            assert given[f"{connection}__credential"] == "'managedidentity'"
            assert given[f"{connection}__clientId"] == "identity.outputs.clientId"
        assert given["STAGE"] == "stage"


def test_nothing_is_opened_with_a_key() -> None:
    off = {
        "Microsoft.Storage/storageAccounts": "allowSharedKeyAccess: false",
        "Microsoft.ServiceBus/namespaces": "disableLocalAuth: true",
        "Microsoft.EventHub/namespaces": "disableLocalAuth: true",
        "Microsoft.EventGrid/topics": "disableLocalAuth: true",
        "Microsoft.DocumentDB/databaseAccounts": "disableLocalAuth: true",
        "Microsoft.Insights/components": "DisableLocalAuth: true",
    }
    made = 0
    for text in bicep_of(tree_of(TWICE)).values():
        for kind, switch in off.items():
            for body in re.findall(
                rf"^resource \w+ '{kind}@[^']*' = {{\n(.*?)^}}", text, re.M | re.S
            ):
                assert switch in body
                made += 1
        assert not re.search(r"AccountKey|SharedAccessKey|listKeys\(\)", text)
    assert made == 7 + 1 + 1 - 2 + 1  # two storage accounts, two topics, and one each of the others


def test_what_is_shared_has_one_name_and_files_do_not_depend_on_other_functions() -> None:
    every = infra_of(tree_of(TWICE))
    for trigger in supported(PACK, TOOL):
        alone = infra_of(tree_of(Case("alone", answer(PACK, TOOL, one_each([trigger])))))
        for path, text in alone.items():
            if path.startswith(("functions/", "sources/")) or path in (
                "modules/identity.bicep",
                "modules/host_storage.bicep",
                "modules/service_bus.bicep",
            ):
                assert every[path] == text, path


def test_azure_yaml_names_what_is_there() -> None:
    for tree in cases().values():
        settings = yaml.safe_load(tree["azure.yaml"].content)
        [service] = settings["services"].values()
        assert service["remoteBuild"] is False
        hook = settings.get("hooks", {}).get("postdeploy", {}).get("run")
        assert ("infra/events.bicep" in tree) == (hook is not None)
        assert hook is None or hook in tree
        assert ("scripts/subscribe.sh" in tree) == (hook is not None)


def test_policies_are_kept_but_for_what_is_left_out(tmp_path: Path) -> None:
    """Nothing else fails, and no line is one that nothing needs."""
    made = build_workbench(tmp_path / "orders", TWICE.answers)
    # From elsewhere, where checkov does not see the service's `.checkov.yaml`.
    words = ["--framework", "bicep", "--output", "json", "-d", made.folder / "infra"]
    done = scan(words, tmp_path)
    found = json.loads(done.stdout)
    assert found["summary"]["passed"] > 30, done.stdout + done.stderr
    assert found["summary"]["parsing_errors"] == 0
    failed = {check["check_id"] for check in found["results"]["failed_checks"]}
    assert failed == left_out(made)
    done = scan(["-d", "."], made.folder)
    assert done.returncode == 0, done.stdout
    assert "bicep scan results" in done.stdout


def test_the_scripts_are_clean(tmp_path: Path) -> None:
    texts = {
        entry.content
        for tree in cases().values()
        for path, entry in tree.items()
        if path.startswith("scripts/") and path.endswith(".sh")
    }
    scripts = []
    for number, text in enumerate(sorted(texts)):
        scripts.append(tmp_path / f"{number}.sh")
        scripts[-1].write_bytes(text)
    done = subprocess.run(
        [venv_program("shellcheck", "shellcheck"), *scripts],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
