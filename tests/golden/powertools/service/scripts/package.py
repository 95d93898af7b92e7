"""Builds build/package.zip: src/ and its dependencies, compiled.

The same input gives the same bytes, so that a deployment without a change changes nothing.
Usage: package.py PYTHON ARCHITECTURE, as in `package.py 3.13 arm64`.
"""

from __future__ import annotations

import compileall
import py_compile
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
REQUIREMENTS = SOURCE / "requirements.txt"
STAGING = ROOT / "build" / "package"
ARCHIVE = ROOT / "build" / "package.zip"
# Lambda runs Amazon Linux 2023: wheels for glibc 2.34 and older, the newest first.
GLIBCS = [f"2_{minor}" for minor in range(34, 16, -1)]
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold


def main() -> None:
    python, architecture = sys.argv[1:]
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if running != python:
        sys.exit(f"This is Python {running}, the functions run on {python}: run `make install`.")
    shutil.rmtree(STAGING, ignore_errors=True)
    STAGING.mkdir(parents=True)
    install_dependencies(python, MACHINES[architecture])
    ignored = shutil.ignore_patterns("__pycache__", REQUIREMENTS.name)
    shutil.copytree(SOURCE, STAGING, ignore=ignored, dirs_exist_ok=True)
    compile_all()
    write_archive()
    print(f"{ARCHIVE.relative_to(ROOT)}: {ARCHIVE.stat().st_size // 1024} KiB", file=sys.stderr)


def install_dependencies(python: str, machine: str) -> None:
    """Wheels for the machine that Lambda runs on, whatever this one is."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    if not any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--requirement", str(REQUIREMENTS), "--target", str(STAGING), "--no-compile"]
    command += ["--python-version", python, "--implementation", "cp", "--only-binary", ":all:"]
    for glibc in GLIBCS:
        command += ["--platform", f"manylinux_{glibc}_{machine}"]
    command += ["--platform", f"manylinux2014_{machine}"]
    subprocess.run(command, check=True)


def compile_all() -> None:
    """Halves the time to load a larger function. By hash: the dates in a package say nothing."""
    compileall.compile_dir(
        STAGING,
        quiet=1,
        stripdir=STAGING,
        prependdir="/var/task",
        invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
    )


def write_archive() -> None:
    """Sorted, and with fixed dates and modes."""
    with zipfile.ZipFile(ARCHIVE, "w") as archive:
        for path in sorted(STAGING.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(STAGING).as_posix(), EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix, on Windows too
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    main()
