"""Provisioning, with requirement sets of its own that install nothing or fail."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from tools import provision


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements").mkdir()
    uv = (provision.REQUIREMENTS / "uv.txt").read_text()
    installed = provision._uv()  # the real one, found before the folders change
    monkeypatch.setattr(provision, "_uv", lambda: installed)
    monkeypatch.setattr(provision, "REQUIREMENTS", tmp_path / "requirements")
    monkeypatch.setattr(provision, "CACHE", tmp_path / "cache")
    (tmp_path / "requirements" / "uv.txt").write_text(uv)


def requirements(name: str, text: str) -> None:
    """A requirement set for this test."""
    (provision.REQUIREMENTS / f"{name}.txt").write_text(text)


def test_a_venv_is_made_once_and_anew_when_a_pin_changes() -> None:
    requirements("tool", "# one\n")
    first = provision.python_venv("tool")
    assert (first / "bin" / "python").exists()
    (first / "mine").touch()
    assert provision.python_venv("tool") == first
    assert (first / "mine").exists()
    requirements("tool", "# two\n")
    assert provision.python_venv("tool") != first


def test_what_was_interrupted_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    requirements("tool", "# nothing\n")
    folder = provision.python_venv("tool")
    (folder / provision._COMPLETE).unlink()
    (folder / "half").touch()
    assert provision.python_venv("tool") == folder
    assert not (folder / "half").exists()


def test_several_at_once_install_once(monkeypatch: pytest.MonkeyPatch) -> None:
    requirements("tool", "# nothing\n")
    made: list[Path] = []
    monkeypatch.setattr(provision, "_make_venv", lambda folder, python: made.append(folder))
    monkeypatch.setattr(provision, "_pip_install", lambda folder, requirements: None)
    threads = [threading.Thread(target=provision.python_venv, args=("tool",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_failure_shows_what_the_installer_said() -> None:
    requirements("tool", "./no-such-folder\n")
    with pytest.raises(provision.ProvisionError, match="no-such-folder"):
        provision.python_venv("tool")


def test_interpreters() -> None:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = provision.python_interpreter(running)
    assert found is not None
    assert provision._probe(str(found)) == (running, str(found))
    assert provision.python_interpreter("3.1") is None
    with pytest.raises(provision.ProvisionError, match=r"no Python 3\.1 "):
        requirements("tool", "")
        provision.python_venv("tool", "3.1")


def test_node_leads_a_path_alone() -> None:
    folder = provision.node_bin()
    assert {item.name for item in folder.iterdir()} == {"node", "npm", "npx", provision._COMPLETE}
    assert provision.node_environment()["PATH"].startswith(f"{folder}:")
