"""What comes between a command and its end: full disks, editors, another `gen`, kill -9.

`test_faults` goes through every point of a transaction; here it is what the user sees of them.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from evolve import killed
from evolve.killed import Fault
from evolve.playground import ROOT, Service, gen
from evolve.witness import Picture, changed, copy_of, one_message, picture, refuses

from generator.transaction import commit as transaction
from generator.transaction.lock import locked

ADD = ("add-trigger", "s3", "--name", "uploads")
NEW = "src/orders/uploads/logic.py"  # comes with it
SHARED = "docs/architecture.md"  # changes with it
MINE = "the developer's\n"


@pytest.fixture(autouse=True)
def no_power_fails(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture
def service(small, tmp_path):
    return copy_of(small, tmp_path)


def state(service: Service) -> Picture:
    return picture(service.root, times=False)


# --- a disk that is full ------------------------------------------------------------------------


@contextmanager
def full_disk(name: str, number: int, until: float = float("inf")) -> Iterator[None]:
    """The call of that name fails, from the k-th on and for as long as it is told."""
    real, calls = getattr(os, name), [0]

    def call(*arguments, **options):
        calls[0] += 1
        if number <= calls[0] < until:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **options)

    with pytest.MonkeyPatch.context() as once:
        once.setattr(os, name, call)
        yield


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *(("write", number) for number in (2, 3, 9, 24)),
        *(("replace", number) for number in (1, 13, 25)),
        ("mkdir", 2),
        ("rename", 1),
    ],
)
def test_a_full_disk_leaves_the_service_as_it_was(service, grown, name, number):
    before = state(service)
    with full_disk(name, number, number + 1):
        message = one_message(service.gen(*ADD, code=2).err)
    assert "No space left on device" in message and "make room on the disk" in message
    assert "Nothing was written." in message or "What had been written was taken back." in message
    assert changed(before, state(service)) == set()
    service.gen(*ADD)
    assert service.tree() == grown.tree()


@pytest.mark.parametrize("number", [2, 13])
@pytest.mark.parametrize("name", ["write", "replace"])
def test_a_disk_that_stays_full_is_said_and_mended(service, small, grown, name, number):
    with full_disk(name, number):
        message = one_message(service.gen(*ADD, code=2).err)
    assert "No space left on device" in message
    service.gen("status")
    half = "half done, and the next gen command tries to finish it" in message
    assert service.tree() == (grown if half else small).tree()


# --- an edit while the command is at work -------------------------------------------------------


@contextmanager
def in_between(act: Callable[[], object]) -> Iterator[None]:
    """Something happens after the plan was made and before it is written."""
    real = transaction.commit

    def commit(*arguments):
        act()
        return real(*arguments)

    with pytest.MonkeyPatch.context() as once:
        once.setattr(transaction, "commit", commit)
        yield


EDITS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "changed": (SHARED, lambda file: file.write_text(MINE)),
    "deleted": (SHARED, lambda file: file.unlink()),
    "a script now": (SHARED, lambda file: file.chmod(0o755)),
    "declared": ("gen.toml", lambda file: file.write_text(file.read_text() + "# mine\n")),
    "new": (NEW, lambda file: os.makedirs(file.parent) or file.write_text(MINE)),  # type: ignore[func-returns-value]
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_while_the_command_is_at_work_is_kept(service, edit):
    path, act = EDITS[edit]
    file = service.root / path
    other = copy_of(service, service.root.parent / "expected")
    act(other.root / path)
    with in_between(lambda: act(file)):
        message = one_message(service.gen(*ADD, code=2).err)
    assert f'"{path}" was changed while the command was at work. Nothing was written.' in message
    assert "run the same command again" in message
    assert changed(state(other), state(service)) == set()
    again = other.gen(*ADD, code=3 if edit in ("changed", "new") else 0)
    assert service.gen(*ADD, code=again.code).err == again.err
    assert changed(state(other), state(service)) == set()


@pytest.mark.parametrize("path", [SHARED, NEW, "src/orders"])
def test_a_link_that_appears_while_the_command_is_at_work_is_not_followed(service, path, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text(MINE)

    def act() -> None:
        place = service.root / path
        place.parent.mkdir(exist_ok=True)
        if place.exists():
            place.rename(tmp_path / "was")
        place.symlink_to(elsewhere if path == "src/orders" else elsewhere / "file")

    with in_between(act):
        message = one_message(service.gen(*ADD, code=2).err)
    assert f'"{path}" is a symbolic link. Nothing was written.' in message
    assert os.listdir(elsewhere) == ["file"] and (elsewhere / "file").read_text() == MINE
    assert "uploads" not in service.read("gen.toml")


# --- two at once --------------------------------------------------------------------------------


def started(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    """A real process of its own."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


