"""What the example forbids is told in its words, with what to do instead; and its defaults hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from organisation.acme import TRIGGER, answers, new, packs, request

from generator.ask.drafts import problem
from generator.errors import InvalidValueError
from generator.render import render
from generator.spec import build_spec

HTTP, BUCKET, LOGS = "http=api", "s3=uploads", f"{TRIGGER}=watch"
OPEN, OWN_BUCKET = "api.auth=none", "uploads.existing=false"
UNBOUNDED, UNPAID = "permissions_boundary=", "tags=team=tea"
OWN_LOGS = "watch.log_group=/aws/lambda/orders-watch-dev"


@pytest.mark.parametrize(
    ("triggers", "settings", "others", "message", "where"),
    [
        ([HTTP], [], {"provider": "gcp"}, "Acme runs on AWS", "--provider"),
        ([HTTP], [], {"tool": "cdk"}, "sam or terraform", "--tool"),
        ([HTTP], [], {"ci": "gitlab"}, "Acme builds on Buildkite", "--ci"),
        ([HTTP], [OPEN], {}, "function api: an API of Acme's knows its callers", OPEN),
        (["rest=api"], [OPEN], {}, "function api: an API of Acme's knows its callers", OPEN),
        ([HTTP], [UNBOUNDED], {}, "every role at Acme has the boundary", UNBOUNDED),
        ([HTTP], [UNPAID], {}, "name who pays", UNPAID),
        ([BUCKET], [OWN_BUCKET], {}, "order uploads at https://platform.acme.", OWN_BUCKET),
        ([LOGS], [OWN_LOGS], {}, "it would invoke itself for ever", OWN_LOGS),
    ],
)
def test_a_forbidden_choice_says_what_to_do_instead(
    triggers: list[str], settings: list[str], others: dict[str, str], message: str, where: str
) -> None:
    asked = answers(*triggers, set=settings, **others)
    with pytest.raises(InvalidValueError) as caught:
        build_spec(asked, packs())
    assert message in caught.value.message
    assert where in caught.value.where
    # The wizard says the same beside the choice, or below what is typed.
    assert message in problem(request(*triggers, set=settings, **others), packs())


def test_what_is_not_forbidden_is_not_hindered() -> None:
    for tool in ("sam", "terraform"):
        assert problem(request(HTTP, BUCKET, LOGS, tool=tool), packs()) == ""
    assert problem(request(HTTP, set=["api.auth=iam"], ci="none"), packs()) == ""
    assert problem(request(HTTP, set=["tags=team=tea,cost-center=4712"]), packs()) == ""
    another = "watch.log_group=/aws/lambda/orders-watch-all-dev"
    assert problem(request(LOGS, set=[another]), packs()) == ""


def test_defaults_need_not_be_written_and_can_be_overruled() -> None:
    spec = build_spec(answers(HTTP, BUCKET, set=["uploads.memory_size=1024"]), packs())
    assert spec.options["permissions_boundary"] == "acme/service-boundary"
    assert spec.options["tags"] == ("cost-center=4711",)
    [api, uploads] = spec.functions
    assert (api.options["auth"], api.options["memory_size"]) == ("iam", 512)
    assert (uploads.options["existing"], uploads.options["memory_size"]) == (True, 1024)
    tree = render(spec, packs())
    declared = tree["gen.toml"].content.decode()
    assert "auth" not in declared and "existing" not in declared
    assert declared.count("memory_size") == 1
    # What `make invoke` reads from gen.toml has the same defaults.
    invoke = tree["scripts/invoke.py"].content.decode()
    assert '"api": {\n        "memory_size": 512,\n    },' in invoke
    assert '"uploads": {' not in invoke


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    flags = ("--packs", str(packs().infos[0].folder), "--trigger", BUCKET)
    refused = new(tmp_path, *flags, "--set", OWN_BUCKET)
    assert refused.code == 2
    message, place, *_ = refused.err.splitlines()
    assert message.startswith("error: function uploads: buckets are made by the platform team")
    assert place == f"  where: --set {OWN_BUCKET}"
    assert not (tmp_path / "orders").exists()
