"""One Lambda execution environment: a deployment zip under the real `awslambdaric`.

    with Sandbox(FunctionConfig(code=Path("api.zip"), handler="orders.api.handler.handler")) as box:
        result = box.invoke({"version": "2.0", ...})

What differs from Lambda: the code lies in a temporary folder and not in `/var/task`, the folder
is writable, memory is told to the function but not limited, the processor is this machine's
(native wheels of another architecture fail to load), and the clock does not stop between
invocations. X-Ray has no daemon.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tools import provision
from tools.aws_local.runtime_api import Answer, Event, RuntimeApi

ACCOUNT = "123456789012"
REGION = "eu-west-1"
# Lambda allows 10 seconds for the init phase; a busy test machine may take longer for the same.
INIT_SECONDS = 30.0


@dataclass(frozen=True)
class FunctionConfig:
    """A function as it is deployed. `code` is a zip's bytes, its path, or a folder of its content.

    A folder is used where it is, so that several environments can share one extraction.
    """

    code: bytes | Path
    handler: str
    runtime: str = "python3.12"
    name: str = "function"
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 3
    memory: int = 128
    layers: tuple[bytes | Path, ...] = ()
    region: str = REGION
    arn: str = ""
    log_format: str = "Text"
    log_level: str = ""
    log_group: str = ""
    interpreter: Path | None = None
    """A Python that has awslambdaric; by default one is provisioned for `runtime`."""


@dataclass(frozen=True)
class Invocation:
    """What came of one invocation."""

    request_id: str
    payload: bytes
    failed: bool
    log: str
    duration_ms: float

    @property
    def value(self) -> object:
        """The payload, parsed."""
        return json.loads(self.payload)


def runtime_interpreter(runtime: str) -> Path:
    """The Python that plays a runtime ("python3.12"), with awslambdaric and boto3 in it."""
    return provision.venv_program("runtime", "python", runtime.removeprefix("python"))


class Sandbox:
    """Starts the runtime at once; `init_ms` and `init_error` tell how that went."""

    def __init__(self, config: FunctionConfig) -> None:
        self.config = config
        self._lock = threading.Lock()
        self._log_read = 0
        with contextlib.ExitStack() as undo:
            self._root = Path(tempfile.mkdtemp(prefix="lambda-"))
            undo.callback(shutil.rmtree, self._root, ignore_errors=True)
            self._task = _unpack(config.code, self._root / "task")
            self._layers = self._root / "opt"
            for layer in config.layers:
                _unpack(layer, self._layers)
            name = config.arn or f"arn:aws:lambda:{config.region}:{ACCOUNT}:function:{config.name}"
            self._api = undo.enter_context(RuntimeApi(name))
            started = time.perf_counter()
            self._process = self._start()
            undo.callback(self._kill)
            self._await_init()
            self.init_ms = (time.perf_counter() - started) * 1000
            self._undo = undo.pop_all()

    @property
    def usable(self) -> bool:
        """Whether another invocation can run here; not after a timeout or a crash."""
        return self.init_error is None and self._process.poll() is None

    @property
    def log(self) -> str:
        """Everything the function has written so far."""
        return self._log_path.read_text(errors="replace")

    def invoke(self, event: object = None) -> Invocation:
        """Run the handler on an event (bytes are sent as they are); one at a time."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        request_id = str(uuid.uuid4())
        with self._lock:
            polls = self._api.polls
            started = time.perf_counter()
            answer = self._run(request_id, payload)
            duration = (time.perf_counter() - started) * 1000
            if self.usable:
                # Once the runtime asks for more, it has written all it had to say.
                self._api.wait_for(lambda: self._api.polls > polls, 1, self._alive)
            return Invocation(request_id, answer.payload, answer.failed, self._news(), duration)

    def close(self) -> None:
        """End the process and the server, and remove the folder."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _log_path(self) -> Path:
        return self._root / "log"

    def _start(self) -> subprocess.Popen[bytes]:
        config = self.config
        python = config.interpreter or runtime_interpreter(config.runtime)
        (self._root / "tmp").mkdir()
        # A file and no pipe: what was written before the runtime asked for its next event can be
        # read in full at that moment, with no reader thread to wait for.
        with self._log_path.open("wb") as log:
            return subprocess.Popen(
                [python, "-m", "awslambdaric", config.handler],
                cwd=self._task,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, so that what the handler starts ends with it.
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        """Source: "Defined runtime environment variables" in the Lambda Developer Guide."""
        config = self.config
        # Lambda's own order: the function's code, then layers. What the runtime carries (boto3,
        # awslambdaric) comes last, from the interpreter's own site-packages.
        paths = [
            self._task,
            self._layers / "python" / "lib" / config.runtime / "site-packages",
            self._layers / "python",
        ]
        logging = {"AWS_LAMBDA_LOG_FORMAT": config.log_format}
        if config.log_format == "JSON":
            logging["AWS_LAMBDA_LOG_LEVEL"] = config.log_level or "INFO"
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LD_LIBRARY_PATH": f"{self._task}:{self._task}/lib:{self._layers}/lib",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(self._root / "tmp"),  # the developer's ~/.aws is nobody's business
            "TMPDIR": str(self._root / "tmp"),
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONDONTWRITEBYTECODE": "1",  # /var/task is read-only
            "LAMBDA_TASK_ROOT": str(self._task),
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": config.handler,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": config.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": config.log_group or f"/aws/lambda/{config.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0123456789abcdef",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.runtime}",
            "AWS_REGION": config.region,
            "AWS_DEFAULT_REGION": config.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            **logging,
            **config.environment,
        }

    def _await_init(self) -> None:
        api = self._api
        ready = api.wait_for(
            lambda: api.polls > 0 or api.init_error is not None, INIT_SECONDS, self._alive
        )
        self.init_error = api.init_error
        if not ready and self._alive():
            self._kill()
            self.init_error = _error("Sandbox.Timedout", f"Init took over {INIT_SECONDS:.0f} s")
        elif not ready:
            self.init_error = self._exit_error("during init")

    def _run(self, request_id: str, payload: bytes) -> Answer:
        if self.init_error is not None:
            return Answer(self.init_error, failed=True)
        if not self._alive():
            raise RuntimeError("this execution environment has ended: make a new one")
        timeout = self.config.timeout
        self._api.offer(Event(request_id, payload, int((time.time() + timeout) * 1000)))
        self._api.wait_for(
            lambda: self._api.answer_to(request_id) is not None, timeout, self._alive
        )
        answer = self._api.answer_to(request_id)
        if answer is not None:
            return answer
        prefix = f"RequestId: {request_id} Error:"
        if self._alive():
            self._kill()
            message = f"{prefix} Task timed out after {timeout:.2f} seconds"
            with self._log_path.open("a") as log:
                log.write(f"{message}\n")
            return Answer(_error("Sandbox.Timedout", message), failed=True)
        return Answer(self._exit_error(prefix), failed=True)

    def _news(self) -> str:
        with self._log_path.open("rb") as log:
            log.seek(self._log_read)
            news = log.read()
        self._log_read += len(news)
        return news.decode(errors="replace")

    def _alive(self) -> bool:
        return self._process.poll() is None

    def _exit_error(self, context: str) -> bytes:
        status = self._process.wait()
        cause = f"signal: {-status}" if status < 0 else f"exit status {status}"
        return _error("Runtime.ExitError", f"{context} Runtime exited with error: {cause}")

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _unpack(archive: bytes | Path, target: Path) -> Path:
    """The folder that holds the archive's content, with the modes that the zip records."""
    if isinstance(archive, Path) and archive.is_dir():
        return archive
    target.mkdir(parents=True, exist_ok=True)
    source = io.BytesIO(archive) if isinstance(archive, bytes) else archive
    with zipfile.ZipFile(source) as content:
        for entry in content.infolist():
            path = Path(content.extract(entry, target))
            mode = entry.external_attr >> 16 & 0o777
            if mode and not entry.is_dir():
                path.chmod(mode | 0o600)
    return target
