"""A new service is whole or absent, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from generator import write
from generator.errors import TargetError
from generator.tree import Entry, read_tree
from generator.write import write_new

TREE = {"a/b.txt": Entry(b"b\n"), "run.sh": Entry(b"#!/bin/sh\n", executable=True)}


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("exists", [False, True])
def test_what_is_written_is_the_tree(tmp_path, exists):
    target = tmp_path / "deep" / "er"
    if exists:
        target.mkdir(parents=True)
    write_new(target, TREE)
    assert read_tree(target) == TREE
    assert names(tmp_path / "deep") == ["er", "er/a", "er/a/b.txt", "er/run.sh"]


def test_the_umask_is_kept(tmp_path):
    before = os.umask(0o027)
    try:
        write_new(tmp_path / "x", TREE)
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "x" / "run.sh").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "x" / "a" / "b.txt").stat().st_mode & 0o777 == 0o640


def test_a_fresh_clone_is_as_good_as_empty(tmp_path):
    (tmp_path / "x" / ".git").mkdir(parents=True)
    (tmp_path / "x" / ".git" / "HEAD").write_text("ref: refs/heads/main")
    write_new(tmp_path / "x", TREE)
    assert names(tmp_path / "x") == [".git", ".git/HEAD", "a", "a/b.txt", "run.sh"]


@pytest.mark.parametrize("kind", ["file", "full", "service", "dangling"])
def test_what_is_in_the_way_is_refused_and_kept(tmp_path, kind):
    target = tmp_path / "x"
    if kind == "file":
        target.write_text("mine")
    elif kind == "dangling":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.mkdir()
        (target / ("gen.toml" if kind == "service" else "mine.txt")).write_text("mine")
    before = names(tmp_path)
    with pytest.raises(TargetError) as caught:
        write_new(target, TREE)
    assert caught.value.exit_code == 2
    assert names(tmp_path) == before
    assert ("gen update" in caught.value.hint) == (kind == "service")


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("failing_call", range(4))
@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_fault_at_any_file_leaves_nothing(tmp_path, monkeypatch, exists, failing_call, fault):
    target = tmp_path / "new" / "x"
    if exists:
        target.mkdir(parents=True)
    before = names(tmp_path)
    calls = iter(range(100))
    for name, real in (("open", open), ("replace", os.replace)):

        def faulty(*args, _real=real, **kwargs):
            if next(calls) == failing_call:
                raise fault
            return _real(*args, **kwargs)

        if name == "open":
            monkeypatch.setattr(write, "open", faulty, raising=False)
        else:
            monkeypatch.setattr(os, "replace", faulty)
    try:
        write_new(target, TREE)
    except (TargetError, KeyboardInterrupt):
        assert names(tmp_path) == before
    else:
        assert not exists and failing_call == 3, "every call before the last must fail"


def test_a_folder_without_rights_is_one_message(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    uid = os.geteuid()
    if uid == 0:  # root may write anywhere: be somebody else for a moment
        tmp_path.chmod(0o755)
        os.seteuid(65534)
    try:
        with pytest.raises(TargetError) as caught:
            write_new(closed / "x", TREE)
    finally:
        if uid == 0:
            os.seteuid(0)
    assert "may write to" in caught.value.hint
    assert names(tmp_path) == ["closed"]


def test_a_path_below_a_file_is_one_message(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TargetError, match="cannot write to"):
        write_new(tmp_path / "file" / "x", TREE)
