"""All changes or none; nothing that was changed meanwhile is overwritten; one command at a time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.errors import TargetError, UserError, report
from generator.transaction.commit import (
    BusyError,
    Change,
    ChangedError,
    DamagedError,
    PathError,
    Recovered,
    Undo,
    commit,
    last,
    locked,
    recover,
)
from generator.tree import Entry, read_tree

CHANGES = {
    "src/app.py": Change(Entry(b"old\n"), Entry(b"new\n")),
    "docs/gone.md": Change(Entry(b"old\n"), None),
    "bin/run.sh": Change(None, Entry(b"#!/bin/sh\n", executable=True)),
    ".gen/base/src/app.py/2.z": Change(None, Entry(b"\0new")),
}
HOLDER = """
import sys, time
from pathlib import Path
from generator.transaction.commit import locked
sys.argv = ["gen", "add-trigger", "s3"]
with locked(Path({root!r})):
    print("held", flush=True)
    time.sleep({seconds})
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    service = tmp_path / "service"
    for path, change in CHANGES.items():
        if change.before is not None:
            (service / path).parent.mkdir(parents=True)
            (service / path).write_bytes(change.before.content)
    return service


def held(root: Path) -> dict[str, Entry | str]:
    """All that is in the service, links too, but for the lock."""
    found: dict[str, Entry | str] = dict(read_tree(root))
    for path in root.rglob("*"):
        if path.is_symlink():
            found[path.relative_to(root).as_posix()] = os.readlink(path)
        elif path.is_dir() and path != root / ".gen":
            found[path.relative_to(root).as_posix()] = "folder"
    found.pop(".gen/lock", None)
    return found


def refused(root: Path, changes: dict[str, Change], kind: type[UserError]) -> str:
    """The report of a commit that is refused and leaves everything as it was."""
    before = held(root)
    with pytest.raises(kind) as caught:
        commit(root, changes, "gen apply")
    assert held(root) == before
    assert caught.value.hint
    return report(caught.value)


def undo_of(root: Path) -> Undo:
    """The last transaction, which there must be."""
    undo = last(root)
    assert undo is not None
    return undo


# --- commit and its undo record ----------------------------------------------------------------


def test_all_is_written_and_remembered(root):
    commit(root, CHANGES, "gen add-trigger s3")
    after = read_tree(root)
    assert after.pop(".gen/undo") and after.pop(".gen/lock") == Entry(b"")
    assert after == {path: change.after for path, change in CHANGES.items() if change.after}
    assert not (root / "docs").exists(), "the folder that the deletion left empty"
    undo = undo_of(root)
    assert (undo.label, undo.changes) == ("gen add-trigger s3", CHANGES)
    assert time.strptime(undo.when, "%Y-%m-%dT%H:%M:%SZ")


def test_the_undo_record_is_the_last_transactions_and_can_be_undone_itself(root):
    before = read_tree(root)
    commit(root, CHANGES, "one")
    first = undo_of(root)
    commit(root, {path: Change(new, old) for path, (old, new) in first.changes.items()}, "two")
    after = read_tree(root)
    assert {path: after[path] for path in after if not path.startswith(".gen/")} == before
    assert undo_of(root).label == "two"


def test_contents_of_every_kind_come_back_from_the_undo_record(root):
    odd = {"empty": b"", "zero": b"\0\n\r\n", "late": b"no line end", "gen": b"gen transaction 1 "}
    changes = {f"ö/{name}\udcff": Change(None, Entry(odd[name], True)) for name in odd}
    commit(root, changes, 'a "label"\nin two lines')
    assert undo_of(root).changes == changes
    assert undo_of(root).label == 'a "label"\nin two lines'


def test_nothing_to_change_leaves_the_undo_record(root):
    commit(root, CHANGES, "one")
    commit(root, {"bin/run.sh": Change(*[CHANGES["bin/run.sh"].after] * 2)}, "two")
    commit(root, {}, "three")
    assert undo_of(root).label == "one"


def test_without_a_transaction_there_is_nothing_to_undo(root):
    assert last(root) is None


@pytest.mark.parametrize("damage", ["cut", "emptied", "edited", "other version", "folder"])
def test_a_damaged_undo_record_is_one_message(root, damage):
    commit(root, CHANGES, "one")
    file = root / ".gen" / "undo"
    content = file.read_bytes()
    file.unlink()
    if damage == "folder":
        file.mkdir()
    else:
        damaged = {
            "cut": content[:-1],
            "emptied": b"",
            "edited": content.replace(b"old", b"odd"),
            "other version": content.replace(b"transaction 1", b"transaction 2"),
        }
        file.write_bytes(damaged[damage])
    with pytest.raises(DamagedError, match="cannot be taken back") as caught:
        last(root)
    assert "git" in caught.value.hint


