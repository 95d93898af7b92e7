"""Compiled modules that virtual environments share are those of their own sources."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.bytecode import share_bytecode


def venv(folder: Path, source: str) -> Path:
    """As good as one: an interpreter, and version 1 of a distribution with one module."""
    site = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (site / "horn-1.dist-info").mkdir(parents=True)
    (site / "horn.py").write_text(source, "utf-8")
    digest = base64.urlsafe_b64encode(hashlib.sha256(source.encode()).digest()).decode()
    record = f"horn.py,sha256={digest.rstrip('=')},{len(source)}\nhorn-1.dist-info/RECORD,,\n"
    (site / "horn-1.dist-info" / "RECORD").write_text(record, "utf-8")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


def once(path: Path, make: Callable[[], None]) -> None:
    if not path.exists():
        path.mkdir(parents=True)
        make()


def test_another_content_of_the_same_version_is_compiled_anew(tmp_path: Path) -> None:
    """It ran what had been compiled of an older checkout, and a benchmark measured that."""
    for number, sound in enumerate(["low", "high", "low"]):
        folder = venv(tmp_path / str(number), f"SOUND = {sound!r}\n")
        share_bytecode(folder, tmp_path / "store", once)
        [site] = folder.glob("lib/*/site-packages")
        command = [sys.executable, "-c", "import horn; print(horn.SOUND, horn.__cached__)"]
        done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=True)
        said, cached = done.stdout.split()
        assert said == sound
        assert Path(cached).is_file()
    assert len(list((tmp_path / "store").glob("*/*"))) == 2
