"""Microsoft's worker library takes every rendered app, and does with each event what is promised.

The library is the one that runs the functions in Azure. The Functions host, which connects to the
sources and tries again, is not here.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from matrix.services import Case, main_cases
from tools.workbench import Workbench, build_workbench, clean_environment

from generator.request import Request, to_answers

REPORT = Path(__file__).with_name("all_events.py")
OURS = [case for case in main_cases() if case.answers.provider == "azure"]


def worth_a_run(case: Case) -> bool:
    """A function's code does not depend on the tool: each alone in the first, all together in all.

    Two of one trigger are in the generated suites.
    """
    functions = case.answers.functions
    return len(functions) > 2 or (case.answers.tool == OURS[0].answers.tool and len(functions) == 1)


CASES = {case.name: case for case in OURS if worth_a_run(case)}
# What becomes of an event: the function takes it, or fails, so that the host tries it again.
TAKEN, FAILING = {"sample", "duplicate"}, {"poison", "malformed"}


def report(service: Workbench) -> dict[str, Any]:
    done = subprocess.run(
        [service.folder / ".venv" / "bin" / "python", REPORT],
        cwd=service.folder,
        env=clean_environment() | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def service_with(folder: Path, trigger: str, *options: str) -> Workbench:
    asked = Request(name="orders", provider="azure", trigger=(trigger,), set=options)
    return build_workbench(folder, to_answers(asked))


def binding_of(service: Workbench, function: str, kind: str) -> dict[str, Any]:
    bindings = report(service)["functions"][function]["bindings"]
    return next(binding for binding in bindings if binding["type"] == kind)


@pytest.mark.parametrize("name", CASES)
def test_the_worker_takes_the_app_and_the_events(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    found = report(build_workbench(tmp_path / "orders", case.answers))
    assert "refused" not in found, found["refused"]
    assert set(found["functions"]) == {function.name for function in case.answers.functions}
    for function, known in found["functions"].items():
        events = known["events"]
        assert "sample" in events
        assert set(events) <= TAKEN | FAILING, f"{function}: say here what becomes of it"
        for event, outcome in events.items():
            # The caller of an HTTP function is told; there is nobody to try again.
            status = outcome.get("result", {}).get("status", 200)
            succeeded = "error" not in outcome and status < 300
            assert succeeded == (event in TAKEN), f"{function}, {event}: {outcome}"
            assert status < 500


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith("-all")])
def test_every_line_of_a_function_has_the_invocation(name: str, tmp_path: Path) -> None:
    """By which the host files it in Application Insights; its text is JSON with fields."""
    lines = report(build_workbench(tmp_path / "orders", CASES[name].answers))["lines"]
    assert lines
    for text, invocation in lines:
        assert invocation, text
        assert json.loads(text)["message"]


@pytest.mark.parametrize(
    ("asked", "bound"),
    [
        ("0 30 9 * * 1-5", "0 30 9 * * 1-5"),
        ("*/15 * * * *", "0 */15 * * * *"),
        ("0 5 * * MON", "0 0 5 * * MON"),
    ],
)
def test_a_line_of_cron_gets_seconds(asked: str, bound: str, tmp_path: Path) -> None:
    service = service_with(tmp_path / "orders", "schedule=tick", f"tick.schedule={asked}")
    assert binding_of(service, "tick", "timerTrigger")["schedule"] == bound


def test_a_schedule_is_tried_again(tmp_path: Path) -> None:
    """By the host alone if the binding says so: a timer has no source that would."""
    retry = report(service_with(tmp_path / "orders", "schedule=tick"))["functions"]["tick"]["retry"]
    assert retry == {
        "retry_strategy": "fixed_delay",
        "max_retry_count": "3",
        "delay_interval": "0:00:30",
    }


def test_a_result_goes_to_the_output_queue(tmp_path: Path) -> None:
    service = service_with(tmp_path / "orders", "queue=jobs", "jobs.output_queue=finished")
    output = binding_of(service, "jobs", "queue")
    assert (output["direction"].lower(), output["queueName"]) == ("out", "finished")
    outcome = report(service)["functions"]["jobs"]["events"]
    assert outcome["sample"]["result"] == {"output": {"order": 1}}
    assert "result" not in outcome["poison"]


@pytest.mark.parametrize(("trigger", "kind"), [("queue", "queueTrigger"), ("blob", "blobTrigger")])
def test_what_exists_is_reached_by_a_connection_of_its_own(
    trigger: str, kind: str, tmp_path: Path
) -> None:
    existing = ("fn.existing=true", "fn.account=contosodata", "fn.account_group=rg-contoso")
    named = "fn.queue=jobs" if trigger == "queue" else "fn.container=uploads"
    service = service_with(tmp_path / "orders", f"{trigger}=fn", named, *existing)
    connection = binding_of(service, "fn", kind)["connection"]
    assert connection.endswith("_contosodata")
    settings = json.loads((service.folder / "local.settings.example.json").read_text("utf-8"))
    assert connection in settings["Values"]


def test_a_blob_is_told_of_by_event_grid_below_its_prefix(tmp_path: Path) -> None:
    service = service_with(tmp_path / "orders", "blob=uploads", "uploads.prefix=in/")
    binding = binding_of(service, "uploads", "blobTrigger")
    assert binding["source"] == "EventGrid"
    assert binding["path"] == "uploads/in/{name}"


@pytest.mark.parametrize(
    ("trigger", "kind", "place", "setting"),
    [
        ("servicebus", "serviceBusTrigger", "namespace", "fullyQualifiedNamespace"),
        ("eventhub", "eventHubTrigger", "namespace", "fullyQualifiedNamespace"),
        ("cosmosdb", "cosmosDBTrigger", "account", "accountEndpoint"),
    ],
)
def test_an_existing_namespace_or_account_has_a_connection_of_its_own(
    trigger: str, kind: str, place: str, setting: str, tmp_path: Path
) -> None:
    existing = ("fn.existing=true", f"fn.{place}=contoso-shared", f"fn.{place}_group=rg-contoso")
    service = service_with(tmp_path / "orders", f"{trigger}=fn", *existing)
    connection = binding_of(service, "fn", kind)["connection"]
    assert connection.endswith("_contoso_shared")
    settings = json.loads((service.folder / "local.settings.example.json").read_text("utf-8"))
    assert "contoso-shared." in settings["Values"][f"{connection}__{setting}"]


@pytest.mark.parametrize("trigger", ["eventhub", "cosmosdb"])
def test_a_batch_is_tried_again_before_the_host_goes_on(trigger: str, tmp_path: Path) -> None:
    """The host goes on behind a batch that failed: without a retry policy, after the first try."""
    retry = report(service_with(tmp_path / "orders", f"{trigger}=fn"))["functions"]["fn"]["retry"]
    assert retry == {
        "retry_strategy": "fixed_delay",
        "max_retry_count": "3",
        "delay_interval": "0:00:10",
    }


@pytest.mark.parametrize(
    ("trigger", "kind"), [("servicebus", "serviceBus"), ("eventhub", "eventHub")]
)
def test_what_is_no_text_comes_as_it_was_sent(trigger: str, kind: str, tmp_path: Path) -> None:
    binding = binding_of(service_with(tmp_path / "orders", f"{trigger}=fn"), "fn", f"{kind}Trigger")
    assert binding["dataType"].lower() == "binary"


def test_a_topic_is_read_from_a_subscription(tmp_path: Path) -> None:
    options = ("billing.entity=orders", "billing.entity_type=topic")
    service = service_with(tmp_path / "orders", "servicebus=billing", *options)
    binding = binding_of(service, "billing", "serviceBusTrigger")
    assert (binding["topicName"], binding["subscriptionName"]) == ("orders", "billing")
    assert "queueName" not in binding


def test_positions_in_a_change_feed_are_kept_apart(tmp_path: Path) -> None:
    """Of functions in a container of leases of the service's own; of services and stages, too, in
    one that exists."""
    own = service_with(tmp_path / "own", "cosmosdb=fn")
    assert binding_of(own, "fn", "cosmosDBTrigger")["leaseContainerPrefix"] == "fn-"
    existing = ("fn.existing=true", "fn.account=contoso-shared", "fn.account_group=rg-contoso")
    shared = binding_of(
        service_with(tmp_path / "shared", "cosmosdb=fn", *existing), "fn", "cosmosDBTrigger"
    )
    assert shared["leaseContainerPrefix"] == "orders-%STAGE%-fn-"
    assert not shared.get("startFromBeginning")


def test_the_worker_takes_no_builtin_list_of_events(tmp_path: Path) -> None:
    """Why the handler of an event hub has typing.List, which ruff would rather not see."""
    service = service_with(tmp_path / "orders", "eventhub=clicks")
    handler = service.folder / "src" / "orders" / "clicks" / "handler.py"
    code = handler.read_text("utf-8")
    handler.write_text(code.replace("typing.List[", "list["), "utf-8")
    assert "invalid non-type annotation" in report(service)["refused"]


@pytest.mark.parametrize(
    ("pattern", "replacement", "reason"),
    [
        (r'arg_name="message"', 'arg_name="other"', "cannot load the jobs function"),
        (r"message: func.QueueMessage", "message: func.EventHubEvent", "do not match"),
        (r"^import json$", "import jsonn", "No module named 'jsonn'"),
    ],
)
def test_the_worker_refuses_what_azure_would(
    pattern: str, replacement: str, reason: str, tmp_path: Path
) -> None:
    service = service_with(tmp_path / "orders", "queue=jobs")
    handler = service.folder / "src" / "orders" / "jobs" / "handler.py"
    code = handler.read_text("utf-8")
    broken = re.sub(pattern, replacement, code, flags=re.MULTILINE)
    assert broken != code
    handler.write_text(broken, "utf-8")
    assert reason in report(service)["refused"]
