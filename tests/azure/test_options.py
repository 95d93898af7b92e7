"""What the options of Azure's triggers may be, and what is said where one cannot be deployed."""

from __future__ import annotations

import pytest
from matrix.services import PACKS

from generator.errors import UserError
from generator.request import Request, to_answers
from generator.spec import Spec, build_spec


def spec(trigger: str, *options: str, name: str = "orders") -> Spec:
    asked = Request(name=name, provider="azure", trigger=(trigger,), set=options)
    return build_spec(to_answers(asked), PACKS)


def refusal(trigger: str, *options: str, name: str = "orders") -> str:
    with pytest.raises(UserError) as caught:
        spec(trigger, *options, name=name)
    return caught.value.message


@pytest.mark.parametrize(
    "schedule",
    [
        "0 0 5 * * *",
        "*/15 * * * *",
        "0 5,8,10 * * * *",
        "5-7 * * * * *",
        "0 30 9 * Jan Mon",
        "0 30 9 * * 1-5",
        "0 9 * * MON-FRI",
        "59 23 31 12 *",
        "0 */5 1-3/2,5 * * SUN,TUE",
        "0 0 0 1 * MON",
        "0 0 */2 * 1",
    ],
)
def test_schedules_that_are_possible(schedule: str) -> None:
    assert spec("schedule=tick", f"tick.schedule={schedule}")


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * *",
        "0 0 0 * * * *",
        "60 * * * *",
        "0 0 24 * * *",
        "0 0 0 32 * *",
        "0 0 0 0 * *",
        "0 0 0 * 13 *",
        "0 0 0 * * 7",
        "0 0 0 * * 0,",
        "0, 0 0 * * *",
        "0 /5 * * * *",
        "0 */0 * * * *",
        "0 0 5 ? * *",
        "0 0 5 L * *",
        "0  0 5 * * *",
        "0 0 5 * * *\n",
        "0 0 ٥ * * *",
        "@daily",
        "rate(1 day)",
        "01:00:00",
    ],
)
def test_schedules_that_are_not(schedule: str) -> None:
    assert "schedule" in refusal("schedule=tick", f"tick.schedule={schedule}")


def test_cron_means_either_day_and_azure_both() -> None:
    assert "days and weekdays" in refusal("schedule=tick", "tick.schedule=0 5 1 * MON")


@pytest.mark.parametrize(
    ("trigger", "options", "reason"),
    [
        ("queue=ab", (), "queue must be at least 3"),
        ("queue=a__b", (), 'queue cannot be "a--b"'),
        ("queue=jobs", ("jobs.output_queue=jobs",), "another one"),
        ("queue=jobs", ("jobs.queue=jobs-poison",), "-poison"),
        ("queue=jobs", ("jobs.existing=true",), "account and account_group"),
        ("queue=jobs", ("jobs.account=contosodata",), "account and account_group"),
        ("queue=" + "a" * 58, (), "at most 56"),
        ("blob=ab", (), "container must be at least 3"),
        ("blob=files", ("files.container=deadletters",), "deadletters"),
        ("http=api", ("api.route=admin/users",), "admin"),
        ("http=api", ("api.route=orders/{id?}/lines",), "last segment"),
        ("http=api", ("api.route=/orders",), "route"),
    ],
)
def test_what_azure_would_refuse_is_refused_at_once(
    trigger: str, options: tuple[str, ...], reason: str
) -> None:
    assert reason in refusal(trigger, *options)


def test_a_message_reaches_one_function_alone() -> None:
    asked = Request(
        name="orders",
        provider="azure",
        trigger=("queue=one", "queue=two"),
        set=("one.queue=jobs", "two.queue=jobs"),
    )
    with pytest.raises(UserError, match="one function alone"):
        build_spec(to_answers(asked), PACKS)


def test_the_app_is_named_after_the_service() -> None:
    assert "function app" in refusal("http=api", name="a" * 36)
    assert spec("http=api", name="a" * 35)
