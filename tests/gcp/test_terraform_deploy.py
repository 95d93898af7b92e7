"""`make deploy` and `make destroy` of Google Cloud's Terraform tool: what is done, and what stays.

Terraform is the real one, and so are the archives; its provider makes up what it applies
(tools.terraform_schema). Nothing is sent anywhere.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from matrix.services import PACKS, answer
from tools.terraform import need_terraform
from tools.terraform_schema.offer import offer_schema_provider
from tools.terraform_stage import TerraformStage, ok

from generator.answers import FunctionAnswers
from generator.render import render
from generator.spec import build_spec

PACK = PACKS.providers["gcp"]
TOOL = PACK.tools["terraform"]
SETTINGS = 'project = "example-project"\nregion = "europe-west1"\nalert_email = ""\n'
# What the Makefile waits for, it says.
SLEEP = '#!/bin/sh\necho "sleep $*" >>"$HERE/slept"\n'


class Stage(TerraformStage):
    backend = "dev.gcs.tfbackend"

    def has(self, *functions: FunctionAnswers) -> None:
        self.write(render(build_spec(answer(PACK, TOOL, list(functions)), PACKS), PACKS))
        (self.folder / "infra" / "stages" / "dev.tfvars").write_text(SETTINGS, "utf-8")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    need_terraform()
    here = tmp_path / "programs"
    here.mkdir()
    (here / "sleep").write_text(SLEEP, "utf-8")
    (here / "sleep").chmod(0o755)
    folder = tmp_path / "orders"
    (folder / "infra").mkdir(parents=True)
    offer_schema_provider(folder / "infra", "google")
    # Where `make` starts terraform: it looks in the folder that it is started in.
    (folder / "terraform.d").symlink_to(folder / "infra" / "terraform.d")
    return Stage(folder, here)


API = FunctionAnswers("http", "api")
OBJECTS = FunctionAnswers("storage", "on_object", {"bucket": "inbox"})
MESSAGES = FunctionAnswers("pubsub", "on_message", {"topic": "placed"})
DOCUMENTS = FunctionAnswers("firestore", "on_document", {"database": "shop"})
CHANGED = re.compile(
    r"^  # (module\.function_\w+\.google_cloudfunctions2_function\.this) will", re.M
)
BUCKET = "google_storage_bucket.bucket_inbox"
TOPIC = "google_pubsub_topic.topic_placed"
LETTERS = "module.dead_letters_on_message.google_pubsub_subscription.this"
DATABASE = "google_firestore_database.database_shop"
AGENT = "google_project_iam_member.storage_agent"


def test_a_stage_from_its_first_deployment_to_its_end(stage: Stage) -> None:
    """Nothing changes twice, only changed code is deployed, and data outlives its function."""
    stage.has(API, OBJECTS)
    said = ok(stage.make("deploy", "STAGE=dev"))
    assert "Apply complete!" in said
    # Roles come before what needs them, and Google has had the time to know them.
    ready = said.index("terraform_data.ready: Creation complete")
    assert said.index(f"{AGENT}: Creation complete") < ready
    assert ready < said.index("module.function_api.google_cloudfunctions2_function.this: Creating")
    assert (stage.here / "slept").read_text("utf-8") == "sleep 90\n"

    said = ok(stage.make("deploy", "STAGE=dev"))
    assert "No changes." in said

    # A function is uploaded and built anew if its own code changed.
    logic = stage.folder / "src" / "orders" / "api" / "logic.py"
    logic.write_text(logic.read_text("utf-8") + "\nCHANGED = True\n", "utf-8")
    said = ok(stage.make("plan", "STAGE=dev"))
    assert CHANGED.findall(said) == ["module.function_api.google_cloudfunctions2_function.this"]
    said = ok(stage.make("deploy", "STAGE=dev"))
    # The provider would make an archive of another name before it deletes the old one; this one,
    # which does not know that an object's name is for good, changes it.
    uploaded = said.index("module.function_api.google_storage_bucket_object.archive: Mod")
    built = said.index("module.function_api.google_cloudfunctions2_function.this: Modifying")
    assert uploaded < built
    assert "module.function_on_object.google_cloudfunctions2_function.this: Mod" not in said

    # A new function leaves the others alone.
    stage.has(API, OBJECTS, MESSAGES)
    logic.write_text(logic.read_text("utf-8") + "\nCHANGED = True\n", "utf-8")
    said = ok(stage.make("plan", "STAGE=dev"))
    assert CHANGED.findall(said) == [
        "module.function_on_message.google_cloudfunctions2_function.this"
    ]
    ok(stage.make("deploy", "STAGE=dev"))

    # One that goes leaves its bucket, or nothing is deployed.
    stage.has(API, MESSAGES)
    done = stage.make("deploy", "STAGE=dev")
    assert done.returncode != 0
    assert f"{BUCKET}: orders-inbox-dev-" in done.stderr
    assert f"{AGENT}: roles/pubsub.publisher of serviceAccount:service-" in done.stderr
    assert "google_storage_bucket.source" not in done.stderr
    assert "DATA=delete" in done.stderr
    assert "module.function_on_object.google_cloudfunctions2_function.this" in stage.state()
    command = next(line for line in done.stderr.split("\n") if "state rm" in line)
    ok(subprocess.run(command, shell=True, cwd=stage.folder, capture_output=True, text=True))
    ok(stage.make("deploy", "STAGE=dev"))
    assert not any("on_object" in address for address in stage.state())

    # What holds data is forgotten, not deleted.
    said = ok(stage.make("destroy", "STAGE=dev"))
    assert stage.state() == set()
    for address in (TOPIC, LETTERS):
        assert f"Removed {address}" in said
        assert f"{address}: Destroying" not in said
    assert "google_pubsub_subscription.function_on_message: Destroying" in said
    assert "module.function_api.google_cloudfunctions2_function.this: Destroying" in said


def test_all_goes_if_one_says_so(stage: Stage) -> None:
    """Buckets may be emptied then, and databases be deleted; what others may need stays."""
    stage.has(OBJECTS, DOCUMENTS)
    ok(stage.make("deploy", "STAGE=dev"))
    assert attributes(stage, BUCKET)["force_destroy"] is False
    assert attributes(stage, DATABASE)["deletion_policy"] == "ABANDON"
    said = ok(stage.make("destroy", "STAGE=dev", "DATA=delete"))
    modified = said.index(f"{DATABASE}: Modifications complete")
    assert modified < said.index(f"{DATABASE}: Destroying")
    assert f"{BUCKET}: Destroying" in said
    assert f"Removed {AGENT}" in said
    assert f"{AGENT}: Destroying" not in said
    assert stage.state() == set()


def attributes(stage: Stage, address: str) -> Any:
    shown = json.loads(stage.terraform("show", "-json").stdout)
    for resource in shown["values"]["root_module"]["resources"]:
        if resource["address"] == address:
            return resource["values"]
    raise AssertionError(f"{address} is not in the state")


def test_a_database_that_stays_is_no_longer_terraforms(stage: Stage) -> None:
    """It is kept as buckets are, and not deleted by the way."""
    stage.has(API, DOCUMENTS)
    ok(stage.make("deploy", "STAGE=dev"))
    stage.has(API)
    done = stage.make("deploy", "STAGE=dev")
    assert done.returncode != 0
    assert f"{DATABASE}: orders-shop-dev" in done.stderr
    said = ok(stage.make("destroy", "STAGE=dev"))
    assert f"Removed {DATABASE}" in said
    assert f"{DATABASE}: Destroying" not in said


def test_a_stage_without_settings_or_a_state_is_told_what_to_do(stage: Stage) -> None:
    """Before anything is built or asked for."""
    stage.has(API)
    done = stage.make("deploy", "STAGE=qa")
    assert done.returncode != 0
    assert "infra/stages/qa.tfvars" in done.stderr
    settings = stage.folder / "infra" / "stages" / "dev.tfvars"
    settings.write_text(SETTINGS.replace("example-project", ""), "utf-8")
    done = stage.make("deploy", "STAGE=dev")
    assert done.returncode != 0
    assert "write the project of dev into infra/stages/dev.tfvars" in done.stderr
    settings.write_text(SETTINGS, "utf-8")
    (stage.folder / "infra" / "stages" / "dev.gcs.tfbackend").write_text('bucket = ""\n', "utf-8")
    done = stage.make("deploy", "STAGE=dev")
    assert done.returncode != 0
    assert "docs/deployment.md" in done.stderr
    assert stage.state() == set()


def test_a_word_for_data_that_is_not_known_stops_a_deployment(stage: Stage) -> None:
    """`DATA=delte` deletes nothing, and deploys nothing."""
    stage.has(API)
    done = stage.make("deploy", "STAGE=dev", "DATA=delte")
    assert done.returncode != 0
    assert "DATA=delte is not known" in done.stderr
    assert stage.state() == set()
    done = stage.make("destroy", "STAGE=dev", "DATA=delte")
    assert done.returncode != 0
    assert "DATA=delte is not known" in done.stderr


def test_what_was_planned_is_applied_or_nothing(stage: Stage) -> None:
    """As one job plans, somebody looks at it, and another job deploys what the first has kept."""
    stage.has(API)
    assert " -lock=false " in ok(stage.make("plan", "STAGE=dev", "LOCK=no"))
    assert stage.state() == set()
    spec = build_spec(answer(PACK, TOOL, [API], ci="gitlab"), PACKS)
    job = yaml.safe_load(render(spec, PACKS)[".gitlab-ci.yml"].content)["plan"]
    kept = {path for name in job["artifacts"]["paths"] for path in stage.folder.glob(name)}
    for path in (*(stage.folder / "build").rglob("*"), stage.folder / "infra/.terraform.lock.hcl"):
        if path.is_file() and path not in kept:
            path.unlink()
    shutil.rmtree(stage.folder / "infra" / ".terraform")
    said = ok(stage.make("deploy", "STAGE=dev", "PLANNED=yes"))
    assert "Apply complete!" in said and "Planning" not in said and "Terraform used" not in said
    done = stage.make("deploy", "STAGE=dev", "PLANNED=yes")
    assert done.returncode != 0
    assert "Saved plan is stale" in done.stderr
