"""What a generated service costs when it starts: the zip, the init phase, the first invocation."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread

from tools.aws_local.sandbox import FunctionConfig, Sandbox, runtime_interpreter
from tools.provision import python_interpreter, requirements_venv
from tools.workbench import Workbench, build_workbench, link_up_to_date

from benchmarks.report import Table
from generator.request import Request, to_answers

PYTHONS = ("3.13", "3.12")
RUNS = 20
# Not arm64, the default: a wheel with native code could not be loaded here.
MACHINE = "x86_64"
FUNCTIONS = {"api": "http", "uploads": "s3", "refunds": "sqs", "nightly": "schedule"}
VARIANTS = ("lean", "powertools")
BARE_NAME = "bare handler"
BARE = "def handler(event, context):\n    return {}\n"
METHOD = f"""\
Each handler of a service with four functions runs under the real `awslambdaric`, beside
`def handler(event, context): return {{}}`. The package is the one that the service itself builds
(scripts/package.py), extracted once; awslambdaric and boto3 are byte-compiled as in Lambda. Wall
time, fresh processes in shuffled rounds, medians of {RUNS}: "init" from starting the process to
its asking for the first event, "first" until it has answered the function's sample event. "+ init"
is init less that of the bare handler: within some 5 ms it is noise. The emulated Runtime API sends
without Nagle's delay. With Powertools, all but http load boto3 and make a DynamoDB client in the
init phase, and their first invocation has two calls to a DynamoDB that says yes to everything; the
lean handlers call nothing. Lambda's smaller machines are slower than this one: compare, do not
quote."""
SIZES = """\
The deployment package of each tool, as its own `make build` leaves it: for Serverless its zip, for
SAM the folder of one function, zipped (all functions of a service have the same code). Compiled
files are in it, boto3 is not: Lambda has it."""


@dataclass(frozen=True)
class Subject:
    """A handler to start, and the event it gets."""

    name: str
    config: FunctionConfig
    event: object


def run() -> list[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-cold-") as folder:
        root = Path(folder)
        times = {p: _times(root / p, p) for p in PYTHONS if python_interpreter(p)}
        return [_sizes(root / "sizes"), _table(times)]


def _service(folder: Path, variant: str, tool: str, python: str) -> Workbench:
    request = Request(
        name="orders",
        provider="aws",
        tool=tool,
        trigger=tuple(f"{trigger}={name}" for name, trigger in FUNCTIONS.items()),
        set=(f"powertools={variant == 'powertools'}", f"architecture={MACHINE}"),
        python=python,
    )
    return build_workbench(folder / f"{variant}-{tool}", to_answers(request))


def _package(service: Workbench, python: str) -> Path:
    """The zip that Serverless deploys."""
    interpreter = str(service.folder / ".venv/bin/python")
    command = [interpreter, "scripts/package.py", python, MACHINE]
    subprocess.run(command, cwd=service.folder, check=True, capture_output=True)
    return service.folder / "build" / "package.zip"


def _sam_package(service: Workbench) -> Path:
    python = service.folder / ".venv/bin/python"
    venv = requirements_venv("deploy", [service.folder / "requirements-deploy.txt"], python)
    link_up_to_date(service.folder, ".venv-deploy", venv, marker="bin/sam")
    done = service.make("build")
    if done.returncode:
        raise RuntimeError(f"make build failed:\n{done.stdout}{done.stderr}")
    built = next(path for path in (service.folder / ".aws-sam/build").iterdir() if path.is_dir())
    archive = service.folder / "function.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(built.rglob("*")):
            target.write(path, path.relative_to(built))
    return archive


def _sizes(folder: Path) -> Table:
    folder.mkdir()
    bare = folder / "bare.zip"
    with zipfile.ZipFile(bare, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("bare.py", BARE)
    rows = [(BARE_NAME, *_size(bare))]
    for variant in VARIANTS:
        package = _package(_service(folder, variant, "serverless", PYTHONS[0]), PYTHONS[0])
        rows.append((f"{variant}, Serverless", *_size(package)))
        built = _sam_package(_service(folder, variant, "sam", PYTHONS[0]))
        rows.append((f"{variant}, SAM", *_size(built)))
    return Table("Deployment packages", SIZES, ("package", "zip", "files", "extracted"), rows)


def _size(package: Path) -> tuple[str, str, str]:
    with zipfile.ZipFile(package) as archive:
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
    extracted = sum(entry.file_size for entry in files) / 1024
    return f"{package.stat().st_size / 1024:.1f} KiB", str(len(files)), f"{extracted:.1f} KiB"


def _times(folder: Path, python: str) -> dict[str, tuple[float, float]]:
    """The medians of init and first invocation by the handler's name."""
    folder.mkdir()
    with _yes_man() as endpoint:
        times = _measure(_subjects(folder, python, {"AWS_ENDPOINT_URL": endpoint}))
    return {
        name: (median(init for init, _ in pairs), median(first for _, first in pairs))
        for name, pairs in times.items()
    }


