"""The service's Python: whether one is on this machine, and for how long the provider runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from generator.doctor import probe
from generator.doctor.findings import FAILURE, OK, WARNING, Finding
from generator.layers import BASE_LAYER, base_layer_folder
from generator.metadata import Provider, PythonVersion
from generator.packs import Packs
from generator.templates import templates_of

CHECK = "python"
SOON = timedelta(days=183)
FINDER = f"{BASE_LAYER}/scripts/find_python.sh"
VENV = ".venv"


def today() -> date:
    return date.today()


def check_life(provider: Provider, version: str, now: date) -> Iterator[Finding]:
    """How long the provider runs this Python. A week day's meeting is enough to plan the next."""
    python = next((p for p in provider.pythons if p.version == version), None)
    if python is None or not python.end_of_life:
        return
    said = f"Python {version} at {provider.title}"
    end = date.fromisoformat(python.end_of_life)
    if end <= now:
        message, status = f"{said}: its end of life was on {end} ({python.source})", FAILURE
    elif end <= now + SOON:
        message, status = f"{said}: its end of life is on {end} ({python.source})", WARNING
    else:
        yield Finding(CHECK, OK, f"{said}: supported until {end}")
        return
    yield Finding(CHECK, status, message, "gen.toml", _next_python(python, provider.pythons))


def _next_python(python: PythonVersion, offered: Sequence[PythonVersion]) -> str:
    """What to do about a Python that ends: the one with the longest life, or newer templates."""
    longest = max(offered, key=lambda p: (p.end_of_life, p.default))
    if longest.end_of_life <= python.end_of_life:
        return "these templates know no Python that lives longer: install newer ones, gen update"
    return f'write python = "{longest.version}" in gen.toml, then gen apply and make test'


def check_found(
    versions: Iterable[str], packs: Packs, folder: Path, severity: str = FAILURE
) -> Iterator[Finding]:
    """Whether each Python is there: by the very script that `make install` asks, as it is rendered.

    The script of the service itself is not run: it may say anything.
    """
    shell = probe.find("sh")
    if not shell:
        message = "there is no sh on PATH: make and the scripts of a service need it"
        yield Finding(CHECK, severity, message, hint="install a POSIX shell")
        return
    commands = {v: (shell, "-c", finder(v, packs)) for v in versions}
    for version, answer in probe.ask(commands, folder).items():
        if answer.code == 0 and answer.out.strip():
            yield Finding(CHECK, OK, f"Python {version}: {answer.out.strip().splitlines()[-1]}")
        elif answer.code is None:
            message = f"looking for Python {version} took longer than {probe.TIMEOUT:g} seconds"
            yield Finding(CHECK, WARNING, message, hint=f"try it: python{version} --version")
        else:
            message = f"no Python {version} with venv and ensurepip on PATH, in pyenv or in uv"
            hint = f"uv python install {version}; or: pyenv install {version}"
            yield Finding(CHECK, severity, message, hint=hint)


def finder(version: str, packs: Packs) -> str:
    """The script that finds this Python."""
    templates = templates_of((*packs.roots, base_layer_folder().parent))
    return templates.render(FINDER, {"cookiecutter": {"python_version": version}})


def check_environment(root: Path, version: str) -> Iterator[Finding]:
    """Whether the virtual environment is of this Python, as it says itself. None is no finding."""
    settings = root / VENV / "pyvenv.cfg"
    if not settings.is_file():
        return
    hint = f"rm -r {VENV}, then make install"
    lines = settings.read_text("utf-8", "replace").splitlines()
    said = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    made = said.get("version") or said.get("version_info", "")
    if made.split(".")[:2] != version.split("."):
        message = f"it is of Python {made or '?'}, and gen.toml says {version}"
        yield Finding(CHECK, WARNING, message, VENV, hint)
    elif not any((root / VENV / place).exists() for place in ("bin/python", "Scripts/python.exe")):
        yield Finding(CHECK, FAILURE, "the Python that it was made with is gone", VENV, hint)
    else:
        yield Finding(CHECK, OK, f"{VENV} is of Python {made}")
