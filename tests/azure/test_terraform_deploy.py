"""`make deploy` and `make destroy` of the Terraform tool: in which order what is done, what stays.

Terraform is the real one; its provider makes up what it applies (tools.terraform_schema), and what
stands in for `az` writes down what it is asked. Of these commands the real one says that it knows
them.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from matrix.services import PACKS, answer
from tools.provision import venv_program
from tools.terraform import need_terraform
from tools.terraform_schema.offer import offer_schema_provider
from tools.terraform_stage import TerraformStage, ok

from generator.answers import FunctionAnswers
from generator.render import render
from generator.spec import build_spec

PACK = PACKS.providers["azure"]
TOOL = PACK.tools["terraform"]
# Terraform's provider adds a setting to a new app, which is there until it is deleted.
# The app has the functions whose names are in a file, from when it was published.
AZ = r"""#!/bin/sh
(IFS=$(printf '\t') && echo "$*" >>"$HERE/asked")
case $* in
  "functionapp function list"*) sed 's|^|app/|' "$HERE/deployed" ;;
  "functionapp keys list"*) cat "$HERE/key" ;;
  "rest --method get"*) cat "$HERE/reader" ;;
  "rest --method patch"*) echo "$*" | sed 's|.*Identity": "\(.*\)"}}|\1|' >"$HERE/reader" ;;
  "functionapp config appsettings list"*) cat "$HERE/added" ;;
  "functionapp config appsettings delete"*) : >"$HERE/added" ;;
  "resource show"*) echo 11111111-1111-1111-1111-111111111111 ;;
esac
"""
PUBLISH = """\
#!/bin/sh
echo "publish $*" >>"$HERE/asked"
ls src/orders | grep -v __ >"$HERE/deployed"
echo secret-key >"$HERE/key"
"""


class Stage(TerraformStage):
    backend = "dev.azurerm.tfbackend"

    def has(self, *functions: FunctionAnswers) -> None:
        self.write(render(build_spec(answer(PACK, TOOL, list(functions)), PACKS), PACKS))
        (self.folder / "scripts" / "publish.sh").write_text(PUBLISH, "utf-8")

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Without building the package: nothing here looks into it."""
        return super().make("-o", "package", *words)

    def asked(self) -> list[str]:
        """What az, and scripts/publish.sh, were asked since the last time."""
        file = self.here / "asked"
        text = file.read_text("utf-8") if file.exists() else ""
        file.unlink(missing_ok=True)
        return text.splitlines()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    need_terraform()
    here = tmp_path / "programs"
    here.mkdir()
    for name, text in (("az", AZ), ("sleep", "#!/bin/sh\n")):
        (here / name).write_text(text, "utf-8")
        (here / name).chmod(0o755)
    for name in ("deployed", "key", "reader"):
        (here / name).touch()
    (here / "added").write_text("AzureWebJobsStorage\n", "utf-8")
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "build").mkdir()
    offer_schema_provider(folder, "azurerm")
    return Stage(folder, here)


def verbs(asked: list[str]) -> list[str]:
    """The commands without their options, each once in a row."""
    words = [line.replace("\t", " ") for line in asked]
    short = [line.partition(" --")[0].partition(" rg-")[0] for line in words]
    return [verb for n, verb in enumerate(short) if n == 0 or short[n - 1] != verb]


ARM_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites"
API = FunctionAnswers("http", "api", {"secrets": ["payment-api"]})
BLOB = FunctionAnswers("blob", "on_blob", {"container": "inbox"})
EVENT = FunctionAnswers("eventgrid", "on_event", {"topic": "placed"})
OTHER = FunctionAnswers(
    "eventgrid", "on_other", {"topic": "theirs", "existing": True, "topic_group": "rg-x"}
)
SYSTEM = "azurerm_eventgrid_system_topic_event_subscription.function_on_blob[0]"
CUSTOM = "azurerm_eventgrid_event_subscription.function_on_event[0]"


def test_a_stage_from_its_first_deployment_to_its_end(stage: Stage) -> None:
    stage.has(API, BLOB)
    said = ok(stage.make("deploy", "STAGE=dev"))
    # The subscription comes last: once the app has the function and a key for it.
    assert verbs(stage.asked()) == [
        "rest",
        "functionapp config appsettings list",
        "functionapp config appsettings delete",
        "rest",
        "functionapp config appsettings list",
        "functionapp function list",
        "publish",
        "functionapp function list",
        "functionapp keys list",
    ]
    assert said.index("azurerm_function_app_flex_consumption.app: Creation complete") < said.index(
        f"{SYSTEM}: Creating"
    )
    assert "code=secret-key" in state_text(stage)
    assert SYSTEM in stage.state()

    # Nothing has changed: the package is handed over, and that is all.
    said = ok(stage.make("deploy", "STAGE=dev"))
    assert said.count("No changes.") == 2
    asked = stage.asked()
    assert "publish" in verbs(asked)
    assert not [line for line in asked if "delete" in line or "patch" in line]

    # An apply ended before it had mended the app. Terraform sees nothing to do; it is mended now.
    (stage.here / "added").write_text("AzureWebJobsStorage\n", "utf-8")
    (stage.here / "reader").write_text("", "utf-8")
    ok(stage.make("deploy", "STAGE=dev"))
    asked = stage.asked()
    assert "functionapp config appsettings delete" in verbs(asked)
    assert [line for line in asked if line.startswith("rest\t--method\tpatch")]

    # A new function is subscribed after its code, and the old one is not touched.
    (stage.here / "key").write_text("another-key", "utf-8")
    stage.has(API, BLOB, EVENT, OTHER)
    said = ok(stage.make("plan", "STAGE=dev"))
    assert "function_on_event" not in said.partition("Plan:")[0]
    said = ok(stage.make("deploy", "STAGE=dev"))
    assert CUSTOM in stage.state()
    assert not re.search(rf"{re.escape(SYSTEM)}: (Modifying|Destroying|Creating)", said)
    assert "code=secret-key" in state_text(stage)
    assert "resource show" in verbs(stage.asked())

    # One that goes loses its subscription; its container is kept, or nothing is deployed.
    stage.has(API, EVENT)
    done = stage.make("deploy", "STAGE=dev")
    assert done.returncode != 0
    assert "azurerm_storage_container.container_on_blob" not in done.stderr
    assert "azurerm_storage_container.container_inbox: inbox" in done.stderr
    assert "publish" not in verbs(stage.asked())
    command = next(line for line in done.stderr.split("\n") if "state rm" in line)
    ok(subprocess.run(command, shell=True, cwd=stage.folder, capture_output=True, text=True))
    ok(stage.make("deploy", "STAGE=dev"))
    assert SYSTEM not in stage.state()

    # What holds data is forgotten, not deleted.
    said = ok(stage.make("destroy", "STAGE=dev"))
    assert stage.state() == set()
    for kind in ("resource_group", "storage_account", "storage_container", "key_vault"):
        assert f"Removed azurerm_{kind}." in said
        assert not re.search(rf"azurerm_{kind}\.\w+: Destroying", said)
    assert "azurerm_function_app_flex_consumption.app: Destroying" in said


