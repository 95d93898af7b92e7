"""What a function of Google Cloud costs when it starts: its entry point, in the framework."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tools.provision import python_interpreter, python_venv

from benchmarks.measure import RUNS, Case, Cost, measure
from benchmarks.report import Table, Target
from generator.base import with_base
from generator.packs import Packs
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.write import write_new

PYTHON = "3.13"
LIMIT = 1.1
METHOD = f"""\
The real Functions Framework makes the app of each function, as it does when an instance of Cloud
Run starts; the web server around it is the same for all and not counted. "bare" is a `main.py` with
a function that does nothing. Ours: a service of one function with the trigger, from the archive
that its own scripts/package.py builds. Beside them what articles start with: Cloud Storage's client
library, imported at the top. All byte-compiled, as Cloud Build leaves them. User and system CPU
time of a process on Python {PYTHON}, median of {RUNS} shuffled rounds after one that is not
counted; "best" is the cheapest run; peak is the largest resident memory of any run."""
LOAD = "import functions_framework; functions_framework.create_app()"
BARE = {
    "http": """\
import functions_framework


@functions_framework.http
def task(request):
    return "ok"
""",
    "event": """\
import functions_framework


@functions_framework.cloud_event
def task(event):
    pass
""",
}
CLIENT = BARE["http"].replace("framework\n", "framework\nfrom google.cloud import storage\n", 1)


def run_framework() -> list[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-framework-") as folder:
        python = python_venv("functions_framework", PYTHON) / "bin" / "python"
        costs = measure([_case(name, code, python) for name, code in _subjects(Path(folder))])
    bare = costs["bare http"].median_ms
    rows = [
        (name, *cost.cells(), f"{cost.median_ms / bare:.2f}", f"{cost.peak_mib:.1f} MiB")
        for name, cost in costs.items()
    ]
    header = ("entry point", "CPU", "best", "x bare http", "peak")
    return [Table("Entry points of Cloud Run functions", METHOD, header, rows, _targets(costs))]


def _targets(costs: dict[str, Cost]) -> list[Target]:
    return [
        Target(f"{name} / {bare}", LIMIT, costs[name].median_ms / costs[bare].median_ms, "x")
        for name, bare in ((name, _bare_of(name)) for name in costs if name.startswith("gcp "))
    ]


def _bare_of(name: str) -> str:
    """With the same signature: what the framework does for it is not ours."""
    return "bare http" if name in ("gcp http", "gcp schedule") else "bare event"


def _subjects(folder: Path) -> Iterator[tuple[str, Path]]:
    """Folders with a main.py whose function is called `task`."""
    for name, code in (
        *((f"bare {kind}", code) for kind, code in BARE.items()),
        ("google-cloud-storage at the top", CLIENT),
    ):
        place = folder / name.replace(" ", "-")
        place.mkdir()
        (place / "main.py").write_text(code, "utf-8")
        yield name, place
    for trigger in sorted(Packs().providers["gcp"].triggers):
        yield f"gcp {trigger}", _archive(folder / trigger, trigger)


def _archive(service: Path, trigger: str) -> Path:
    request = Request(name="orders", provider="gcp", trigger=(f"{trigger}=task",), python=PYTHON)
    write_new(service, with_base(render(build_spec(to_answers(request), Packs()), Packs())))
    interpreter = python_interpreter(PYTHON)
    subprocess.run([str(interpreter), "scripts/package.py"], cwd=service, check=True)
    code = service / "code"
    with zipfile.ZipFile(service / "build" / "task.zip") as archive:
        archive.extractall(code)
    return code


def _case(name: str, code: Path, python: Path) -> Case:
    subprocess.run([str(python), "-m", "compileall", "-q", "-f", str(code)], check=True)
    settings = {"FUNCTION_TARGET": "task", "FUNCTION_SOURCE": str(code / "main.py")}
    return Case(name, [str(python), "-c", LOAD], settings)
