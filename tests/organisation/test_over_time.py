"""A service of Acme's over time: made, changed, updated; and one that adopts the pack later."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli.run import gen
from organisation.acme import ACME, copied, edit, new
from tools.yaml_tags import AnyTag

SLOW = "Threshold: {} # milliseconds"


def resources(service: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.load(
        (service / "template.yaml").read_text("utf-8"), AnyTag
    )["Resources"]
    return found


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """`orders`, made with the pack in `platform/packs`, which the tests change."""
    copied(tmp_path)
    made = new(tmp_path, "--packs", "platform/packs", "--trigger", "http=api")
    assert made.code == 0, made.err
    return tmp_path / "orders"


def test_a_new_service_has_what_the_platform_team_adds(service: Path) -> None:
    for path in ("SECURITY.md", "CODEOWNERS", ".buildkite/pipeline.yml"):
        assert (service / path).is_file()
    catalogue = yaml.safe_load((service / "catalog-info.yaml").read_text("utf-8"))
    assert catalogue["metadata"]["name"] == "orders"
    assert {"type", "lifecycle", "owner"} == catalogue["spec"].keys()
    assert resources(service)["ApiSlowAlarm"]["Type"] == "AWS::CloudWatch::Alarm"
    assert "## Let Buildkite deploy" in (service / "docs" / "deployment.md").read_text("utf-8")
    assert not (service / ".github").exists()
    assert '[packs]\nacme = "../platform/packs"' in (service / "gen.toml").read_text("utf-8")
    assert gen("check", folder=service).code == 0


def test_from_another_folder_and_by_the_variable(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = {"GEN_PACKS": str(ACME)}
    assert new(tmp_path, "--trigger", "http=api", env=env).code == 0
    assert 'acme = ""' in (tmp_path / "orders" / "gen.toml").read_text("utf-8")
    assert gen("check", "../orders", folder=elsewhere, env=env).code == 0
    lost = gen("check", folder=tmp_path / "orders")
    assert lost.code == 2
    assert "the pack acme is not found" in lost.err and "GEN_PACKS=DIR" in lost.err


def test_the_pack_has_moved(service: Path, tmp_path: Path) -> None:
    (tmp_path / "platform").rename(tmp_path / "moved")
    lost = gen("status", folder=service)
    assert lost.code == 2
    assert 'where: gen.toml: [packs] acme = "../platform/packs"' in lost.err
    assert gen("check", "--packs", "../moved/packs", folder=service).code == 0


def test_its_trigger_is_added_to_what_was_edited(service: Path) -> None:
    edit(service / "catalog-info.yaml", "owner: platform", "owner: checkout")
    edit(service / "template.yaml", "Resources:\n", "Resources:\n  Mine: { Type: Own }\n\n")
    edit(service / "src/orders/api/logic.py", "from __future__", "# Ours.\nfrom __future__")
    added = gen("add-trigger", "log-group", "--name", "watch", folder=service)
    assert added.code == 0, added.err
    assert "subscription filter on log group /acme/orders" in added.err
    found = resources(service)
    assert found["Mine"] == {"Type": "Own"}
    assert {"WatchLogSubscription", "WatchLogPermission", "WatchSlowAlarm"} <= found.keys()
    assert "owner: checkout" in (service / "catalog-info.yaml").read_text("utf-8")
    assert "# Ours." in (service / "src/orders/api/logic.py").read_text("utf-8")
    assert (service / "scripts" / "prepare_watch.py").is_file()
    assert gen("check", folder=service).code == 0
    assert gen("remove-trigger", "watch", folder=service).code == 0
    assert not (service / "src/orders/watch").exists()
    assert "WatchLogSubscription" not in resources(service)


def test_a_change_of_the_pack_comes_with_gen_update_alone(service: Path, tmp_path: Path) -> None:
    edit(service / "template.yaml", SLOW.format(8000), SLOW.format(9000))
    pack = tmp_path / "platform" / "packs"
    project = pack / "base" / "project"
    edit(project / "SECURITY.md.j2", "Somebody answers within a", "Somebody answers within the")
    edit(pack / "pack.toml", "memory_size = 512", "memory_size = 1024")
    (project / "RUNBOOK.md.j2").write_text("# When {{ service.name }} pages you\n", "utf-8")
    refused = gen("add-trigger", "sqs", folder=service)
    assert refused.code == 2
    assert "its packs differ from the installed ones" in refused.err
    assert "gen update brings in what they say now" in refused.err
    updated = gen("update", folder=service)
    assert updated.code == 0, updated.err
    assert "within the working day" in (service / "SECURITY.md").read_text("utf-8")
    assert (service / "RUNBOOK.md").read_text("utf-8") == "# When orders pages you\n"
    template = (service / "template.yaml").read_text("utf-8")
    assert "MemorySize: 1024" in template and SLOW.format(9000) in template
    assert gen("check", folder=service).code == 0


def test_a_service_that_is_there_adopts_the_pack(tmp_path: Path) -> None:
    """Its policies hold from then on, and say what has to change first."""
    copied(tmp_path)
    assert new(tmp_path, "--trigger", "http=api", "--ci", "none").code == 0
    service = tmp_path / "orders"
    edit(service / "src/orders/api/logic.py", "from __future__", "# Ours.\nfrom __future__")
    edit(
        service / "gen.toml",
        "\n[functions.api]",
        '\n[packs]\nacme = "../platform/packs"\n\n[functions.api]',
    )
    edit(service / "gen.toml", 'trigger = "http"\n', 'trigger = "http"\nauth = "none"\n')
    refused = gen("update", folder=service)
    assert refused.code == 2
    assert "an API of Acme's knows its callers" in refused.err
    assert "where: gen.toml:" in refused.err and 'auth = "none"' in refused.err
    assert not (service / "SECURITY.md").exists()
    edit(service / "gen.toml", 'auth = "none"\n', "")
    adopted = gen("update", folder=service)
    assert adopted.code == 0, adopted.err
    assert (service / "SECURITY.md").is_file()
    assert "ApiSlowAlarm" in resources(service)
    assert "# Ours." in (service / "src/orders/api/logic.py").read_text("utf-8")
    assert gen("check", folder=service).code == 0