@pytest.mark.parametrize(
    ("mode", "executable", "expected"),
    [
        (0o600, False, 0o600),
        (0o664, False, 0o664),
        (0o600, True, 0o700),
        (0o664, True, 0o775),
        (0o755, True, 0o755),
        (0o744, True, 0o744),
        (0o750, False, 0o640),
        (None, False, 0o640),
        (None, True, 0o750),
    ],
)
def test_permissions_stay_but_for_the_executable_bits(root, mode, executable, expected):
    file = root / "src" / "app.py"
    change = Change(None, Entry(b"new\n", executable))
    if mode is None:
        file.unlink()
    else:
        file.chmod(mode)
        change = change._replace(before=Entry(b"old\n", bool(mode & 0o100)))
    before = os.umask(0o027 if mode is None else 0o022)
    try:
        commit(root, {"src/app.py": change}, "one")
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == expected


def test_what_only_the_user_may_read_is_not_shown_by_the_undo_record(root):
    commit(root, CHANGES, "one")
    assert (root / ".gen" / "undo").stat().st_mode & 0o077 == 0


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("../out", "/etc/out", "a/../../out", "a//b", "a/./b", "", "a\0b", "a/"),
        *(".git/hooks/x", "sub/.GIT/config"),
        *(".gen/lock", ".gen/journal/new/0", ".gen/undo", ".gen/staging"),
    ],
)
def test_a_path_that_is_none_of_the_service_is_refused(root, path):
    text = refused(root, {**CHANGES, path: Change(None, Entry(b""))}, PathError)
    assert "Nothing was written." in text and "\0" not in text


@pytest.mark.parametrize("kind", ["linked folder", "link", "dangling", "folder", "file above"])
def test_what_is_in_the_way_is_named(root, tmp_path, kind):
    outside = tmp_path / "outside"
    outside.mkdir()
    place = root / "bin" if kind in ("linked folder", "file above") else root / "bin" / "run.sh"
    place.parent.mkdir(exist_ok=True)
    if kind == "folder":
        place.mkdir()
    elif kind == "file above":
        place.write_text("mine")
    else:
        place.symlink_to({"dangling": "nowhere", "link": root / "src/app.py"}.get(kind, outside))
    text = refused(root, CHANGES, TargetError)
    assert f'"{place.relative_to(root)}" is a' in text
    assert not list(outside.iterdir())


def change_it(root: Path, how: str) -> str:
    """A developer's change, and the path that it is at."""
    path = "bin/run.sh" if how in ("appeared", "dangling") else "src/app.py"
    file = root / path
    file.parent.mkdir(exist_ok=True)
    if how == "vanished":
        file.unlink()
    elif how == "executable":
        file.chmod(0o755)
    elif how == "dangling":
        file.symlink_to("nowhere")
    else:
        file.write_text("mine")
    return path


@pytest.mark.parametrize("how", ["edited", "vanished", "executable", "appeared"])
def test_a_file_changed_since_the_plan_stops_everything(root, how):
    path = change_it(root, how)
    assert f'"{path}" was changed' in refused(root, CHANGES, ChangedError)


@pytest.mark.parametrize("how", ["edited", "vanished", "executable", "appeared", "dangling"])
def test_a_file_changed_while_all_is_staged_stops_everything(root, monkeypatch, how):
    before, real = held(root), os.fsync
    changed: list[str] = []

    def meanwhile(handle):
        if not changed:
            changed.append(change_it(root, how))
        real(handle)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(ChangedError, match="Nothing was written") as caught:
        commit(root, CHANGES, "one")
    (path,) = changed
    assert path in caught.value.where
    after = held(root)
    different = {at for at in before.keys() | after.keys() if before.get(at) != after.get(at)}
    assert path in different and different <= {path, "bin"}


@pytest.mark.parametrize("how", ["edited", "vanished", "appeared"])
def test_a_file_changed_after_the_commit_point_is_kept_and_the_others_taken_back(
    root, monkeypatch, how
):
    before, real = held(root), os.rename

    def meanwhile(*names):
        real(*names)
        change_it(root, how)

    monkeypatch.setattr(os, "rename", meanwhile)
    with pytest.raises(ChangedError, match="was taken back"):
        commit(root, CHANGES, "one")
    expected = dict(before)
    if how == "vanished":
        del expected["src/app.py"]
    else:
        expected["bin/run.sh" if how == "appeared" else "src/app.py"] = Entry(b"mine")
    # change_it makes the folder of what appears; the commit takes its own folders back.
    after = {path: entry for path, entry in held(root).items() if path != "bin"}
    assert after == expected


