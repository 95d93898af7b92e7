"""The real functions-framework serves every rendered function, as Cloud Run would start it.

The framework is the one that runs the functions in Google Cloud, and the web server too. What is in
front of it there (tokens, Cloud Scheduler, Eventarc) is not here.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gcp.serving import Served, free_port, running, serving
from matrix.services import Case, main_cases
from tools.workbench import Workbench, build_workbench, clean_environment

from generator.request import Request, to_answers

OURS = [case for case in main_cases() if case.answers.provider == "gcp"]
# A function's code does not depend on the tool.
TOOL = OURS[0].answers.tool
WHOLE = next(case for case in OURS if case.name.endswith("-all"))
TRACE = "0af7651916cd43dd8448eb211c80319c"
JSON = {"Content-Type": "application/json"}


def python_of(service: Workbench) -> Path:
    return service.folder / ".venv" / "bin" / "python"


def service_with(folder: Path, *triggers: str, options: tuple[str, ...] = ()) -> Workbench:
    asked = Request(name="orders", provider="gcp", tool=TOOL, trigger=triggers, set=options)
    return build_workbench(folder, to_answers(asked))


def unpacked(service: Workbench, function: str) -> Path:
    """What Cloud Build gets: the content of the function's archive."""
    done = service.make("package")
    assert done.returncode == 0, done.stderr
    folder = service.folder.parent / f"archive-{function}"
    with zipfile.ZipFile(service.folder / "build" / f"{function}.zip") as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    folder = tmp_path_factory.mktemp("http") / "orders"
    return service_with(folder, "http=api", "schedule=nightly")


@pytest.fixture(scope="module")
def api(service: Workbench) -> Iterator[Served]:
    with serving(unpacked(service, "api"), "api", python_of(service)) as served:
        yield served


@pytest.fixture(scope="module")
def nightly(service: Workbench) -> Iterator[Served]:
    with serving(unpacked(service, "nightly"), "nightly", python_of(service)) as served:
        yield served


@pytest.fixture(scope="module")
def broken(service: Workbench) -> Iterator[Served]:
    """`api` with a fault of ours in its logic."""
    code = service.folder.parent / "broken"
    shutil.copytree(unpacked(service, "api"), code)
    with (code / "orders" / "api" / "logic.py").open("a", encoding="utf-8") as logic:
        logic.write('\n\ndef post(path, body):\n    raise KeyError("of ours")\n')
    with serving(code, "api", python_of(service), {"LOG_EXECUTION_ID": "true"}) as served:
        yield served


def test_requests_get_the_answer_of_the_logic(api: Served) -> None:
    answer = api.send(method="GET", path="/a/b?limit=10")
    assert (answer.status, answer.json) == (200, {"path": "/a/b", "query": {"limit": "10"}})
    answer = api.send(b'{"name": "x"}', JSON)
    assert (answer.status, answer.json) == (201, {"path": "/", "received": {"name": "x"}})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"[" * 200_000])
def test_a_wrong_body_is_answered_with_400_and_no_traceback(api: Served, body: bytes) -> None:
    answer = api.send(body, JSON)
    assert answer.status == 400
    assert set(answer.json) == {"message"}
    assert "Traceback" not in api.log


def test_another_method_is_answered_with_405(api: Served) -> None:
    answer = api.send(method="DELETE")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


