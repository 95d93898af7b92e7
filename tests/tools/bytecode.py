"""Compiled modules, kept by what they are compiled from: virtual environments share them.

To compile what a service pins takes 20 seconds of a processor, and most of it is the same in all of
them. Python itself corrects the path in a compiled module as it loads it.
"""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

Once = Callable[[Path, Callable[[], None]], None]


def share_bytecode(venv: Path, store: Path, once: Once) -> None:
    """Has every distribution in `venv` compiled: from the store, where it is put if need be.

    Whether a source has changed is not looked at by what is compiled so: of an installed one
    nothing does.
    """
    [site] = venv.glob("lib/python3*/site-packages")
    python = venv / "bin" / "python"
    tag = site.parent.name.removeprefix("python").replace(".", "")
    for record in sorted(site.glob("*.dist-info/RECORD")):
        kept = store / tag / f"{record.parent.stem}-{_digest(record)}"
        once(kept, partial(_compile, python, site, record, kept))
        for compiled in kept.rglob("*.pyc"):
            target = site / compiled.relative_to(kept)
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                os.link(compiled, target)


def _digest(record: Path) -> str:
    """Of what is compiled: of this project, one version has many contents."""
    with record.open(encoding="utf-8", newline="") as lines:
        rows = sorted(row for row in csv.reader(lines) if row[0].endswith(".py"))
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]


def _compile(python: Path, site: Path, record: Path, kept: Path) -> None:
    sources = list(_sources(record))
    subprocess.run(
        [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-i", "-"],
        cwd=site,
        input="".join(f"{site / source}\n" for source in sources),
        # What does not compile is not meant to be imported, such as a template.
        check=False,
        capture_output=True,
        text=True,
    )
    for source in sources:
        for compiled in (site / source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc"):
            target = kept / compiled.relative_to(site)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            os.link(compiled, target)


def _sources(record: Path) -> Iterator[Path]:
    with record.open(encoding="utf-8", newline="") as lines:
        for name, *_ in csv.reader(lines):
            if name.endswith(".py") and not name.startswith((".", "/")):
                yield Path(name)
