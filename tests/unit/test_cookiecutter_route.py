"""The hooks, as Cookiecutter calls them: what is wrong is a message and exit 2, no traceback."""

from __future__ import annotations

import json

import pytest

from generator.cookiecutter_route import post_gen_project, pre_gen_project
from generator.metadata import Option
from generator.packs import Packs


def filters():
    """Every option that is a filter, with its provider and its trigger."""
    for provider, pack in Packs().providers.items():
        for trigger in pack.triggers.values():
            for option in trigger.options.values():
                if option.format:
                    yield pytest.param(provider, trigger.name, option, id=trigger.name)


@pytest.mark.parametrize(("provider", "trigger", "option"), list(filters()))
@pytest.mark.parametrize("hook", [pre_gen_project, post_gen_project])
@pytest.mark.parametrize("deep", ['{"a":' * 2000, '{"a":' * 300], ids=["long", "deep"])
def test_a_filter_that_is_nested_too_deep(
    tmp_path, monkeypatch, capsys, provider: str, trigger: str, option: Option, hook, deep: str
) -> None:
    monkeypatch.chdir(tmp_path)
    pack = Packs().providers[provider]
    answers = {
        "project_slug": "orders",
        "package_name": "orders",
        "description": "Orders",
        "cloud_provider": provider,
        "deployment_tool": next(iter(pack.tools)),
        "triggers": f"{trigger}=api",
        "ci": "none",
        "python_version": next(p.version for p in pack.provider.pythons if p.default),
        "region": pack.provider.default_region,
        "options": f"api.{option.name}={deep}",
    }
    with pytest.raises(SystemExit) as stop:
        hook(json.dumps(answers))
    assert stop.value.code == 2
    assert f"error: {option.name} " in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
