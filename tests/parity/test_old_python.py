"""On an interpreter that is too old, the Cookiecutter route says so, in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest
from tools.provision import python_interpreter

ROOT = Path(__file__).resolve().parents[2]
OLD = next((path for v in ("3.10", "3.9", "3.8") if (path := python_interpreter(v))), None)


@pytest.mark.parametrize("hook", ["pre_gen_project", "post_gen_project"])
def test_the_hooks_say_so(hook, tmp_path):
    template = (ROOT / "hooks" / f"{hook}.py").read_text("utf-8")
    values = {"template_root": str(ROOT), "cookiecutter": {}}
    script = tmp_path / "hook.py"
    script.write_text(jinja2.Template(template).render(values), "utf-8")
    if OLD is None:  # a machine without an old Python: this one, saying that it is old
        pretend = f"import sys; sys.version_info = (3, 10, 0); exec(open({str(script)!r}).read())"
        command = [sys.executable, "-c", pretend]
    else:
        command = [str(OLD), str(script)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: serverless-py needs Python 3.11 or newer")
    assert len(done.stderr.splitlines()) == 1
    assert os.listdir(tmp_path) == ["hook.py"]


def test_the_extension_says_so(monkeypatch):
    """It is loaded before any hook, by the same interpreter."""
    from cookiecutter.exceptions import FailedHookException

    from hooks.service_extension import ServiceExtension

    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(FailedHookException, match=r"3\.11 or newer, Cookiecutter runs on 3\.10\.4"):
        ServiceExtension(jinja2.Environment())
