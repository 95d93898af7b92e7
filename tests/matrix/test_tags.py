"""Tags and labels: what each provider takes, and what is said of what it would refuse.

Which option it is follows from the packs: the one whose rules are about the whole service.
"""

from __future__ import annotations

import pytest
from matrix.services import PACKS

from generator.errors import UserError, report
from generator.request import Request, to_answers
from generator.spec import Spec, build_spec

OPTIONS = [("aws", "tags"), ("azure", "tags"), ("gcp", "labels")]


def spec(provider: str, *settings: str) -> Spec:
    asked = Request(name="orders", provider=provider, trigger=("http=api",), set=settings)
    return build_spec(to_answers(asked), PACKS)


def refusal(provider: str, *settings: str) -> str:
    with pytest.raises(UserError) as caught:
        spec(provider, *settings)
    return report(caught.value)


@pytest.mark.parametrize(("provider", "option"), OPTIONS)
def test_a_list_of_pairs(provider: str, option: str) -> None:
    made = spec(provider, f"{option}=cost-center=4711,owner=platform")
    assert made.options[option] == ("cost-center=4711", "owner=platform")


@pytest.mark.parametrize(("provider", "option"), OPTIONS)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("owner", 'cannot be "owner"'),
        ("owner=", 'cannot be "owner="'),
        ("=x", 'cannot be "=x"'),
        ("owner=$(id)", "cannot be"),
        ('owner="x"', "cannot be"),
        ("owner=a,owner=b", "have one"),
        ("service=other", "service, stage"),
        ("a=b,stage=qa", "service, stage"),
        ("deployed-by=me", "deployed-by"),
        (",".join(f"key-{number}=x" for number in range(60)), "at most"),
    ],
)
def test_what_cannot_be(provider: str, option: str, value: str, reason: str) -> None:
    said = refusal(provider, f"{option}={value}")
    assert reason in said
    assert f"--set {option}=" in said


@pytest.mark.parametrize(
    ("provider", "value", "good"),
    [
        ("aws", "acme:Data/class.x=Team One +a=b_c.d:e/f@g-h", True),
        ("aws", f"{'k' * 128}={'v' * 256}", True),
        ("aws", f"{'k' * 129}=v", False),
        ("aws", f"k={'v' * 257}", False),
        ("aws", "AWS:thing=x", False),
        ("aws", "Service=x", False),
        ("aws", "Owner=a,owner=b", False),
        ("azure", "Owner=Team One a.b:c/d@e+f=g", True),
        ("azure", "a.b=x", False),
        ("azure", "Microsoft-thing=x", False),
        ("azure", "owner=null", False),
        ("azure", "azd-env-name=x", False),
        ("azure", ",".join(f"key-{number}=x" for number in range(13)), False),
        ("gcp", "cost_center-2=team_one", True),
        ("gcp", "Owner=x", False),
        ("gcp", "owner=Team", False),
        ("gcp", "2nd=x", False),
        ("gcp", f"{'k' * 64}=v", False),
        ("gcp", "function=x", False),
    ],
)
def test_each_provider_has_its_own_characters(provider: str, value: str, good: bool) -> None:
    setting = f"{dict(OPTIONS)[provider]}={value}"
    if good:
        assert spec(provider, setting)
    else:
        refusal(provider, setting)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("boundary", True),
        ("team/eu/Boundary_1+a.b@c-d", True),
        ("", True),
        ("/boundary", False),
        ("team/", False),
        ("arn:aws:iam::123456789012:policy/boundary", False),
        ("a b", False),
        ("a" * 129, False),
    ],
)
def test_a_boundary_is_a_policys_name(name: str, good: bool) -> None:
    if good:
        assert spec("aws", f"permissions_boundary={name}").options["permissions_boundary"] == name
    else:
        assert "permissions_boundary" in refusal("aws", f"permissions_boundary={name}")
