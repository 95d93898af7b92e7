"""A transaction is whole or absent, wherever it is killed, fails or is interrupted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from evolve import killed
from evolve.killed import FILES, LABEL, REMEMBERED, Fault, State

from generator.transaction.commit import Change, recover
from generator.transaction.journal import decode

OLD, NEW = killed.state_of(False), killed.state_of(True)
MINE = b"the developer's edit\n"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Thousands of small services are laid out: in memory, where the system has such a folder."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    place = tempfile.mkdtemp(dir=memory)
    yield Path(place, "service")
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def crashed(folder: Path) -> list[State]:
    """Every state that killing a commit can leave."""
    return killed.crashed_states(folder)[1]


def test_without_a_fault_the_new_service_is_there_and_its_undo_record(folder: Path) -> None:
    done = killed.run(folder, OLD, killed.committing)
    assert (done.ended, killed.service(done.state)) == ("done", NEW)
    assert undone(done.state) == killed.changes()


def test_after_any_number_of_kills_it_is_the_old_or_the_new_service(folder: Path) -> None:
    count = killed.every_kill(folder)
    print(count)
    assert count.exceptions == 0
    assert count.old > 20 and count.new > 20, "kills before and after the commit point"
    assert count.kills > 500


def test_a_killed_command_is_named_and_its_undo_record_is_right(
    folder: Path, crashed: list[State]
) -> None:
    for state in crashed:
        done = killed.run(folder, state, recover)
        if ".gen/journal/record" in state:
            assert done.said == f"Recovered(label='{LABEL}', finished=True, kept=())"
        elif ".gen/staging/new" in state:
            assert done.said == f"Recovered(label='{LABEL}', finished=False, kept=())"
        if killed.service(done.state) == NEW:
            assert undone(done.state) == killed.changes()


# --- an edit between the crash and the recovery ------------------------------------------------


@pytest.mark.parametrize("path", sorted(FILES))
def test_an_edit_after_a_crash_is_kept_and_fits_its_base(
    folder: Path, crashed: list[State], path: str
) -> None:
    for state in crashed:
        edited = edit(state, path)
        expected, kept = after_edit(state, edited, path)
        done = killed.run(folder, edited, recover)
        assert (done.ended, killed.service(done.state)) == ("done", expected)
        assert (f"kept=({path!r},)" in done.said) == kept
        if kept:
            assert undone(done.state).keys() == killed.changes().keys() - of(path)


@pytest.mark.parametrize("path", REMEMBERED)
def test_an_edit_survives_a_recovery_that_is_killed_too(
    folder: Path, crashed: list[State], path: str
) -> None:
    for state in crashed[::12]:
        edited = edit(state, path)
        expected, _ = after_edit(state, edited, path)
        runs = [one for _, one in killed.every_fault(folder, edited, recover)]
        left = {repr(one.state): one.state for one in runs}
        for again in left.values():
            done = killed.run(folder, again, recover)
            assert (done.ended, killed.service(done.state)) == ("done", expected)


def test_what_was_reset_with_git_after_a_crash_goes_forward_again(
    folder: Path, crashed: list[State]
) -> None:
    for state in crashed:
        if ".gen/journal/record" in state:
            reset = {path: held for path, held in state.items() if path.startswith(".gen/")}
            reset |= {path: held for path, held in OLD.items() if not path.startswith(".gen/")}
            done = killed.run(folder, reset, recover)
            assert (done.ended, killed.service(done.state)) == ("done", NEW)


@pytest.mark.parametrize("path", ["changed.txt", "new/deep/file.txt", "new"])
def test_a_link_made_after_a_crash_is_not_followed(
    folder: Path, crashed: list[State], path: str
) -> None:
    outside = folder.parent / "outside"

    def linked(root: Path) -> object:
        outside.mkdir(exist_ok=True)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(outside)
        return recover(root), (root / path).is_symlink(), list(outside.iterdir())

    before = next(state for state in crashed if ".gen/journal/record" in state)
    bare = {at: held for at, held in before.items() if not (at + "/").startswith(path + "/")}
    done = killed.run(folder, bare, linked)
    assert done.ended == "done" and "finished=True" in done.said
    assert done.said.endswith("True, [])")


def edit(state: State, path: str) -> State:
    """`state` after the developer has saved `path`, whatever was there."""
    mode = state[path][1] if path in state else 0o644
    return killed.with_folders({path: (MINE, mode)}) | state | {path: (MINE, mode)}


def after_edit(state: State, edited: State, path: str) -> tuple[State, bool]:
    """The service that must come of `edited`, and whether the edit stopped the change of `path`."""
    committed = ".gen/journal/record" in state
    end = NEW if committed or ".gen/undo" in state else OLD
    kept = committed and state.get(path) == FILES[path][0]
    # A folder must be there exactly where a file is.
    there = files(end)
    if kept:
        there = {at: held for at, held in there.items() if at not in of(path)}
        there |= {at: held for at, held in OLD.items() if at in of(path)}
    there[path] = edited[path]
    return killed.with_folders(there), kept


def of(path: str) -> set[str]:
    """`path` and its base files."""
    bases = [killed.base_file(path, after) for after in (False, True) if path in REMEMBERED]
    return {path} | {base[0] for base in bases if base is not None}


def files(state: State) -> State:
    """Where a folder cannot be removed, it stays behind empty: no reason to take all back."""
    return {at: held for at, held in killed.service(state).items() if held[0] is not None}


def undone(state: State) -> dict[str, Change]:
    content = state[".gen/undo"][0]
    assert content is not None
    return dict(decode(content).changes)


# --- errors and Ctrl-C -------------------------------------------------------------------------


def test_one_failing_call_changes_nothing(folder: Path) -> None:
    refused = 0
    for _, one in killed.every_fault(folder, OLD, killed.committing, "fail"):
        if one.ended == "refused":
            refused += 1
            assert one.state == OLD, "not even the staging folder is left"
            assert "Nothing was written." in one.said or "was taken back." in one.said
            assert "make room on the disk" in one.said
        else:  # the lock's text, or what is cleared away at the end: no reason to fail
            assert one.ended == "done"
            assert files(killed.run(folder, one.state, recover).state) == files(NEW)
    assert refused > 50


def test_a_disk_that_stays_full_leaves_what_the_next_command_finishes(folder: Path) -> None:
    ends = set()
    for _, one in killed.every_fault(folder, OLD, killed.committing, "fail on"):
        assert one.ended in ("refused", "done")
        there = files(killed.run(folder, one.state, recover).state)
        assert there in (files(OLD), files(NEW))
        if one.ended == "done":
            assert there == files(NEW)
        elif "half done" not in one.said:
            assert there == files(OLD)
        ends.add((one.ended, "half done" in one.said))
    assert ends == {("refused", False), ("refused", True), ("done", False)}


def test_ctrl_c_leaves_the_old_service_or_the_new_one(folder: Path) -> None:
    for _, one in killed.every_fault(folder, OLD, killed.committing, "interrupt"):
        assert one.said in ("KeyboardInterrupt()", "None")
        if one.state != OLD:
            assert killed.service(killed.run(folder, one.state, recover).state) == NEW


def test_taking_back_may_be_killed(folder: Path) -> None:
    finish = killed.run(folder, OLD, killed.committing).points
    commits = [
        number
        for number, one in killed.every_fault(folder, OLD, killed.committing, "fail")
        if "was taken back" in one.said
    ]
    assert commits and commits[-1] < finish
    for number in (commits[0], commits[len(commits) // 2], commits[-1]):
        failing = Fault(number, "fail")
        runs = killed.every_fault(folder, OLD, killed.committing, "kill", failing)
        for state in {repr(one.state): one.state for _, one in runs}.values():
            done = killed.run(folder, state, recover)
            assert done.ended == "done"
            assert killed.service(done.state) in (OLD, NEW)


def test_a_recovery_that_fails_is_done_by_the_next_one(folder: Path, crashed: list[State]) -> None:
    for state in crashed[::9]:
        for _, one in killed.every_fault(folder, state, recover, "fail"):
            assert one.ended in ("done", "refused")
            done = killed.run(folder, one.state, recover)
            assert files(done.state) in (files(OLD), files(NEW))
