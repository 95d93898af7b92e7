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
from tools.provision import requirements_venv
from tools.workbench import Workbench, build_workbench, link_up_to_date

from benchmarks.coldstart_peers import peers, unzipped, zipped
from benchmarks.report import Table, Target
from generator.base import with_base
from generator.packs import Packs
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.write import write_new

PYTHON = "3.13"
RUNS = 20
# Not arm64, the default: a wheel with native code could not be loaded here.
MACHINE = "x86_64"
# Its script makes the package without the tool itself.
TOOL = "serverless"
VARIANTS = ("lean", "powertools")
# The triggers that the targets are about, and how much longer than the bare handler they may take.
COMMON = ("http", "s3", "sqs")
LIMITS = {"lean": 1.1, "powertools": 2.0}
METHOD = f"""\
Each handler runs under the real `awslambdaric` on Python {PYTHON}, beside
`def handler(event, context): return {{}}` and what others start with: a handler with
`boto3.client` at the top, as articles have it; the new projects of Chalice and of Zappa (with
Flask), packaged by themselves; a handler of the parts of SAM's Powertools sample (router, logger,
tracer, metrics), not compiled, as `sam build` leaves it. Ours: a service of one function with the
trigger, packaged as the service itself does it (scripts/package.py). All are extracted once;
awslambdaric and boto3 are byte-compiled, as in Lambda. Wall time, fresh processes in shuffled
rounds, medians of {RUNS}: "init" from starting the process to its asking for the first event,
"first" until it has answered an event, its sample event for ours. The emulated Runtime API sends
without Nagle's delay. Some make a client of boto3 in the init phase or in the first invocation; the
service it calls is a small server here that says yes to everything. "zip" is the deployment
package. Lambda's smaller machines are slower than this one: compare, do not quote."""
SIZES = """\
The deployment package of each tool, as its own `make build` leaves it: for Serverless its zip, for
SAM the folder of one function, zipped (all functions of a service have the same code). Compiled
files are in it, boto3 is not: Lambda has it."""
YES = b'{"SecretString": "testing"}'
SIZED = ("http=api", "s3=uploads", "sqs=refunds", "schedule=nightly")


@dataclass(frozen=True)
class Subject:
    """A handler to start, the event it gets, and the zip that it is deployed in."""

    name: str
    config: FunctionConfig
    event: object
    archive: Path
    rival: bool = False
    """Another's, whose log is structured as well."""


@dataclass(frozen=True)
class Times:
    """Medians in ms."""

    init: float
    first: float