def test_an_entry_of_the_log_has_fields_and_the_trace_of_its_request(api: Served) -> None:
    """Cloud Run sends both headers; the standard one is taken."""
    api.send(method="GET", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    entry = api.entries()[-1]
    assert (entry["severity"], entry["method"], entry["status"]) == ("INFO", "GET", 200)
    assert entry["logging.googleapis.com/trace"] == f"projects/my-project/traces/{TRACE}"
    labels = entry["logging.googleapis.com/labels"]
    assert (labels["function"], labels["stage"]) == ("api", "dev")
    assert labels["execution_id"]  # the framework's own, where Google sends none


def test_a_fault_is_answered_with_500_without_details(broken: Served) -> None:
    answer = broken.send(b"{}", JSON)
    assert answer.status == 500
    assert "of ours" not in answer.body and "Traceback" not in answer.body


def test_a_fault_is_one_entry_with_traceback_and_trace(broken: Served) -> None:
    """With the id of the execution, also where the framework adds it itself (LOG_EXECUTION_ID)."""
    headers = {**JSON, "X-Cloud-Trace-Context": f"{TRACE}/255;o=1", "Function-Execution-Id": "e1"}
    broken.send(b"{}", headers)
    entry = broken.entries()[-1]
    assert entry["severity"] == "ERROR"
    assert "Traceback" in entry["stack_trace"] and "of ours" in entry["stack_trace"]
    assert entry["logging.googleapis.com/trace"].endswith(TRACE)
    assert entry["logging.googleapis.com/labels"]["execution_id"] == "e1"
    loose = [line for line in broken.log.splitlines() if line.startswith("Traceback")]
    assert loose == []


def test_a_scheduled_run_is_a_request_of_cloud_scheduler(nightly: Served) -> None:
    """It says what is due; without that nothing runs."""
    answer = nightly.send(b"", {"X-CloudScheduler-ScheduleTime": "2026-01-30T05:00:00Z"})
    assert (answer.status, answer.body) == (204, "")
    assert nightly.entries()[-1]["due"] == "2026-01-30T05:00:00+00:00"
    for headers in ({}, {"X-CloudScheduler-ScheduleTime": "at five"}):
        answer = nightly.send(b"", headers)
        assert answer.status == 400
        assert "Traceback" not in answer.body


def test_the_entry_point_is_looked_up_by_name_alone(service: Workbench, tmp_path: Path) -> None:
    """One that is no function of the service is refused, and says which."""
    code = unpacked(service, "api")
    for name in ("nightly", "nonsuch", "flask", "_log"):
        done = subprocess.run(
            [python_of(service), "-m", "functions_framework", "--target", name],
            cwd=code,
            env=clean_environment() | {"PYTHONPATH": "", "PORT": str(free_port())},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode != 0
        assert name in done.stderr, done.stderr


def test_a_missing_dependency_is_told_by_its_name(service: Workbench, tmp_path: Path) -> None:
    """It must not look like a function that does not exist."""
    code = tmp_path / "code"
    shutil.copytree(unpacked(service, "api"), code)
    handler = code / "orders" / "api" / "handler.py"
    text = handler.read_text("utf-8").replace("import flask\n", "import flask\nimport nonsuch\n")
    handler.write_text(text, "utf-8")
    done = subprocess.run(
        [python_of(service), "-m", "functions_framework", "--target", "api"],
        cwd=code,
        env=clean_environment() | {"PYTHONPATH": "", "PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert "No module named 'nonsuch'" in done.stderr


def test_make_start_serves_the_function_until_ctrl_c(service: Workbench) -> None:
    """With the variables of .env.example, and on this machine alone."""
    port = free_port()
    output = service.folder.parent / "start.log"
    command: list[object] = ["make", "start", "FUNCTION=api", f"PORT={port}"]
    with running(command, service.folder, clean_environment(), output, port) as process:
        served = Served(f"http://127.0.0.1:{port}", output)
        headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        assert served.send(method="GET", headers=headers).status == 200
        trace = served.entries()[-1]["logging.googleapis.com/trace"]
        assert trace == f"projects/local/traces/{TRACE}"
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)  # gunicorn's own: now and then it gives its worker 30 seconds


@pytest.mark.parametrize("words", [[], ["FUNCTION=apii"]])
def test_make_start_tells_which_functions_there_are(service: Workbench, words: list[str]) -> None:
    done = service.make("start", *words)
    assert done.returncode == 2
    assert "api|nightly" in done.stderr
    assert "Traceback" not in done.stderr


def test_invoke_tells_a_handler_that_cannot_be_imported(tmp_path: Path) -> None:
    service = service_with(tmp_path / "orders", "http=api")
    handler = service.folder / "src" / "orders" / "api" / "handler.py"
    text = handler.read_text("utf-8").replace("import flask\n", "import flask\nimport nonsuch\n")
    handler.write_text(text, "utf-8")
    done = service.make("invoke", "FUNCTION=api")
    assert done.returncode == 2  # make's own, of whatever fails
    assert done.stdout == ""
    assert "cannot be loaded" in done.stderr and "nonsuch" in done.stderr


def test_a_secret_is_a_variable_with_a_value_of_ones_own_here(tmp_path: Path) -> None:
    """A made-up value from .env.example, or one from .env."""
    service = service_with(tmp_path / "orders", "http=api", options=("api.secrets=payment-api",))
    logic = service.folder / "src" / "orders" / "api" / "logic.py"
    with logic.open("a", encoding="utf-8") as code:
        code.write("\n\nimport os\n\n\ndef post(path, body):\n    return dict(os.environ)\n")
    done = service.make("invoke", "FUNCTION=api")
    assert json.loads(done.stdout)["body"]["SECRET_PAYMENT_API"] == "made-up"
    (service.folder / ".env").write_text("# mine\nSECRET_PAYMENT_API=of=mine\n", "utf-8")
    done = service.make("invoke", "FUNCTION=api")
    assert json.loads(done.stdout)["body"]["SECRET_PAYMENT_API"] == "of=mine"


@pytest.mark.parametrize(
    "event",
    [
        "[]",
        '{"method": "GET", "verb": "x"}',
        '{"headers": ["x"]}',
        '{"method": 1}',
        '{"specversion": "1.0", "data_base64": 1}',
    ],
)
def test_invoke_refuses_what_is_no_event(service: Workbench, tmp_path: Path, event: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(event, "utf-8")
    script = ["scripts/invoke.py", "api", str(file)]
    done = subprocess.run(
        [python_of(service), *script],
        cwd=service.folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "not one of api" in done.stderr
    assert "Traceback" not in done.stderr


CASES: dict[str, Case] = {
    case.name: case
    for case in OURS
    if case.answers.tool == TOOL and len(case.answers.functions) != 2
}


@pytest.mark.parametrize("name", CASES)
def test_every_archive_is_a_function_by_itself(name: str, tmp_path: Path) -> None:
    """Its own folder and what all share: no other function, no test, no event."""
    service = build_workbench(tmp_path / "orders", CASES[name].answers)
    functions = sorted(function.name for function in CASES[name].answers.functions)
    assert service.make("package").returncode == 0
    archives = sorted((service.folder / "build").iterdir())
    assert [archive.name for archive in archives] == [f"{name}.zip" for name in functions]
    for archive in archives:
        with zipfile.ZipFile(archive) as made:
            names = made.namelist()
            requirements = made.read("requirements.txt").decode()
        own = {path for path in names if path.startswith(f"orders/{archive.stem}/")}
        shared = {path for path in names if path.count("/") == 1}
        assert set(names) == own | shared | {"main.py", "requirements.txt"}
        assert f"orders/{archive.stem}/handler.py" in own
        pinned = (service.folder / "src/orders" / archive.stem / "requirements.txt").read_text()
        assert requirements == pinned


def test_archives_differ_with_their_functions_code_alone(tmp_path: Path) -> None:
    """The same bytes from other dates, modes and caches, so that nothing is deployed anew."""
    service = service_with(tmp_path / "orders", "http=api", "schedule=nightly")
    build = service.folder / "build"

    def archives() -> dict[str, bytes]:
        assert service.make("package").returncode == 0
        return {path.name: path.read_bytes() for path in build.iterdir()}

    before = archives()
    source = service.folder / "src"
    for path in source.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    (source / "orders" / "__pycache__").mkdir(exist_ok=True)
    (source / "orders" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert archives() == before
    with (source / "orders" / "api" / "logic.py").open("a", encoding="utf-8") as logic:
        logic.write("# changed\n")
    after = archives()
    assert after["api.zip"] != before["api.zip"]
    assert after["nightly.zip"] == before["nightly.zip"]


def test_an_archive_of_a_function_that_is_no_more_is_removed(tmp_path: Path) -> None:
    service = service_with(tmp_path / "orders", "http=api", "schedule=nightly")
    assert service.make("package").returncode == 0
    shutil.rmtree(service.folder / "src" / "orders" / "nightly")
    assert service.make("package").returncode == 0
    assert [path.name for path in (service.folder / "build").iterdir()] == ["api.zip"]


def test_the_generated_tests_find_what_an_archive_lacks(tmp_path: Path) -> None:
    """Another function's module is there on this machine, and not in the cloud."""
    service = service_with(tmp_path / "orders", "http=api", "schedule=nightly")
    logic = service.folder / "src" / "orders" / "api" / "logic.py"
    text = logic.read_text("utf-8")
    logic.write_text(text.replace("from typing", "from ..nightly import logic\nfrom typing"))
    done = service.make("test")
    assert done.returncode != 0
    assert "No module named 'orders.nightly'" in done.stdout
