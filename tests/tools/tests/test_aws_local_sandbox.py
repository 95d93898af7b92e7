"""The Lambda execution environment, against handlers written here."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tools.aws_local import FunctionConfig, Sandbox

HANDLERS = """
import json, logging, os, sys, time
from pathlib import Path

log = logging.getLogger()
seen = []

def echo(event, context):
    print("printed", event["x"])
    seen.append(event)
    return {"x": event["x"], "seen": len(seen), "name": context.function_name,
            "left": context.get_remaining_time_in_millis(), "stage": os.environ["STAGE"]}

def fail(event, context):
    raise ValueError("no such order")

def hang(event, context):
    print("about to hang", flush=True)
    time.sleep(60)

def crash(event, context):
    os._exit(3)

def chatty(event, context):
    log.setLevel(logging.INFO)
    log.info("hello", extra={"order": 7})
    print("x" * 200_000)
    print("last words")

def layered(event, context):
    import from_layer, boto3
    return [from_layer.NAME, boto3.__version__]
"""


def zipped(files: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


def config(handler: str, **settings: Any) -> FunctionConfig:
    settings.setdefault("environment", {"STAGE": "dev"})
    return FunctionConfig(zipped({"app.py": HANDLERS}), f"app.{handler}", **settings)


@pytest.mark.parametrize("runtime", ["python3.12", "python3.13"])
def test_result_of_a_handler(runtime: str) -> None:
    with Sandbox(config("echo", runtime=runtime, name="orders", timeout=5)) as box:
        first, second = box.invoke({"x": 1}), box.invoke({"x": 2})
    assert isinstance(first.value, dict)
    assert not first.failed
    assert (first.value["name"], first.value["stage"]) == ("orders", "dev")
    assert 3000 < first.value["left"] <= 5000
    assert first.log == "printed 1\n"
    assert second.value["seen"] == 2, "a warm environment keeps its state"  # type: ignore[index]
    assert second.log == "printed 2\n"
    assert 0 < box.init_ms < 30_000
    assert second.duration_ms < 1000


def test_error_of_a_handler() -> None:
    with Sandbox(config("fail")) as box:
        result = box.invoke({})
        assert result.failed
        assert isinstance(result.value, dict)
        assert result.value["errorType"] == "ValueError"
        assert result.value["errorMessage"] == "no such order"
        assert "[ERROR] ValueError: no such order" in result.log
        assert box.usable, "an error of the handler does not end the environment"


@pytest.mark.parametrize(
    ("handler", "kind"),
    [("nowhere.handler", "Runtime.ImportModuleError"), ("app.none", "Runtime.HandlerNotFound")],
)
def test_error_of_init(handler: str, kind: str) -> None:
    code = zipped({"app.py": HANDLERS})
    with Sandbox(FunctionConfig(code, handler)) as box:
        assert not box.usable
        result = box.invoke({})
    assert result.failed
    assert isinstance(result.value, dict)
    assert result.value["errorType"] == kind


def test_exit_during_init() -> None:
    with Sandbox(FunctionConfig(zipped({"app.py": "import os; os._exit(4)"}), "app.x")) as box:
        result = box.invoke({})
    assert isinstance(result.value, dict)
    assert result.value["errorType"] == "Runtime.ExitError"
    assert "exit status 4" in result.value["errorMessage"]


def test_timeout_ends_the_environment() -> None:
    with Sandbox(config("hang", timeout=0.5)) as box:
        result = box.invoke({})
        assert result.failed
        assert isinstance(result.value, dict)
        assert result.value["errorType"] == "Sandbox.Timedout"
        assert "Task timed out after 0.50 seconds" in result.value["errorMessage"]
        assert result.log.startswith("about to hang\n")
        assert 450 < result.duration_ms < 3000
        assert not box.usable


def test_crash_ends_the_environment() -> None:
    with Sandbox(config("crash")) as box:
        result = box.invoke({})
        assert not box.usable
    assert isinstance(result.value, dict)
    assert result.value["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in result.value["errorMessage"]


def test_json_log_format() -> None:
    with Sandbox(config("chatty", log_format="JSON", log_level="INFO")) as box:
        result = box.invoke({})
    line = json.loads(result.log.splitlines()[0])
    assert (line["level"], line["message"], line["order"]) == ("INFO", "hello", 7)
    assert line["requestId"] == result.request_id


def test_a_long_log_is_complete() -> None:
    with Sandbox(config("chatty")) as box:
        result = box.invoke({})
    assert len(result.log) > 200_000
    assert result.log.endswith("last words\n")


def test_layers_and_the_runtimes_own_boto3() -> None:
    layer = zipped({"python/from_layer.py": "NAME = 'layer'"})
    with Sandbox(config("layered", layers=(layer,), timeout=20)) as box:
        value = box.invoke({}).value
    assert isinstance(value, list)
    assert value[0] == "layer"


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Sandbox(config("echo")) as box:
        process = box._process.pid
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
