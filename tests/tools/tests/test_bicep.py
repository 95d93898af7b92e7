"""The checker of Bicep: what is sound passes, and each thing that is wrong is found, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.bicep.check import check, check_parameters, second_opinion
from tools.bicep.syntax import parse
from tools.bicep.tree import Member, Operation, Text

MAIN = """\
targetScope = 'subscription'

@description('The stage\\'s name.')
@maxLength(10)
param stage string
param email string = ''

var service = 'orders' // a comment
var emails = empty(email) ? [] : [email]

/* another
   comment */
resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${service}-${stage}'
  location: deployment().location
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'st${take(uniqueString(subscription().id, stage), 8)}'
    containers: ['in', 'out']
    sku: stage == 'prod' ? 'Standard_ZRS' : 'Standard_LRS'
  }
}

module reader 'modules/reader.bicep' = [
  for address in emails: {
    scope: group
    params: {
      account: storage.outputs.name
      description: address
    }
  }
]

output ENDPOINT string = storage.outputs.endpoint
"""
STORAGE = """\
param name string
param containers array
@allowed(['Standard_LRS', 'Standard_ZRS'])
param sku string
param tags object = {}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  tags: tags
  sku: { name: sku }

  resource blobs 'blobServices' = {
    name: 'default'
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for (each, number) in containers: {
    parent: blobs
    name: '${each}-${number}'
  }
]

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' existing = {
  parent: account
  name: 'default'
}