def test_a_folder_without_rights_is_found_before_anything_is_staged(root, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "docs")
    text = refused(root, CHANGES, TargetError)
    assert "docs" in text and "Nothing was written." in text and "may write there" in text


def test_a_folder_found_without_rights_too_late_is_taken_back(root, monkeypatch):
    real = os.replace

    def replace(source, target):
        if str(target).endswith("src/app.py") and b"new" in Path(source).read_bytes():
            raise PermissionError(13, "Permission denied", target)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert "was taken back" in refused(root, CHANGES, TargetError)


# --- recovery ----------------------------------------------------------------------------------


def test_recovery_without_a_crash_touches_nothing(root):
    commit(root, CHANGES, "one")
    before = {path: path.stat().st_mtime_ns for path in [root, *root.rglob("*")]}
    assert recover(root) is None
    assert {path: path.stat().st_mtime_ns for path in [root, *root.rglob("*")]} == before


def test_recovery_of_a_new_service_makes_no_folder(root):
    assert recover(root) is None
    assert not (root / ".gen").exists()


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(program: Callable[[], object]) -> None:
    """Runs `program` in a fork, which it must not survive."""
    child = os.fork()
    if not child:
        try:
            program()
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def crash(root: Path) -> Path:
    """Leaves a journal with nothing done yet; gives its record."""

    def program() -> None:
        os.replace = die  # type: ignore[assignment]
        commit(root, CHANGES, "gen add-trigger s3")

    killed(program)
    return root / ".gen" / "journal" / "record"


def test_what_a_power_cut_emptied_is_made_again(root):
    record = crash(root)
    for staged in (record.parent / "new").iterdir():
        staged.write_bytes(b"")
    recover(root)
    assert {path: held(root).get(path) for path in CHANGES} == {
        path: change.after for path, change in CHANGES.items()
    }


def test_an_edit_on_top_of_what_the_developer_finished_goes_with_the_new_base(root):
    crash(root)
    (root / "src/app.py").write_bytes(b"new\n")

    def program() -> None:
        real = os.replace

        def replace(old: str, new: str) -> None:
            die() if new.endswith(".z") else real(old, new)

        os.replace = replace  # type: ignore[assignment]
        recover(root)

    killed(program)
    (root / "src/app.py").write_bytes(b"new and mine\n")
    assert recover(root) == Recovered("gen add-trigger s3", finished=True, kept=())
    assert (root / "src/app.py").read_bytes() == b"new and mine\n"
    assert (root / ".gen/base/src/app.py/2.z").exists()


def test_an_edit_stays_with_the_old_base_though_recovery_is_killed_at_its_end(root):
    crash(root)
    (root / "src/app.py").write_bytes(b"mine\n")

    def program() -> None:
        def rmtree(folder: str, **_: object) -> None:
            for staged in Path(folder, "new").iterdir():
                staged.unlink()
            die()

        shutil.rmtree = rmtree  # type: ignore[assignment]
        recover(root)

    killed(program)
    recover(root)
    assert (root / "src/app.py").read_bytes() == b"mine\n"
    assert not (root / ".gen/base/src/app.py").exists()
    assert undo_of(root).changes.keys() == {"bin/run.sh", "docs/gone.md"}


def test_the_next_commit_finishes_a_killed_one_first(root):
    crash(root)
    commit(root, {"x": Change(None, Entry(b"x"))}, "next")
    assert (root / "src/app.py").read_bytes() == b"new\n"
    assert not (root / ".gen" / "journal").exists()


def test_a_damaged_journal_is_one_message(root):
    record = crash(root)
    record.write_bytes(record.read_bytes()[:-3])
    with pytest.raises(DamagedError) as caught:
        recover(root)
    assert ".gen/journal" in caught.value.hint


def test_a_journal_that_came_with_a_clone_cannot_leave_the_service(root, tmp_path):
    from generator.transaction.journal import Undo, encode

    record = crash(root)
    for path in ("../out", ".git/hooks/post-checkout"):
        record.write_bytes(encode(Undo("x", "y", {path: Change(None, Entry(b"", True))})))
        with pytest.raises(PathError):
            recover(root)
    assert sorted(os.listdir(tmp_path)) == ["service"]
    assert not (root / ".git").exists()


# --- the lock ----------------------------------------------------------------------------------


