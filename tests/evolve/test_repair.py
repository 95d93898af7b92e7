"""What `gen` remembers is damaged, lost or from another version, and how it is mended."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from evolve.playground import Service, gen
from evolve.witness import changed, copy_of, one_message, picture, refuses

from generator import __version__
from generator.base import encode
from generator.tree import Entry

ADD = ("add-trigger", "s3", "--name", "uploads")
SHARED = "docs/architecture.md"  # changes with it
SAME = "Makefile"  # does not
BASE = ".gen/base"
MINE = "\nThe developer's own line.\n"


@pytest.fixture(autouse=True)
def no_power_fails(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture
def service(small, tmp_path):
    return copy_of(small, tmp_path)


def remembered(service: Service, path: str) -> Path:
    """The one base file of `path`."""
    (found,) = (service.root / BASE / path).iterdir()
    return found


def own_files(service: Service) -> dict[str, Entry]:
    """The service without what `gen` keeps beside it."""
    return {p: e for p, e in service.tree().items() if not p.startswith(".gen/")}


# --- damage -------------------------------------------------------------------------------------


def cut(service: Service) -> None:
    file = remembered(service, SHARED)
    file.write_bytes(file.read_bytes()[:-20])


def empty(service: Service) -> None:
    remembered(service, SHARED).write_bytes(b"")


def garbage(service: Service) -> None:
    remembered(service, SHARED).write_bytes(b"\0garbage" * 9)


def flipped(service: Service) -> None:
    file = remembered(service, SHARED)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def exchanged(service: Service) -> None:
    one, other = remembered(service, SHARED), remembered(service, SAME)
    one.write_bytes(other.read_bytes())


def renamed(service: Service) -> None:
    file = remembered(service, SHARED)
    file.rename(file.with_name("0123456789abcdef.z"))


def badly_named(service: Service) -> None:
    file = remembered(service, SHARED)
    file.rename(file.with_name("architecture.z"))


def one_missing(service: Service) -> None:
    remembered(service, SHARED).unlink()


def one_folder_missing(service: Service) -> None:
    shutil.rmtree(service.root / BASE / "docs")


def misplaced(service: Service) -> None:
    (service.root / BASE / "docs").rename(service.root / BASE / "documents")


def stray(service: Service) -> None:
    service.write(f"{BASE}/docs/notes.txt", "a note\n")


def stray_at_the_top(service: Service) -> None:
    service.write(f"{BASE}/.DS_Store", b"\0\1")


def no_declaration(service: Service) -> None:
    shutil.rmtree(service.root / BASE / "gen.toml")


def all_cut(service: Service) -> None:
    for file in (service.root / BASE).rglob("*.z"):
        file.write_bytes(file.read_bytes()[:9])


def all_empty(service: Service) -> None:
    for file in (service.root / BASE).rglob("*.z"):
        file.write_bytes(b"")


def folders_only(service: Service) -> None:
    for file in (service.root / BASE).rglob("*.z"):
        file.unlink()


def no_base(service: Service) -> None:
    shutil.rmtree(service.root / BASE)


def nothing_left(service: Service) -> None:
    shutil.rmtree(service.root / ".gen")


DAMAGES: list[Callable[[Service], None]] = [
    cut,
    empty,
    garbage,
    flipped,
    exchanged,
    renamed,
    badly_named,
    one_missing,
    one_folder_missing,
    misplaced,
    stray,
    stray_at_the_top,
    no_declaration,
    all_cut,
    all_empty,
    folders_only,
    no_base,
    nothing_left,
]


@pytest.fixture(params=DAMAGES, ids=lambda damage: damage.__name__)
def damage(request):
    return request.param


@pytest.mark.parametrize("edited", [False, True], ids=["untouched", "edited"])
def test_check_names_the_damage_and_repair_mends_it(service, grown, damage, edited):
    if edited:
        service.append(SHARED, MINE)
        service.edit("template.yaml", "Resources:\n", "Resources:\n  # ours\n")
        (service.root / "README.md").unlink()
    before = own_files(service)
    damage(service)
    found = service.gen("check", "--json", code=1).json()["problems"]
    assert found and {problem["kind"] for problem in found} == {"base"}
    assert all("gen repair" in problem["hint"] for problem in found)
    assert own_files(service) == before
    service.gen("repair")
    assert own_files(service) == before
    service.gen("check")
    assert service.gen("repair").err == "Nothing to do.\n"
    if not edited:
        service.gen(*ADD)
        assert own_files(service) == own_files(grown)
        return
    mine = service.gen("diff", "--mine", "--json").json()["files"]
    assert set(mine) - {"README.md"} == {SHARED, "template.yaml"}
    service.gen(*ADD)
    assert service.read(SHARED) == grown.read(SHARED) + MINE
    assert service.read("template.yaml") == grown.read("template.yaml").replace(
        "Resources:\n", "Resources:\n  # ours\n", 1
    )


def test_after_repair_the_base_is_what_it_was(service, small, damage):
    damage(service)
    service.gen("repair")
    assert service.tree() == small.tree()


def test_repair_is_undone_like_any_change(service):
    stray(service)
    cut(service)
    remembered(service, "template.yaml").write_bytes(b"")
    before = picture(service.root, times=False)
    service.gen("repair")
    service.gen("undo")
    assert changed(before, picture(service.root, times=False)) == set()


@pytest.mark.parametrize("target", [SAME, "docs", "nowhere"])
@pytest.mark.parametrize("name", ["link", "0123456789abcdef.z"])
def test_a_link_in_the_base_is_named_and_taken_away(service, small, name, target):
    (service.root / BASE / SHARED / name).symlink_to(service.root / target)
    before = picture(service.root, times=False)
    assert f"{BASE}/{SHARED}/{name}" in service.gen("check", code=1).err
    service.gen("repair")
    service.gen("check")
    assert service.tree() == small.tree()
    assert not os.path.lexists(service.root / BASE / SHARED / name)
    service.gen("undo")
    assert changed(before, picture(service.root, times=False)) == set()


# --- what is in the way of a base file ------------------------------------------------------------


def emptied(service: Service, path: str) -> Path:
    """The place of something in the base, where nothing is now."""
    place = service.root / path
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    return place


def file_as_folder(service: Service) -> None:
    emptied(service, f"{BASE}/template.yaml").write_bytes(b"")


def file_as_folder_of_many(service: Service) -> None:
    emptied(service, f"{BASE}/src").write_text("a note\n")


def file_as_base(service: Service) -> None:
    emptied(service, BASE).write_text("a note\n")


def link_as_folder(service: Service) -> None:
    place = service.root / BASE / "docs"
    place.rename(service.root.parent / "docs")
    place.symlink_to(service.root.parent / "docs")


def dangling_as_folder(service: Service) -> None:
    emptied(service, f"{BASE}/docs").symlink_to("/nonexistent")


def dangling_as_base(service: Service) -> None:
    emptied(service, BASE).symlink_to("/nonexistent")


def dangling_as_file(service: Service) -> None:
    file = remembered(service, "template.yaml")
    file.unlink()
    file.symlink_to("/nonexistent")


def link_as_file(service: Service) -> None:
    file = remembered(service, "template.yaml")
    file.rename(service.root.parent / "template.z")
    file.symlink_to(service.root.parent / "template.z")


def folder_as_file(service: Service) -> None:
    file = remembered(service, "template.yaml")
    file.unlink()
    service.write(f"{file.relative_to(service.root)}/deep/notes.txt", "a note\n")


IN_THE_WAY: list[Callable[[Service], None]] = [
    file_as_folder,
    file_as_folder_of_many,
    file_as_base,
    link_as_folder,
    dangling_as_folder,
    dangling_as_base,
    dangling_as_file,
    link_as_file,
    folder_as_file,
]


@pytest.fixture(params=IN_THE_WAY, ids=lambda damage: damage.__name__)
def in_the_way(request, service):
    request.param(service)
    return service


def test_repair_takes_away_what_is_in_the_way_of_a_base_file(in_the_way, small):
    outside = picture(in_the_way.root.parent / "docs", times=False)
    before = picture(in_the_way.root, times=False)
    found = in_the_way.gen("check", "--json", code=1).json()["problems"]
    assert {problem["kind"] for problem in found} == {"base"}
    assert all("gen repair" in problem["hint"] for problem in found)
    in_the_way.gen("repair")
    in_the_way.gen("check")
    assert in_the_way.tree() == small.tree()
    repaired = picture(in_the_way.root, times=False)
    assert {seen.mode & 0o777 for path, seen in repaired.items() if path.endswith(".z")} <= {0o644}
    in_the_way.gen("undo")
    assert changed(before, picture(in_the_way.root, times=False)) == set()
    in_the_way.gen("undo")
    assert changed(repaired, picture(in_the_way.root, times=False)) == set()
    assert picture(in_the_way.root.parent / "docs", times=False) == outside


@pytest.mark.parametrize("damage", IN_THE_WAY[:-1], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("choice", [(), ("--conflict", "theirs")], ids=["undecided", "theirs"])
def test_what_is_in_the_way_is_damage_and_no_conflict(service, damage, choice):
    service.append("template.yaml", "# ours\n")
    damage(service)
    assert "gen repair" in refuses(service, "remove-trigger", "api", *choice, code=2)


def test_what_repair_took_away_comes_back_when_the_disk_fails(in_the_way, monkeypatch):
    before = picture(in_the_way.root, times=False)
    real = os.replace
    for failing in range(1, 5):
        calls: list[object] = []

        def replace(one, other, calls=calls, failing=failing):
            calls.append(one)
            if len(calls) == failing:
                raise OSError(28, "No space left on device", str(other))
            real(one, other)

        with monkeypatch.context() as once:
            once.setattr(os, "replace", replace)
            done = gen(in_the_way.root, "repair")
        if len(calls) < failing:
            assert done.code == 0
            in_the_way.gen("undo")
        else:
            assert done.code == 2 and "taken back" in one_message(done.err)
        assert changed(before, picture(in_the_way.root, times=False)) == set()


def test_a_killed_repair_of_what_is_in_the_way_is_finished(in_the_way, small):
    child = os.fork()
    if child == 0:
        real, calls = os.replace, []

        def replace(one, other):
            calls.append(one)
            if len(calls) == 2:
                os._exit(9)
            real(one, other)

        os.replace = replace  # type: ignore[assignment]
        gen(in_the_way.root, "repair")
        os._exit(0)
    os.waitpid(child, 0)
    in_the_way.gen("status")
    in_the_way.gen("check")
    assert in_the_way.tree() == small.tree()


# --- what may not be read -------------------------------------------------------------------------


@pytest.fixture
def closed(service, monkeypatch):
    """The one base file of template.yaml, which may not be read: root may read everything."""
    file, real = remembered(service, "template.yaml"), Path.read_bytes

    def read(path: Path) -> bytes:
        if path == file:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    return str(file.relative_to(service.root))


@pytest.mark.parametrize("command", [ADD, ("remove-trigger", "api")], ids=lambda c: c[0])
def test_a_closed_base_file_is_named_with_what_opens_it(service, closed, command):
    message = refuses(service, *command, code=2)
    assert f"{closed} cannot be read: Permission denied" in message
    assert f"chmod u+r {closed}" in message


def test_check_does_not_call_a_closed_base_file_damaged(service, closed):
    [problem] = service.gen("check", "--json", code=1).json()["problems"]
    assert (problem["kind"], problem["where"]) == ("base", closed)
    assert problem["message"] == "it cannot be read" and f"chmod u+r {closed}" in problem["hint"]


@pytest.mark.parametrize(
    "command", [ADD, (*ADD, "--conflict", "theirs"), ("check",), ("repair",)], ids=" ".join
)
def test_a_closed_folder_of_the_base_is_not_taken_for_empty(service, monkeypatch, command):
    folder, real = f"{BASE}/template.yaml", os.scandir

    def scandir(path="."):
        if os.fspath(path).endswith(folder):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path)

    before = picture(service.root)
    with monkeypatch.context() as once:
        once.setattr(os, "scandir", scandir)
        message = one_message(service.gen(*command, code=2).err)
    assert f"{folder} cannot be read: Permission denied" in message
    assert f"chmod u+rx {folder}" in message
    assert changed(before, picture(service.root)) == set()


def test_status_says_why_it_cannot_tell_what_is_pending(service, monkeypatch):
    real = open

    def closed(file, *arguments, **options):
        if str(file).endswith("/orders/README.md"):
            raise PermissionError(13, "Permission denied", str(file))
        return real(file, *arguments, **options)

    service.edit("gen.toml", 'trigger = "http"', 'trigger = "sqs"')
    monkeypatch.setattr("generator.evolve.disk.open", closed, raising=False)
    why = 'unknown, cannot read "README.md": Permission denied'
    lines = service.gen("status").out.splitlines()
    remedy = "(make it readable, for example: chmod u+r README.md)"
    assert f"changed by hand: {why} {remedy}" in lines
    assert f"pending: {why} {remedy}" in lines
    found = service.gen("status", "--json").json()
    assert found["problems"] is found["changed_by_hand"] is None
    for reason in (found["unknown"]["problems"], found["unknown"]["changed_by_hand"]):
        assert (reason["kind"], reason["where"]) == ("target", "README.md")
    [line] = service.gen("status", ".").out.splitlines()
    assert f"changed by hand: {why}; pending: unknown (gen check)" in line
    assert service.gen("status", ".", "--json").json()["services"][0]["unknown"]["problems"]


def test_status_of_a_damaged_base_says_so(service):
    cut(service)
    service.append(SHARED, MINE)
    found = service.gen("status", "--json").json()
    assert found["changed_by_hand"] is None and found["problems"]
    assert found["unknown"].keys() == {"changed_by_hand"}
    assert f"changed by hand: unknown, {BASE}/{SHARED}/" in service.gen("status").out
    assert "gen repair" in service.gen("status").out


def test_a_command_that_meets_damage_writes_nothing_and_names_repair(service):
    service.append(SHARED, MINE)
    cut(service)
    message = refuses(service, *ADD, code=2)
    assert f"{BASE}/{SHARED}" in message and "gen repair" in message


def test_without_its_base_an_edit_is_a_conflict_and_never_lost(service):
    service.append(SHARED, MINE)
    one_missing(service)
    assert SHARED in refuses(service, *ADD, code=3)


@pytest.mark.parametrize("damage", [no_base, nothing_left], ids=lambda d: d.__name__)
def test_without_any_base_nothing_is_written_and_repair_is_named(service, damage):
    service.append(SHARED, MINE)
    damage(service)
    assert "gen repair" in refuses(service, *ADD, code=2)


def test_repair_brings_back_what_keeps_git_from_taking_too_much(service, small):
    nothing_left(service)
    service.gen("repair")
    service.commit()
    service.gen(*ADD)
    tracked = service.git("status", "--porcelain", "-uall").splitlines()
    assert not [line for line in tracked if ".gen/lock" in line or ".gen/undo" in line]


# --- what repair says and leaves alone -----------------------------------------------------------


def test_repair_of_a_whole_service_has_nothing_to_do(service):
    before = picture(service.root)
    assert service.gen("repair").err == "Nothing to do.\n"
    assert service.gen("repair", "--json").json()["written"] is False
    assert changed(before, picture(service.root)) == set()


def test_repair_changes_the_base_only(service):
    service.append(SHARED, MINE)
    service.write("src/orders/extra.py", "MINE = 1\n")
    (service.root / SAME).chmod(0o755)
    cut(service)
    one = picture(service.root)
    service.gen("repair")
    assert all(path.startswith(BASE) for path in changed(one, picture(service.root)))
    assert changed(one, picture(service.root))


def test_a_dry_run_of_repair_writes_nothing(service):
    cut(service)
    stray(service)
    before = picture(service.root)
    assert "Dry run: nothing was written." in service.gen("repair", "--dry-run").err
    found = service.gen("repair", "--dry-run", "--json").json()
    assert found["command"] == "repair" and found["written"] is False
    assert not any(found["files"].values())
    assert changed(before, picture(service.root)) == set()


def test_repair_says_as_json_what_it_did(service):
    cut(service)
    result = service.gen("repair", "--json")
    found = result.json()
    assert found["command"] == "repair" and found["written"] is True
    assert not any(found["files"].values())
    assert found["directory"] == str(service.root) and result.err == ""
    assert service.gen("check", "--json").json()["problems"] == []


def test_a_declaration_that_was_edited_but_not_applied_is_applied_after_repair(service, grown):
    service.write("gen.toml", grown.read("gen.toml"))
    cut(service)
    one_missing_file = remembered(service, "template.yaml")
    one_missing_file.unlink()
    found = service.gen("check", "--json", code=1).json()["problems"]
    assert {problem["kind"] for problem in found} == {"base"}
    service.gen("repair")
    assert {p["kind"] for p in service.gen("check", "--json", code=1).json()["problems"]} == {
        "pending"
    }
    service.gen("apply")
    assert service.tree() == grown.tree()


def test_a_function_that_was_declared_but_not_applied_is_pending_after_all_was_lost(service, grown):
    service.write("gen.toml", grown.read("gen.toml"))
    nothing_left(service)
    service.gen("repair")
    found = service.gen("check", "--json", code=1).json()["problems"]
    assert {problem["kind"] for problem in found} == {"pending"}
    service.gen("apply")
    assert service.tree() == grown.tree()


def test_a_lost_base_is_noticed_beside_a_declaration_that_was_edited(service, grown):
    service.write("gen.toml", grown.read("gen.toml"))
    one_missing(service)
    found = service.gen("check", "--json", code=1).json()["problems"]
    assert {problem["where"] for problem in found if problem["kind"] == "base"} == {SHARED}


def test_a_candidate_left_by_a_branch_is_no_damage_and_goes_with_the_next_write(service, grown):
    older = service.read(SHARED).replace("orders", "an older text about orders", 1)
    path, entry = encode(SHARED, Entry(older.encode()))
    service.write(path, entry.content)
    service.gen("check")
    assert service.gen("repair").err == "Nothing to do.\n"
    service.gen(*ADD)
    assert service.tree() == grown.tree()


def test_a_damaged_candidate_beside_a_whole_one_is_taken_away(service, small):
    service.write(f"{BASE}/{SHARED}/0123456789abcdef.z", b"cut")
    assert f"{BASE}/{SHARED}/0123456789abcdef.z" in service.gen("check", code=1).err
    service.gen("repair")
    assert service.tree() == small.tree()


# --- another version ----------------------------------------------------------------------------


WRITING = [ADD, ("remove-trigger", "api"), ("rename", "api", "web"), ("apply",), ("repair",)]


def generated_by(service: Service, says: str) -> None:
    """Makes it a service of another version."""
    lines = service.read("gen.toml").splitlines(keepends=True)
    old = next(line for line in lines if line.startswith("generated-by"))
    text = service.read("gen.toml").replace(old, f'generated-by = "{says}"\n')
    shutil.rmtree(service.root / BASE / "gen.toml")
    path, entry = encode("gen.toml", Entry(text.encode()))
    service.write("gen.toml", text)
    service.write(path, entry.content)


@pytest.mark.parametrize("command", [*WRITING, ("check",), ("diff",)], ids=lambda c: c[0])
def test_a_service_of_an_older_version_is_refused_with_both_ways_on(service, command):
    generated_by(service, "serverless-py 0.0.1+0123456789ab")
    message = refuses(service, *command, code=2)
    assert "was generated by serverless-py 0.0.1" in message
    assert f"gen update moves it to {__version__}" in message
    assert "uvx --from git+https://github.com/org/serverless-py@v0.0.1 gen" in message
    assert "gen.toml:" in message


@pytest.mark.parametrize("command", [*WRITING, ("check",), ("update",)], ids=lambda c: c[0])
def test_a_service_of_a_newer_version_is_refused_with_both_ways_on(service, command):
    generated_by(service, "serverless-py 99.1.0+0123456789ab")
    message = refuses(service, *command, code=2)
    assert "99.1.0" in message and __version__ in message
    assert "uvx --from git+https://github.com/org/serverless-py@v99.1.0 gen" in message
    assert "update serverless-py" in message


@pytest.mark.parametrize("command", [*WRITING, ("check",)], ids=lambda c: c[0])
def test_other_packs_of_the_same_version_are_refused(service, command):
    generated_by(service, f"serverless-py {__version__}+0123456789ab")
    message = refuses(service, *command, code=2)
    assert "its packs differ from the installed ones" in message and "gen update" in message


def test_status_of_a_service_of_an_older_version_says_update(service):
    generated_by(service, "serverless-py 0.0.1+0123456789ab")
    said = service.gen("status")
    assert "pending: gen update" in said.out
    assert service.gen("status", "--json").json()["update_available"] is True


def test_update_moves_a_service_of_an_older_version(service, small):
    generated_by(service, "serverless-py 0.0.1+0123456789ab")
    service.append(SHARED, MINE)
    service.gen("update")
    assert service.read("gen.toml") == small.read("gen.toml")
    assert service.read(SHARED) == small.read(SHARED) + MINE
    service.gen("check")


# --- tools that go over every file ----------------------------------------------------------------


def replace_everywhere(service: Service, old: bytes, new: bytes) -> int:
    """In the bytes of every file, `.gen` included; how many files it changed."""
    count = 0
    for file in sorted(service.root.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            if old in content:
                file.write_bytes(content.replace(old, new))
                count += 1
    return count


def test_a_replaced_word_is_an_edit_that_survives_the_next_command(service, grown):
    base = picture(service.root / BASE)
    assert replace_everywhere(service, b"request", b"inquiry") > 3
    assert changed(base, picture(service.root / BASE)) == set()
    before, pristine = own_files(service), own_files(grown)
    service.gen(*ADD, "--conflict", "ours")
    after = own_files(service)
    assert "uploads" in service.read("gen.toml")
    for path, entry in before.items():
        if b"inquiry" in entry.content:
            assert lines_with(b"inquiry", entry) <= lines_with(b"inquiry", after[path]), path
        else:
            assert after[path] == pristine[path]
    service.gen("check")


def lines_with(word: bytes, entry: Entry) -> set[bytes]:
    return {line for line in entry.content.splitlines() if word in line}


def test_a_service_renamed_by_search_and_replace_keeps_its_edits(service):
    """Its folder is still called otherwise: what was edited there is a conflict, or stays."""
    assert replace_everywhere(service, b"orders", b"sales") > 5
    before = own_files(service)
    assert "src/orders/api/handler.py" in refuses(service, *ADD, code=3)
    service.gen(*ADD, "--conflict", "ours")
    after = own_files(service)
    for path, entry in before.items():
        if b"sales" in entry.content:
            assert lines_with(b"sales", entry) <= lines_with(b"sales", after[path]), path
    service.gen("check")


def test_a_service_renamed_with_its_folders_goes_on_under_the_new_name(service):
    service.append("src/orders/api/logic.py", "# ours, for orders\n")
    replace_everywhere(service, b"orders", b"sales")
    (service.root / "src/orders").rename(service.root / "src/sales")
    (service.root / BASE / "src/orders").rename(service.root / BASE / "src/sales")
    before = own_files(service)
    service.gen(*ADD)
    after = own_files(service)
    assert before.keys() <= after.keys() and not [path for path in after if "orders" in path]
    assert after["src/sales/api/logic.py"] == before["src/sales/api/logic.py"]
    assert b"ploads" in after["template.yaml"].content
    service.gen("check")


def test_a_replacement_that_hits_the_base_is_noticed_and_mended(service, grown):
    """A single letter is in every compressed file, too."""
    service.append(SHARED, MINE)
    for file in (service.root / BASE).rglob("*.z"):
        file.write_bytes(file.read_bytes().replace(b"a", b"A").replace(b"\n", b"\r\n"))
    service.gen("check", code=1)
    service.gen("repair")
    service.gen("check")
    service.gen(*ADD)
    assert service.read(SHARED) == grown.read(SHARED) + MINE


# --- undo ---------------------------------------------------------------------------------------


def test_undo_when_nothing_was_done_says_so(service):
    message = refuses(service, "undo", code=2)
    assert "there is nothing to undo here" in message and "git" in message


def test_undo_after_its_record_was_deleted_says_so(service):
    service.gen(*ADD)
    (service.root / ".gen/undo").unlink()
    assert "there is nothing to undo here" in refuses(service, "undo", code=2)
    error = service.gen("undo", "--json", code=2).json()["error"]
    assert error["kind"] == "undo" and error["hint"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:40],
        lambda content: content + b"x",
        lambda content: content.replace(b"uploads", b"UPLOADS", 1),
        lambda content: b"gen transaction 2 " + content[18:],
        lambda content: os.urandom(300),
    ],
    ids=["empty", "cut", "cut short", "longer", "edited", "newer", "garbage"],
)
def test_a_damaged_undo_record_is_one_message(service, grown, spoil):
    service.gen(*ADD)
    record = service.root / ".gen/undo"
    record.write_bytes(spoil(record.read_bytes()))
    message = refuses(service, "undo", code=2)
    assert "its record is damaged" in message and ".gen/undo" in message and "git" in message
    service.gen("check")
    service.gen("remove-trigger", "uploads")  # which leaves a new one
    service.gen("undo")
    assert service.tree() == grown.tree()


def test_an_undo_record_that_is_a_folder_is_one_message(service):
    service.write(".gen/undo/notes.txt", "mine\n")
    assert ".gen/undo" in refuses(service, "undo", code=2)


def test_undo_on_another_branch_says_so_and_writes_nothing(service):
    service.commit()
    service.git("checkout", "-q", "-b", "uploads")
    service.gen(*ADD)
    service.commit()
    service.git("checkout", "-q", "main")
    message = refuses(service, "undo", code=2)
    assert "the service is no longer what gen add-trigger s3 left" in message
    assert "undo with git" in message
    service.git("checkout", "-q", "uploads")
    service.gen("undo")
    assert "uploads" not in service.read("gen.toml")


def test_undo_twice_does_it_again(service, small, grown):
    service.gen(*ADD)
    service.gen("undo")
    assert service.tree() == small.tree()
    service.gen("undo")
    assert service.tree() == grown.tree()


def test_undo_after_the_base_was_damaged_says_so(service):
    service.gen(*ADD)
    cut(service)
    message = refuses(service, "undo", code=2)
    assert f"{BASE}/{SHARED}" in message
    service.gen("repair")


def test_undo_keeps_what_was_edited_since(service, small):
    service.gen(*ADD)
    service.append(SHARED, MINE)
    service.append("src/orders/uploads/logic.py", "# mine\n")
    message = refuses(service, "undo", code=3)
    assert "src/orders/uploads/logic.py" in message
    service.gen("undo", "--conflict", "ours")
    assert service.read(SHARED) == small.read(SHARED) + MINE
    assert service.read("src/orders/uploads/logic.py").endswith("# mine\n")


# --- the declaration ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "[service]"),
        (b"[service\n", "gen.toml:1"),
        (b"\xff\xfe[\0s", "not UTF-8 text"),
        (b"<<<<<<< yours\n[service]\n=======\n>>>>>>> new\n", "conflict markers"),
    ],
    ids=["empty", "broken", "utf-16", "markers"],
)
@pytest.mark.parametrize("command", [ADD, ("check",), ("repair",), ("status",)], ids=lambda c: c[0])
def test_a_broken_declaration_is_one_message(service, content, says, command):
    service.write("gen.toml", content)
    message = one_message(refuses(service, *command, code=2))
    assert says in message and "help:" in message


def test_a_deleted_declaration_is_one_message(service):
    (service.root / "gen.toml").unlink()
    for command in (ADD, ("check",), ("repair",)):
        message = refuses(service, *command, code=2)
        assert "gen.toml is missing" in message and "git checkout -- gen.toml" in message
