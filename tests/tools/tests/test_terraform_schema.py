"""A provider made of its schema: what the real terraform finds wrong with it, and what it plans."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.terraform import need_terraform
from tools.terraform_schema.run import initialised, planned, terraform
from tools.terraform_schema.schema import Attribute, Block, Nested, within_sets
from tools.terraform_schema.typescript import read_module

PROVIDERS = ("azurerm", "google")
HEAD = """
terraform {
  required_providers {
    NAME = {
      source = "hashicorp/NAME"
    }
  }
}
"""
AZURERM = """
provider "azurerm" {
  features {}
}

data "azurerm_client_config" "current" {}

resource "azurerm_resource_group" "app" {
  name     = "rg-${data.azurerm_client_config.current.subscription_id}"
  location = "westeurope"
}

resource "azurerm_user_assigned_identity" "app" {
  name                = "id"
  resource_group_name = azurerm_resource_group.app.name
  location            = "westeurope"
}

resource "azurerm_storage_management_policy" "app" {
  storage_account_id = azurerm_user_assigned_identity.app.id

  rule {
    name    = "old"
    enabled = true

    filters {
      blob_types = ["blockBlob"]
    }

    actions {
      version {
        delete_after_days_since_creation = 90
      }
    }
  }
}
"""
GOOGLE = """
resource "google_pubsub_topic" "app" {
  name = "orders"

  labels = {
    stage = "dev"
  }
}

resource "google_cloudfunctions2_function" "app" {
  name     = "orders"
  location = "europe-west1"

  build_config {
    runtime     = "python313"
    entry_point = "handler"
  }

  event_trigger {
    event_type   = "google.cloud.pubsub.topic.v1.messagePublished"
    pubsub_topic = google_pubsub_topic.app.id
  }
}
"""
CONFIGURATIONS = {"azurerm": AZURERM, "google": GOOGLE}


@pytest.fixture(scope="module", params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    need_terraform()
    return str(request.param)


@pytest.fixture(scope="module")
def folder(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of one provider, initialised once: a test writes its main.tf."""
    place = tmp_path_factory.mktemp(provider)
    write(place, HEAD.replace("NAME", provider))
    return initialised(place, provider)


def write(folder: Path, text: str) -> None:
    (folder / "main.tf").write_text(text, "utf-8")


def test_what_is_right_is_valid_and_can_be_planned(provider: str, folder: Path) -> None:
    write(folder, HEAD.replace("NAME", provider) + CONFIGURATIONS[provider])
    plan = planned(folder)
    changes = {change["address"]: change["change"] for change in plan["resource_changes"]}
    assert all(change["actions"] == ["create"] for change in changes.values())
    if provider == "azurerm":
        app = changes["azurerm_resource_group.app"]["after"]
        assert app["name"] == "rg-azurerm_client_config.subscription_id"
        policy = changes["azurerm_storage_management_policy.app"]["after"]
        assert policy["storage_account_id"] == "azurerm_user_assigned_identity/id"
    else:
        function = changes["google_cloudfunctions2_function.app"]["after"]
        assert function["event_trigger"][0]["pubsub_topic"] == "google_pubsub_topic/orders"


WRONG = {
    "azurerm": {
        "an unknown argument": ('name     = "rg', 'colour = 3\n  name     = "rg', 'named "colour"'),
        "an unknown block": (
            "    filters {",
            "    sieve {}\n    filters {",
            'Blocks of type "sieve"',
        ),
        "a missing argument": ("    enabled = true\n", "", '"enabled" is required'),
        "a wrong type": ('blob_types = ["blockBlob"]', "blob_types = 3", "set of string required"),
        "too many blocks": (
            "    actions {",
            "    actions {\n    }\n\n    actions {",
            "Too many actions blocks",
        ),
        "a missing block": (
            '    filters {\n      blob_types = ["blockBlob"]\n    }\n',
            "",
            'At least 1 "filters" blocks',
        ),
        "an unknown resource": (
            'resource "azurerm_resource_group"',
            'resource "azurerm_resource_grop"',
            "azurerm_resource_grop",
        ),
        "an unknown attribute": (
            "azurerm_resource_group.app.name",
            "azurerm_resource_group.app.title",
            "title",
        ),
    },
    "google": {
        "an unknown argument": ("  labels", '  title = "orders"\n  labels', '"title"'),
        "a missing argument": ('  location = "europe-west1"\n', "", '"location" is required'),
        "a wrong type": ('stage = "dev"', 'stage = ["dev"]', "string required"),
        "too many blocks": (
            "  build_config {",
            "  build_config {}\n\n  build_config {",
            "Too many build_config blocks",
        ),
    },
}