def hold(root: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process that has the lock by now."""
    program = HOLDER.format(root=str(root), seconds=seconds)
    holder = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    return holder


def test_a_second_command_says_who_is_at_work(root):
    with hold(root, 60) as holder:
        with pytest.raises(BusyError) as caught, locked(root, wait=0.1):
            pass
        holder.kill()
    text = report(caught.value)
    assert f'process {holder.pid}, "gen add-trigger s3", since 2' in text
    assert "UTC. Nothing was written." in text


def test_a_second_command_waits_for_the_first(root):
    with hold(root, 0.3), locked(root, wait=60):
        assert (root / ".gen" / "lock").read_text().startswith(f"{os.getpid()}\n")


def test_a_lock_that_a_killed_command_left_blocks_nobody(root):
    with hold(root, 60) as holder:
        holder.kill()
        holder.wait()
        with locked(root, wait=0):
            assert recover(root) is None


def test_recovery_leaves_a_command_at_work_alone(root, monkeypatch):
    with hold(root, 60) as holder:
        (root / ".gen" / "staging").mkdir()
        monkeypatch.setattr(time, "monotonic", iter(range(0, 100, 10)).__next__)
        with pytest.raises(BusyError):
            recover(root)
        assert (root / ".gen" / "staging").exists()
        holder.kill()


def test_the_lock_is_free_after_an_error_and_may_be_nested(root):
    with pytest.raises(ValueError, match="mine"), locked(root), locked(root):
        raise ValueError("mine")
    with hold(root, 0):
        pass


@pytest.mark.parametrize("kind", ["no folder", "file", "linked", "linked lock"])
def test_a_lock_that_cannot_be_made_is_one_message(tmp_path, kind):
    root, victim = tmp_path / "service", tmp_path / "victim"
    victim.write_text("mine")
    if kind != "no folder":
        root.mkdir()
    if kind == "file":
        (root / ".gen").write_text("mine")
    elif kind == "linked":
        (root / ".gen").symlink_to(tmp_path)
    elif kind == "linked lock":
        (root / ".gen").mkdir()
        (root / ".gen" / "lock").symlink_to(victim)
    with pytest.raises(TargetError, match="Nothing was written") as caught, locked(root):
        pass
    assert caught.value.hint
    assert victim.read_text() == "mine"


def test_a_service_without_rights_is_one_message(root):
    root.chmod(0o555)
    uid = os.geteuid()
    if uid == 0:  # root may write anywhere: be somebody else for a moment
        for folder in (root.parent, root.parent.parent):
            folder.chmod(0o755)
        os.seteuid(65534)
    try:
        with pytest.raises(TargetError, match="Nothing was written"):
            commit(root, CHANGES, "one")
    finally:
        if uid == 0:
            os.seteuid(0)


def test_it_can_be_imported_where_there_is_no_fcntl():
    program = "import sys; sys.modules['fcntl'] = None; import generator.transaction.commit"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


LINK = Entry(b"../elsewhere", link=True)
MOVED_LINK = {"a/link": Change(LINK, None), "b/link": Change(None, LINK)}


@pytest.fixture
def linked(root: Path) -> Path:
    (root / "a").mkdir()
    (root / "a/link").symlink_to("../elsewhere")  # which is not there
    return root


def test_a_symbolic_link_is_moved_and_brought_back(linked):
    before = held(linked)
    commit(linked, MOVED_LINK, "gen rename")
    assert os.readlink(linked / "b/link") == "../elsewhere"
    assert not (linked / "a").exists()
    assert undo_of(linked).changes == MOVED_LINK
    commit(linked, {path: Change(c.after, c.before) for path, c in MOVED_LINK.items()}, "undo")
    after = held(linked)
    after.pop(".gen/undo")
    assert after == before


def test_a_symbolic_link_that_points_elsewhere_now_stops_everything(linked):
    (linked / "a/link").unlink()
    (linked / "a/link").symlink_to("../other")
    assert "a/link" in refused(linked, MOVED_LINK, ChangedError)


def test_a_symbolic_link_is_never_put_over_a_file(linked):
    (linked / "b").mkdir()
    (linked / "b/link").write_text("mine\n")
    assert "b/link" in refused(linked, MOVED_LINK, ChangedError)


def test_a_killed_move_of_a_symbolic_link_is_finished(linked):
    def program() -> None:
        os.replace = die  # type: ignore[assignment]
        commit(linked, MOVED_LINK, "gen rename")

    killed(program)
    assert recover(linked) == Recovered("gen rename", finished=True)
    assert os.readlink(linked / "b/link") == "../elsewhere"
    assert not os.path.lexists(linked / "a/link")


def test_a_symbolic_link_is_taken_back_when_the_disk_fails(linked, monkeypatch):
    real, calls = os.replace, []

    def failing(*paths: str) -> None:
        calls.append(paths)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(*paths)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(TargetError):
        commit(linked, MOVED_LINK, "gen rename")
    assert os.readlink(linked / "a/link") == "../elsewhere"
    assert not os.path.lexists(linked / "b")


# --- what makes room ----------------------------------------------------------------------------

PLACE = ".gen/base/a"
NOTE = Entry(b"a note\n")
TO_FOLDER = {
    PLACE: Change(NOTE, None),
    f"{PLACE}/b/1.z": Change(None, Entry(b"\0one")),
    f"{PLACE}/c/2.z": Change(None, Entry(b"\0two")),
}
TO_FILE = {path: Change(change.after, change.before) for path, change in TO_FOLDER.items()}


@pytest.fixture
def in_the_way(root: Path) -> Path:
    """A service with a file at the place of a folder."""
    (root / ".gen/base").mkdir(parents=True)
    (root / PLACE).write_bytes(NOTE.content)
    return root


def test_a_file_makes_room_for_a_folder_and_the_other_way_about(in_the_way):
    before = held(in_the_way)
    commit(in_the_way, TO_FOLDER, "gen repair")
    assert (in_the_way / PLACE / "c/2.z").read_bytes() == b"\0two"
    assert undo_of(in_the_way).changes == TO_FOLDER
    commit(in_the_way, TO_FILE, "undo")
    after = held(in_the_way)
    after.pop(".gen/undo")
    assert after == before


def test_a_file_that_makes_room_and_was_edited_stops_everything(in_the_way):
    (in_the_way / PLACE).write_text("mine")
    assert PLACE in refused(in_the_way, TO_FOLDER, ChangedError)


@pytest.mark.parametrize("path", ["mine.txt", "b/mine.txt", "mine/link"])
def test_a_folder_makes_room_only_if_nothing_else_is_in_it(in_the_way, path):
    commit(in_the_way, TO_FOLDER, "gen repair")
    (in_the_way / PLACE / path).parent.mkdir(exist_ok=True)
    if path.endswith("link"):
        (in_the_way / PLACE / path).symlink_to(in_the_way / "src")
    else:
        (in_the_way / PLACE / path).write_text("mine")
    assert f'"{PLACE}" is a folder' in refused(in_the_way, TO_FILE, TargetError)


def test_a_file_that_came_into_a_folder_meanwhile_is_kept_and_all_taken_back(
    in_the_way, monkeypatch
):
    commit(in_the_way, TO_FOLDER, "gen repair")
    before, real = held(in_the_way), os.rename

    def meanwhile(one, other):
        real(one, other)
        (in_the_way / PLACE / "mine.txt").write_text("mine")

    monkeypatch.setattr(os, "rename", meanwhile)
    with pytest.raises(ChangedError, match="was taken back"):
        commit(in_the_way, TO_FILE, "undo")
    assert held(in_the_way) == before | {f"{PLACE}/mine.txt": Entry(b"mine")}


def test_a_file_edited_after_the_commit_point_makes_no_room(in_the_way, monkeypatch):
    before, real = held(in_the_way), os.rename

    def meanwhile(one, other):
        real(one, other)
        (in_the_way / PLACE).write_text("mine")

    monkeypatch.setattr(os, "rename", meanwhile)
    with pytest.raises(ChangedError, match="was taken back"):
        commit(in_the_way, TO_FOLDER, "gen repair")
    assert held(in_the_way) == before | {PLACE: Entry(b"mine")}


@pytest.mark.parametrize("changes", [TO_FOLDER, TO_FILE], ids=["to a folder", "to a file"])
@pytest.mark.parametrize("step", range(1, 5))
def test_making_room_survives_a_kill_at_any_step(in_the_way, changes, step):
    if changes is TO_FILE:
        commit(in_the_way, TO_FOLDER, "gen repair")

    def program() -> None:
        real, calls = os.replace, []

        def replace(one: str, other: str) -> None:
            calls.append(one)
            if len(calls) == step:
                die()
            real(one, other)

        os.replace = replace  # type: ignore[assignment]
        commit(in_the_way, changes, "gen repair")

    killed(program)
    assert recover(in_the_way) == Recovered("gen repair", finished=True)
    found = held(in_the_way)
    for path, change in changes.items():
        if change.after:
            assert found[path] == change.after
        else:
            assert not isinstance(found.get(path), Entry)