def test_all_goes_if_one_says_so(stage: Stage) -> None:
    stage.has(FunctionAnswers("queue", "jobs"))
    ok(stage.make("deploy", "STAGE=dev"))
    # Nothing waits for code, so nothing is applied twice.
    assert verbs(stage.asked())[-1] == "publish"
    said = ok(stage.make("destroy", "STAGE=dev", "DATA=delete"))
    assert "azurerm_resource_group.app: Destroying" in said
    assert "azurerm_storage_account.data: Destroying" in said
    assert stage.state() == set()


def test_a_package_without_the_function_is_told(stage: Stage) -> None:
    stage.has(EVENT)
    (stage.folder / "scripts" / "publish.sh").write_text("#!/bin/sh\n", "utf-8")
    done = stage.make("deploy", "STAGE=dev")
    assert done.returncode != 0
    assert "no function on_event" in done.stderr
    assert CUSTOM not in stage.state()


def test_a_new_app_is_given_time_to_have_its_roles(stage: Stage) -> None:
    stage.has(API)
    (stage.folder / "scripts" / "publish.sh").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    done = stage.make("deploy", "STAGE=dev")
    assert done.returncode != 0
    assert done.stderr.count("once more in a minute") == 4
    # One that has functions is not new.
    (stage.here / "deployed").write_text("api\n", "utf-8")
    done = stage.run("bash", "scripts/release.sh")
    assert done.returncode != 0
    assert "once more" not in done.stderr


def test_a_stage_without_settings_or_a_state_is_told_what_to_do(stage: Stage) -> None:
    stage.has(API)
    done = stage.make("deploy", "STAGE=qa")
    assert "infra/stages/qa.tfvars" in done.stderr
    backend = stage.folder / "infra" / "stages" / "dev.azurerm.tfbackend"
    backend.write_text('storage_account_name = ""\n', "utf-8")
    done = stage.make("deploy", "STAGE=dev")
    assert "docs/deployment.md" in done.stderr
    assert done.returncode != 0
    assert stage.asked() == []


def state_text(stage: Stage) -> str:
    return (stage.folder / "infra" / "dev.tfstate").read_text("utf-8")


def test_the_scripts_are_clean_and_the_azure_cli_knows_their_commands(stage: Stage) -> None:
    stage.has(API, BLOB, EVENT, OTHER)
    scripts = set((stage.folder / "scripts").glob("*.sh")) - {stage.folder / "scripts/publish.sh"}
    shellcheck = venv_program("shellcheck", "shellcheck")
    ok(subprocess.run([shellcheck, *scripts], capture_output=True, text=True))
    ok(stage.make("deploy", "STAGE=dev"))
    asked = [line for line in stage.asked() if not line.startswith("publish")]
    calls = {re.sub(r"azurerm_\w+(?=/)", ARM_ID, line) for line in asked}
    az = venv_program("azure_cli", "az")
    home = {**os.environ, "AZURE_CONFIG_DIR": str(stage.here / "home")}
    for call in sorted(calls):
        done = subprocess.run(
            [az, *call.split("\t")], env=home, capture_output=True, text=True, check=False
        )
        # What it cannot parse, it does not ask a login for.
        assert "az login" in done.stderr, f"{call!r}: {done.stderr}"


def test_what_was_planned_is_applied_or_nothing(stage: Stage) -> None:
    """As one job plans, somebody looks at it, and another job deploys."""
    stage.has(FunctionAnswers("queue", "jobs"))
    assert " -lock=false " in ok(stage.make("plan", "STAGE=dev", "LOCK=no"))
    assert stage.state() == set()
    stage.has(FunctionAnswers("queue", "jobs"), FunctionAnswers("queue", "later"))
    ok(stage.make("deploy", "STAGE=dev", "PLANNED=yes"))
    queues = {address for address in stage.state() if "_queue." in address}
    assert any("jobs" in address for address in queues)
    assert not any("later" in address for address in queues)
    assert "publish" in verbs(stage.asked())
    # The stage is another one now, so what was planned for it before is refused.
    done = stage.make("deploy", "STAGE=dev", "PLANNED=yes")
    assert done.returncode != 0
    assert "Saved plan is stale" in done.stderr
    assert "publish" not in verbs(stage.asked())