def _table(times: Mapping[str, Mapping[str, tuple[float, float]]]) -> Table:
    rows: dict[str, list[str]] = {}
    for medians in times.values():
        bare, _ = medians[BARE_NAME]
        for name, (init, first) in medians.items():
            cells = [f"{init:.1f} ms", f"{init - bare:+.1f} ms", f"{first:.1f} ms"]
            rows.setdefault(name, [name]).extend(cells)
    header = ["handler"]
    for python in times:
        header += [f"{python}: init", "+ init", "first"]
    return Table("Cold start", METHOD, header, list(rows.values()))


def _subjects(folder: Path, python: str, environment: Mapping[str, str]) -> list[Subject]:
    bare = folder / "bare"
    bare.mkdir()
    (bare / "bare.py").write_text(BARE, "utf-8")
    interpreter = runtime_interpreter(f"python{python}")
    runtime = {"runtime": f"python{python}", "interpreter": interpreter}
    subjects = [Subject(BARE_NAME, _config(bare, "bare.handler", runtime, environment), {})]
    for variant in VARIANTS:
        service = _service(folder, variant, "serverless", python)
        code = folder / variant
        with zipfile.ZipFile(_package(service, python)) as archive:
            archive.extractall(code)
        for name, trigger in FUNCTIONS.items():
            event = json.loads((service.folder / "events" / name / "sample.json").read_text())
            handler = f"orders.{name}.handler.handler"
            config = _config(code, handler, runtime, environment)
            subjects.append(Subject(f"{variant} {trigger}", config, event))
    return subjects


def _config(
    code: Path, handler: str, runtime: Mapping[str, object], environment: Mapping[str, str]
) -> FunctionConfig:
    settings = {"STAGE": "dev", "IDEMPOTENCY_TABLE": "orders-idempotency-dev"}
    return FunctionConfig(
        code=code,
        handler=handler,
        environment={**settings, **environment, "POWERTOOLS_SERVICE_NAME": "orders"},
        memory=256,
        timeout=30,
        log_format="JSON",
        **runtime,  # type: ignore[arg-type]
    )


def _measure(subjects: Sequence[Subject]) -> dict[str, list[tuple[float, float]]]:
    """(init, first invocation) in ms of each run by the subject's name; a first is not counted."""
    shuffled = random.Random(0)
    found: dict[str, list[tuple[float, float]]] = {subject.name: [] for subject in subjects}
    for number in range(-1, RUNS):
        for subject in shuffled.sample(subjects, len(subjects)):
            with Sandbox(subject.config) as sandbox:
                done = sandbox.invoke(subject.event)
                if sandbox.init_error or done.failed:
                    raise RuntimeError(f"{subject.name} failed: {done.payload!r}\n{sandbox.log}")
                if number >= 0:
                    found[subject.name].append((sandbox.init_ms, done.duration_ms))
    return found


@contextmanager
def _yes_man() -> Iterator[str]:
    """The address of a DynamoDB, as it were, that accepts whatever is written."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Yes)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Yes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the table is the only output."""