HOLDER = """
import sys
from pathlib import Path
from generator.transaction.commit import locked
sys.argv = ["gen", "add-trigger", "sqs"]
with locked(Path.cwd()):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(service):
    with started("-c", HOLDER, folder=service.root) as process:
        assert process.stdout is not None and process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_second_command_says_who_is_at_work(service, holder, monkeypatch):
    # It waits for seconds: here, for less of them.
    monkeypatch.setattr(locked.__wrapped__, "__defaults__", (0.2,))  # type: ignore[attr-defined]
    message = refuses(service, *ADD, code=2)
    assert "another command is at work on this service" in message
    assert f"process {holder.pid}" in message and "gen add-trigger sqs" in message
    assert "wait until it has ended" in message
    error = service.gen(*ADD, "--json", code=2).json()["error"]
    assert error["kind"] == "busy"


def test_what_only_reads_does_not_wait(service, holder, monkeypatch):
    monkeypatch.setattr(locked.__wrapped__, "__defaults__", (0.2,))  # type: ignore[attr-defined]
    for command in (("check",), ("status",), ("diff",), (*ADD, "--dry-run")):
        service.gen(*command)


def test_a_second_command_waits_until_the_first_has_ended(service, grown, holder):
    with started("-m", "generator", *ADD, folder=service.root) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1)
        holder.communicate("")
        assert waiting.wait(30) == 0
    assert service.tree() == grown.tree()


def test_a_lock_whose_holder_was_killed_is_free(service, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    service.gen(*ADD)


def test_two_commands_at_once_both_have_their_way(service, grown):
    other = ("add-trigger", "sqs", "--name", "jobs")
    with (
        started("-m", "generator", *ADD, folder=service.root) as one,
        started("-m", "generator", *other, folder=service.root) as two,
    ):
        assert (one.wait(60), two.wait(60)) == (0, 0), (one.stderr, two.stderr)
    service.gen("check")
    expected = copy_of(grown, service.root.parent / "expected")
    expected.gen(*other)
    assert service.tree() == expected.tree()


# --- kill -9 ------------------------------------------------------------------------------------


def test_a_killed_command_is_finished_or_dropped_by_the_next_one(service, small, grown, tmp_path):
    before = killed.snapshot(small.root)
    folder = tmp_path / "killed" / "orders"
    whole = killed.run(folder, before, lambda root: gen(root, *ADD))
    assert whole.ended == "done" and whole.points > 100
    said = set()
    for number in range(3, whole.points, whole.points // 14):
        run = killed.run(folder, before, lambda root: gen(root, *ADD), Fault(number, "kill"))
        assert run.ended == "killed"
        victim = Service(folder)
        result = victim.gen("status")
        said.add(result.err)
        assert victim.tree() == (grown if "it is finished now" in result.err else small).tree() or (
            result.err == "" and victim.tree() == grown.tree()
        )
        assert sorted(os.listdir(folder / ".gen")) in (
            [".gitignore", "base", "lock"],
            [".gitignore", "base", "lock", "undo"],
        )
        if victim.tree() == grown.tree():
            victim.gen("undo")
            assert victim.tree() == small.tree()
        else:
            victim.gen(*ADD)
            assert victim.tree() == grown.tree()
    assert "gen add-trigger s3 was interrupted; it is finished now.\n" in said
    assert "gen add-trigger s3 was interrupted before it wrote anything.\n" in said


@pytest.mark.parametrize("delay", [0.1, 0.25, 0.4])
def test_a_process_killed_at_any_time_leaves_all_or_nothing(service, small, grown, delay):
    with started("-m", "generator", *ADD, folder=service.root) as process:
        time.sleep(delay)
        process.kill()
    service.gen("status")
    assert service.tree() in (small.tree(), grown.tree())
    service.gen("check")


@pytest.mark.parametrize("folder", ["staging", "journal"])
def test_a_process_killed_while_it_writes_leaves_all_or_nothing(service, small, grown, folder):
    with started("-m", "generator", *ADD, folder=service.root) as process:
        while process.poll() is None and not (service.root / ".gen" / folder).exists():
            pass
        process.kill()
    service.gen("status")
    assert service.tree() in (small.tree(), grown.tree())
    service.gen("check")


def crash(service: Service, *arguments: str) -> None:
    """Runs `gen`, which dies right after the point from which it is done."""
    child = os.fork()
    if not child:
        pytest.MonkeyPatch().setattr(transaction, "forward", lambda *_: os._exit(9))
        gen(service.root, *arguments)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert (service.root / ".gen/journal/record").is_file()


READING, WRITING = ("status", "check", "diff"), ("undo", "apply", "repair", "update")


@pytest.mark.parametrize("command", [*READING, *WRITING])
def test_every_command_finishes_what_was_killed_first(service, small, grown, command):
    crash(service, *ADD)
    result = service.gen(command)
    assert result.err.startswith("gen add-trigger s3 was interrupted; it is finished now.\n")
    assert service.tree() == (small if command == "undo" else grown).tree()


def test_json_stays_json_when_something_is_finished_first(service):
    crash(service, *ADD)
    result = service.gen("check", "--json")
    assert json.loads(result.out)["problems"] == []
    assert "was interrupted; it is finished now" in result.err


@pytest.mark.parametrize("path", [SHARED, "template.yaml"])
def test_an_edit_between_a_crash_and_the_next_command_is_kept(service, grown, path):
    crash(service, *ADD)
    line = "# The developer's.\n"
    service.append(path, line)
    result = service.gen("status")
    assert f"{path} was edited since and is left as it is; gen apply merges it." in result.err
    assert service.read(path).endswith(line) and NEW in service.tree()
    service.gen("apply")
    assert service.read(path) == grown.read(path) + line
    service.gen("check")


def test_a_new_file_between_a_crash_and_the_next_command_is_kept(service, grown):
    crash(service, *ADD)
    service.write(NEW, MINE)
    assert f"{NEW} was edited since" in service.gen("status").err
    assert service.read(NEW) == MINE
    assert NEW in refuses(service, "apply", code=3)
    service.gen("apply", "--conflict", "theirs")
    assert service.tree() == grown.tree()


def test_a_damaged_journal_is_one_message(service):
    crash(service, *ADD)
    (service.root / ".gen/journal/record").write_bytes(b"gen transaction 1 nonsense")
    for command in ("check", "status", "apply", "undo", "repair"):
        message = refuses(service, command, code=2)
        assert ".gen/journal" in message and "git" in message


@pytest.mark.parametrize("outside", ["../escaped.txt", "/tmp/escaped.txt", ".git/hooks/post-merge"])
def test_a_journal_that_leaves_the_service_is_refused(service, outside):
    """It may have come with a clone."""
    from generator.transaction.journal import Change, Undo, encode
    from generator.tree import Entry

    record = encode(Undo("gen apply", "now", {outside: Change(None, Entry(b"x"))}))
    service.write(".gen/journal/record", record)
    service.write(".gen/journal/new/0", b"x")
    assert outside in refuses(service, "check", code=2)


def test_a_journal_from_before_a_reset_by_git_is_finished(service, grown):
    """Whoever sees half a change may take it back with git before `gen` runs again."""
    service.commit()
    crash(service, *ADD)
    service.git("checkout", "--", ".")
    service.gen("status")
    assert service.tree() == grown.tree() | {
        path: entry for path, entry in service.tree().items() if path.startswith(".git/")
    }