output name string = account.name
output endpoint string = account.properties.primaryEndpoints.blob
"""
READER = """\
param account string
param description string

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: account
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, 'reader')
  scope: storage
  properties: {
    description: description
  }
}
"""
FILES = {"main.bicep": MAIN, "modules/storage.bicep": STORAGE, "modules/reader.bicep": READER}


def problems(path: str = "main.bicep", old: str = "", new: str = "") -> list[str]:
    """Of the files above, with one change."""
    if old:
        assert FILES[path].count(old) >= 1
    changed = {**FILES, path: FILES[path].replace(old, new, 1) if old else FILES[path] + new}
    return check(changed, ["main.bicep"])


def test_what_is_sound_has_no_problem() -> None:
    assert problems() == []


STORAGE_FILE, READER_FILE = "modules/storage.bicep", "modules/reader.bicep"
BROKEN = {
    # Syntax
    "no end of a text": ("main.bicep", "'orders'", "'orders", "a text that has no end"),
    "no brace": ("main.bicep", "  location: deployment().location\n}", "", "is missing"),
    "no such statement": ("main.bicep", "var service", "let service", "let is no statement"),
    "two on a line": ("main.bicep", "\nparam email", " param email", "ends with its line"),
    "strange sign": ("main.bicep", "'orders' //", "'orders' ; //", "means nothing here"),
    # Names
    "unknown name": ("main.bicep", "rg-${service}", "rg-${servise}", "servise is not declared"),
    "unknown name in a call": (
        STORAGE_FILE,
        "name: name",
        "name: trim(nam)",
        "nam is not declared",
    ),
    "a loop's name outside": (STORAGE_FILE, "parent: account", "parent: each", "each is not"),
    "unknown function": ("main.bicep", "take(", "taken(", "there is no function taken"),
    "unknown decorator": ("main.bicep", "@maxLength", "@maximum", "there is no decorator maximum"),
    "unknown type": ("main.bicep", "stage string", "stage text", "there is no type text"),
    "two of a name": ("main.bicep", "", "\nvar stage = 'dev'\n", "stage is declared twice"),
    "two outputs": (STORAGE_FILE, "output endpoint", "output name", "name is declared twice"),
    "two of a key": (READER_FILE, "scope: storage", "name: 'x'", "key name is there twice"),
    "unused parameter": ("main.bicep", "", "\nparam more string\n", "more is not used"),
    "unused variable": ("main.bicep", "", "\nvar more = 1\n", "more is not used"),
    "unused existing resource": (
        READER_FILE,
        "",
        "\nresource other 'Microsoft.Web/sites@2025-03-01' existing = { name: 'a' }\n",
        "other is not used",
    ),
    # Modules
    "no such module": ("main.bicep", "modules/reader", "modules/writer", "no modules/writer.bicep"),
    "not a parameter": ("main.bicep", "containers:", "container:", "has no parameter container"),
    "missing parameter": (
        "main.bicep",
        "    containers: ['in', 'out']\n",
        "",
        "needs the parameter",
    ),
    "wrong type": ("main.bicep", "['in', 'out']", "'in'", "containers is array, not string"),
    "wrong type of an output": (
        "main.bicep",
        "containers: ['in', 'out']",
        "containers: storage.outputs.name",
        "containers is array, not string",
    ),
    "not allowed": (
        "main.bicep",
        "stage == 'prod' ? 'Standard_ZRS' : 'Standard_LRS'",
        "'ZRS'",
        "cannot be 'ZRS'",
    ),
    "no such output": (
        "main.bicep",
        "outputs.endpoint",
        "outputs.url",
        "storage has no output url",
    ),
    "not by outputs": ("main.bicep", "storage.outputs.name", "storage.endpoint", "storage.outputs"),
    "unknown key": ("main.bicep", "scope: group\n  params", "group: group\n  params", "no group"),
    "wrong scope": ("main.bicep", "  scope: group\n  params", "  params", "not for a subscription"),
    # Resources
    "preview": (READER_FILE, "2022-04-01", "2022-04-01-preview", "no type with a stable version"),
    "no version": (READER_FILE, "@2022-04-01", "", "no type with a stable version"),
    "no name": (READER_FILE, "  name: guid(storage.id, 'reader')\n", "", "reads has no name"),
    "unknown top-level key": (READER_FILE, "  properties:", "  property:", "has no property"),
    "no parent": (STORAGE_FILE, "    parent: blobs\n", "", "container has no parent"),
    "wrong parent": (STORAGE_FILE, "parent: blobs", "parent: account", "is no child of"),
    "of a group in a subscription": (
        "main.bicep",
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Storage/storageAccounts",
        "cannot be deployed to a subscription",
    ),
    "elsewhere without a module": (
        READER_FILE,
        "scope: storage",
        "scope: resourceGroup('other')",
        "is in a module",
    ),
    # What is known too late
    "late name": (
        READER_FILE,
        "guid(storage.id, 'reader')",
        "guid(storage.properties.primaryEndpoints.blob)",
        "known too late",
    ),
    "late condition": (
        "main.bicep",
        "for address in emails",
        "for address in storage.outputs.name",
        "known too late",
    ),
    "hidden function": ("main.bicep", "param email string", "param take string", "take is no"),
    "hidden decorator": (
        "main.bicep",
        "param email string = ''",
        "param description string = ''",
        "description is no function here",
    ),
    "loop within a call": (
        STORAGE_FILE,
        "tags: tags",
        "tags: union(tags, [for each in containers: each])",
        "a loop cannot be here",
    ),
    # Secrets
    "secret in an output": (
        STORAGE_FILE,
        "account.properties.primaryEndpoints.blob",
        "account.listKeys().keys[0].value",
        "shows the secret of listKeys()",
    ),
    # Dependencies
    "a circle": (STORAGE_FILE, "name: name\n", "name: container[0].name\n", "a circle"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_found(name: str) -> None:
    path, old, new, said = BROKEN[name]
    found = problems(path, old, new)
    assert any(problem.startswith(path) and said in problem for problem in found), found


def test_a_problem_names_its_line() -> None:
    [problem] = problems("main.bicep", "rg-${service}", "rg-${service}${stag}")
    assert problem == "main.bicep:14: stag is not declared"


def test_what_follows_from_a_late_variable_is_late() -> None:
    late = "var key = storage.properties.primaryEndpoints.blob\n\nresource reads"
    changed = READER.replace("resource reads", late).replace(
        "guid(storage.id, 'reader')", "guid(key)"
    )
    [problem] = check({**FILES, READER_FILE: changed}, ["main.bicep"])
    assert "reads: its name cannot follow from storage.properties" in problem


def test_a_dependency_that_is_plain_is_not_said_again() -> None:
    needless = "  scope: group\n  dependsOn: [\n    group\n  ]\n  params: {\n    name"
    [problem] = problems("main.bicep", "  scope: group\n  params: {\n    name", needless)
    assert "storage depends on group anyway" in problem
    [problem] = problems(
        "main.bicep",
        "  scope: group\n  params: {\n    name",
        needless.replace("    group", "    stage"),
    )
    assert "names what is no resource or module" in problem


def test_a_secret_parameter_is_not_shown() -> None:
    secret = (
        READER.replace("param account", "@secure()\nparam account")
        + "\noutput a string = account\n"
    )
    [problem] = check({**FILES, READER_FILE: secret}, ["main.bicep"])
    assert "output a shows the secret account" in problem


def test_every_file_is_deployed_or_a_module() -> None:
    assert check({**FILES, "left.bicep": "var a = 1\noutput b int = a\n"}, ["main.bicep"]) == [
        "left.bicep: is no module of any file"
    ]
    assert check(FILES, ["main.bicep", "other.bicep"]) == ["other.bicep: is missing"]


def test_parameters_are_those_of_the_template() -> None:
    given = '{"parameters": {"stage": {"value": "${STAGE}"}}}'
    assert check_parameters(given, MAIN) == []
    assert check_parameters(given.replace("stage", "level"), MAIN) == [
        "level is no parameter",
        "stage is missing",
    ]


def test_operators_bind_as_in_bicep() -> None:
    [declaration] = parse("var a = !b && c.d == 'e-${f}' || g ? h : i\n")
    choice = declaration.value
    assert isinstance(choice, Operation)
    [either] = [part for part in choice.operands if isinstance(part, Operation)]
    assert (choice.operator, either.operator) == ("?:", "||")
    both = either.operands[0]
    assert isinstance(both, Operation)
    equal = both.operands[1]
    assert isinstance(equal, Operation)
    member, text = equal.operands
    assert isinstance(member, Member)
    assert isinstance(text, Text)
    assert (both.operator, equal.operator, member.name, text.plain) == ("&&", "==", "d", None)


def test_pycep_agrees_and_says_where_it_does_not(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.bicep", tmp_path / "bad.bicep"
    good.write_text(READER, "utf-8")
    bad.write_text(READER.replace("scope: storage", "scope storage"), "utf-8")
    assert second_opinion([good]) == ""
    said = second_opinion([good, bad])
    assert str(bad) in said
    assert str(good) not in said