def test_what_is_wrong_is_told(provider: str, folder: Path) -> None:
    """Each mistake is in a module of its own: Terraform tells all that it finds in one run."""
    places = {}
    for number, (right, wrong, told) in enumerate(WRONG[provider].values()):
        text = HEAD.replace("NAME", provider) + CONFIGURATIONS[provider]
        assert right in text
        module = folder / f"wrong_{number}"
        module.mkdir()
        write(module, text.replace(right, wrong, 1))
        places[module.name] = told
    modules = [f'module "{name}" {{\n  source = "./{name}"\n}}\n' for name in places]
    write(folder, HEAD.replace("NAME", provider) + "\n".join(modules))
    assert terraform(folder, "init", "-input=false").returncode == 0
    done = terraform(folder, "validate")
    errors = [" ".join(text.split()) for text in done.stderr.split("\nError: ")[1:]]
    for name, told in places.items():
        found = [error for error in errors if f"on {name}/main.tf" in error and told in error]
        assert found, f"{told}: {done.stderr}"


def test_an_id_is_unknown_before_it_is_there(provider: str, folder: Path) -> None:
    """So that what depends on it, as a key of for_each may not, is found."""
    text = HEAD.replace("NAME", provider) + CONFIGURATIONS[provider]
    first = {"azurerm": "azurerm_resource_group.app", "google": "google_pubsub_topic.app"}[provider]
    write(
        folder, text + f'\nresource "terraform_data" "x" {{\n  for_each = toset([{first}.id])\n}}\n'
    )
    done = terraform(folder, "plan", "-input=false")
    assert done.returncode == 1
    assert "Invalid for_each argument" in done.stderr


def test_what_is_computed_is_planned_as_a_test_says(tmp_path: Path) -> None:
    """Of its own arguments, so that a plan shows which resource is meant."""
    need_terraform()
    account = 'resource "google_service_account" "a" {\n  account_id = "builder"\n}\n'
    said = 'output "x" {\n  value = google_service_account.a.email\n}\n'
    write(tmp_path, HEAD.replace("NAME", "google") + account + said)
    initialised(tmp_path, "google")
    plan = planned(tmp_path, computed={"google_service_account.email": "{account_id}@example.com"})
    assert plan["planned_values"]["outputs"]["x"]["value"] == "builder@example.com"
    assert "value" not in planned(tmp_path)["planned_values"]["outputs"]["x"]


MODULE = """
export class RedThing extends cdktn.TerraformResource {
  public static readonly tfResourceType = "red_thing";
  // name - computed: false, optional: false, required: true
  public get name() {
    return this.getStringAttribute('name');
  }
  // ports - computed: false, optional: true, required: false
  public get ports() {
    return cdktn.Fn.tolist(this.getNumberListAttribute('ports'));
  }
  // hosts - computed: true, optional: false, required: false
  public get hosts() {
    return this.getListAttribute('hosts');
  }
  // rule - computed: false, optional: false, required: true
  private _rule = new RedThingRuleList(this, "rule", true);
  protected synthesizeHclAttributes(): { [name: string]: any } {
    const attrs = {
      name: {
        value: cdktn.stringToHclTerraform(this._name),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      ports: {
        value: cdktn.listMapperHcl(cdktn.numberToHclTerraform, false)(this._ports),
        isBlock: false,
        type: "set",
        storageClassType: "numberList",
      },
      rule: {
        value: cdktn.listMapperHcl(redThingRuleToHclTerraform, true)(this._rule.internalValue),
        isBlock: true,
        type: "set",
        storageClassType: "RedThingRuleList",
      },
    };
  }
}
export function redThingRuleToHclTerraform(struct?: RedThingRule): any {
  const attrs = {
    any: {
      value: cdktn.anyToHclTerraform(struct!.any),
      isBlock: false,
      type: "map",
      storageClassType: "anyMap",
    },
  };
}
export class RedThingRuleOutputReference extends cdktn.ComplexObject {
  // any - computed: true, optional: true, required: false
  public get any() {
    return this.getAnyMapAttribute('any');
  }
}
"""


def test_a_block_is_read_from_its_class() -> None:
    described = read_module(MODULE)
    assert (described.kind, described.type) == ("resource", "red_thing")
    anything = Attribute(["map", "dynamic"], optional=True, computed=True)
    assert described.block == Block(
        attributes={
            "name": Attribute("string", required=True),
            "ports": Attribute(["set", "number"], optional=True),
            "hosts": Attribute(["list", "string"], computed=True),
        },
        blocks={"rule": Nested("SET", Block({"any": anything}), minimum=1)},
    )
    # Terraform refuses, within a set, what is of any type.
    rule = within_sets(described.block).blocks["rule"].block
    assert rule.attributes["any"].type == ["map", "string"]