def run() -> list[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-cold-") as folder:
        root = Path(folder)
        with _yes_man() as endpoint:
            subjects = list(_subjects(root, {"AWS_ENDPOINT_URL": endpoint}))
            times = _measure(subjects)
        return [_sizes(root / "sizes"), _table(subjects, times)]


def _table(subjects: Sequence[Subject], times: Mapping[str, Times]) -> Table:
    bare = times[subjects[0].name]
    rows = [
        (
            subject.name,
            f"{times[subject.name].init:.1f} ms",
            f"{times[subject.name].init / bare.init:.2f}",
            f"{times[subject.name].first:.1f} ms",
            _size(subject.archive)[0],
        )
        for subject in subjects
    ]
    header = ("handler", "init", "init / bare", "first", "zip")
    return Table("Cold start", METHOD, header, rows, _targets(subjects, times))


def _targets(subjects: Sequence[Subject], times: Mapping[str, Times]) -> list[Target]:
    bare = times[subjects[0].name].init
    found = [
        Target(f"{variant} {trigger} / bare", limit, times[f"{variant} {trigger}"].init / bare, "x")
        for variant, limit in LIMITS.items()
        for trigger in COMMON
    ]
    peer = min(times[subject.name].init for subject in subjects if subject.rival)
    for variant in VARIANTS:
        ours = max(times[f"{variant} {trigger}"].init for trigger in COMMON)
        what = f"slowest {variant} of these / fastest peer with structured logs"
        found.append(Target(what, 1, ours / peer, "x"))
    return found


def _subjects(folder: Path, environment: Mapping[str, str]) -> Iterator[Subject]:
    """The bare handler first, then the peers', then ours."""
    interpreter = runtime_interpreter(f"python{PYTHON}")
    for peer in peers(folder / "peers", PYTHON, MACHINE):
        config = _config(peer.code, peer.handler, interpreter, environment)
        yield Subject(peer.name, config, peer.event, peer.archive, peer.structured)
    pack = Packs().providers["aws"]
    for variant in VARIANTS:
        for trigger in sorted(pack.triggers):
            if TOOL not in pack.triggers[trigger].tools:
                continue
            service = folder / variant / trigger
            request = _request(TOOL, variant, f"{trigger}=task")
            spec = build_spec(to_answers(request), Packs())
            write_new(service, with_base(render(spec, Packs())))
            archive = _package(service, interpreter)
            code = unzipped(archive, service / "code")
            event = json.loads((service / "events/task/sample.json").read_text("utf-8"))
            config = _config(code, "orders.task.handler.handler", interpreter, environment)
            yield Subject(f"{variant} {trigger}", config, event, archive)


def _request(tool: str, variant: str, *functions: str) -> Request:
    return Request(
        name="orders",
        provider="aws",
        tool=tool,
        trigger=functions,
        set=(f"powertools={variant == 'powertools'}", f"architecture={MACHINE}"),
        python=PYTHON,
    )


def _package(service: Path, interpreter: Path) -> Path:
    """The zip that is deployed."""
    command = [str(interpreter), "scripts/package.py", PYTHON, MACHINE]
    done = subprocess.run(command, cwd=service, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}{done.stderr}")
    return service / "build" / "package.zip"


def _config(
    code: Path, handler: str, interpreter: Path, environment: Mapping[str, str]
) -> FunctionConfig:
    settings = {
        "STAGE": "dev",
        "IDEMPOTENCY_TABLE": "orders-idempotency-dev",
        "POWERTOOLS_SERVICE_NAME": "orders",
        "SIGNING_SECRET_NAME": "orders/dev/signing",
    }
    return FunctionConfig(
        code=code,
        handler=handler,
        runtime=f"python{PYTHON}",
        interpreter=interpreter,
        environment={**settings, **environment},
        memory=256,
        timeout=30,
        log_format="JSON",
    )


def _measure(subjects: Sequence[Subject]) -> dict[str, Times]:
    """By the subject's name; a first round is not counted."""
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
    return {
        name: Times(median(init for init, _ in pairs), median(first for _, first in pairs))
        for name, pairs in found.items()
    }


def _sizes(folder: Path) -> Table:
    folder.mkdir()
    interpreter = runtime_interpreter(f"python{PYTHON}")
    rows = []
    for variant in VARIANTS:
        request = _request(TOOL, variant, *SIZED)
        service = folder / variant
        write_new(service, with_base(render(build_spec(to_answers(request), Packs()), Packs())))
        rows.append((f"{variant}, Serverless", *_size(_package(service, interpreter))))
        request = _request("sam", variant, *SIZED)
        bench = build_workbench(folder / f"{variant}-sam", to_answers(request))
        rows.append((f"{variant}, SAM", *_size(_sam_package(bench))))
    return Table("Deployment packages", SIZES, ("package", "zip", "files", "extracted"), rows)


def _sam_package(service: Workbench) -> Path:
    python = service.folder / ".venv/bin/python"
    venv = requirements_venv("deploy", [service.folder / "requirements-deploy.txt"], python)
    link_up_to_date(service.folder, ".venv-deploy", venv, marker="bin/sam")
    done = service.make("build")
    if done.returncode:
        raise RuntimeError(f"make build failed:\n{done.stdout}{done.stderr}")
    built = next(path for path in (service.folder / ".aws-sam/build").iterdir() if path.is_dir())
    return zipped(built, service.folder / "function.zip")


def _size(package: Path) -> tuple[str, str, str]:
    with zipfile.ZipFile(package) as archive:
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
    extracted = sum(entry.file_size for entry in files) / 1024
    return f"{package.stat().st_size / 1024:.1f} KiB", str(len(files)), f"{extracted:.1f} KiB"


@contextmanager
def _yes_man() -> Iterator[str]:
    """The address of a service, as it were, that accepts whatever is written and has any secret."""
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
        self.send_header("Content-Length", str(len(YES)))
        self.end_headers()
        self.wfile.write(YES)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the table is the only output."""
