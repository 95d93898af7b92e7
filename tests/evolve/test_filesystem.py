"""What a real folder is like: files in the way, links, other line ends, modes, names, places."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from evolve.playground import ROOT, Service, gen, new_service
from evolve.witness import changed, copy_of, one_message, picture, refuses

from generator.base import base_path, digest_of, encode
from generator.tree import Entry

ADD = ("add-trigger", "s3", "--name", "uploads")
NEW = "src/orders/uploads/logic.py"  # comes with it
SHARED = "docs/architecture.md"  # changes with it
SAME = "Makefile"  # does not
MINE = b"the developer's\n"


@pytest.fixture(autouse=True)
def no_power_fails(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture
def service(small, tmp_path):
    return copy_of(small, tmp_path)


@pytest.fixture
def larger(grown, tmp_path):
    """A service that has the function `uploads` already."""
    return copy_of(grown, tmp_path)


def bytes_of(service: Service, path: str) -> bytes:
    return (service.root / path).read_bytes()


def link(service: Service, path: str, target: str | Path) -> None:
    """Puts a link where `path` is; what was there is gone."""
    place = service.root / path
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


# --- a file of the developer's where a new one is to come ---------------------------------------


@pytest.fixture(params=["tracked", "untracked", "ignored"])
def in_the_way(service, request):
    """A service with a file of the developer's where `gen` wants to put one."""
    if request.param == "ignored":
        service.append(".gitignore", f"\n{NEW}\n")
    if request.param != "tracked":
        service.commit()
    service.write(NEW, MINE)
    service.commit() if request.param == "tracked" else None
    tracked, ignored = service.git("ls-files", NEW), service.git("check-ignore", NEW, check=False)
    assert (bool(tracked), bool(ignored)) == (
        request.param == "tracked",
        request.param == "ignored",
    )
    return service


def test_a_file_in_the_way_is_a_conflict(in_the_way):
    message = refuses(in_the_way, *ADD, code=3)
    assert f"{NEW}: a new file is to come, and one of yours is there" in message
    assert "--conflict ours" in message and "Nothing was written" in message
    found = in_the_way.gen(*ADD, "--json", code=3).json()["error"]["conflicts"]
    assert [(conflict["path"], conflict["kind"]) for conflict in found] == [(NEW, "in-the-way")]


def test_ours_keeps_a_file_in_the_way(in_the_way):
    in_the_way.gen(*ADD, "--conflict", "ours")
    assert bytes_of(in_the_way, NEW) == MINE
    assert "uploads" in in_the_way.read("gen.toml")
    in_the_way.gen("check")


def test_theirs_overwrites_a_file_in_the_way_and_undo_brings_it_back(in_the_way, grown):
    before = picture(in_the_way.root, times=False)
    in_the_way.gen(*ADD, "--conflict", "theirs")
    assert bytes_of(in_the_way, NEW) == bytes_of(grown, NEW)
    in_the_way.gen("undo")
    assert changed(before, picture(in_the_way.root, times=False)) == set()


def test_markers_writes_both_and_check_refuses_while_they_are_there(in_the_way, grown):
    in_the_way.gen(*ADD, "--conflict", "markers")
    text = bytes_of(in_the_way, NEW)
    assert text.startswith(b"<<<<<<< ") and MINE in text and bytes_of(grown, NEW) in text
    assert f"{NEW}:1: a conflict is not decided yet" in in_the_way.gen("check", code=1).err
    in_the_way.write(NEW, bytes_of(grown, NEW) + MINE.replace(b"the", b"# the"))
    in_the_way.gen("check")


def test_an_equal_file_is_adopted(service, grown):
    service.write(NEW, bytes_of(grown, NEW))
    written = (service.root / NEW).stat().st_mtime_ns
    assert NEW not in service.gen(*ADD).err
    assert (service.root / NEW).stat().st_mtime_ns == written
    assert service.tree() == grown.tree()


def test_an_equal_file_with_other_line_ends_is_adopted_as_it_is(service, grown):
    own = bytes_of(grown, NEW).replace(b"\n", b"\r\n")
    service.write(NEW, own)
    service.gen(*ADD)
    assert bytes_of(service, NEW) == own
    service.gen("check")


# --- no file at all -----------------------------------------------------------------------------


def test_a_folder_where_a_file_is_to_come_is_a_conflict(service):
    service.write(f"{NEW}/notes.txt", MINE)
    message = refuses(service, *ADD, code=3)
    assert f"{NEW}: a file is to be written, and it is a folder" in message
    assert "move it out of the way" in message
    for how in ("theirs", "markers"):
        refuses(service, *ADD, "--conflict", how, code=3)
    service.gen(*ADD, "--conflict", "ours")
    assert bytes_of(service, f"{NEW}/notes.txt") == MINE


def test_a_file_where_a_folder_is_to_come_is_a_conflict(service):
    service.write("src/orders/uploads", MINE)
    message = refuses(service, *ADD, code=3)
    assert "below src/orders/uploads, which is a file" in message
    service.gen(*ADD, "--conflict", "ours")
    assert bytes_of(service, "src/orders/uploads") == MINE


def test_a_folder_where_a_generated_file_was_is_left_alone_unless_it_changes(service):
    (service.root / SAME).unlink()
    service.write(f"{SAME}/notes.txt", MINE)
    service.gen(*ADD)
    assert bytes_of(service, f"{SAME}/notes.txt") == MINE


def test_a_pipe_where_a_file_is_to_come_is_a_conflict(service):
    os.makedirs(service.root / "src/orders/uploads")
    os.mkfifo(service.root / NEW)
    before = os.lstat(service.root / NEW)
    assert f"{NEW}: a file is to be written, and it is a special file" in (
        service.gen(*ADD, code=3).err
    )
    assert os.lstat(service.root / NEW) == before


# --- links --------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["inside", "outside", "nowhere"])
def test_a_linked_file_that_is_to_change_is_a_conflict(service, where):
    target = {
        "inside": service.root / "docs/real.md",
        "outside": service.root.parent / "shared.md",
        "nowhere": service.root / "docs/missing.md",
    }[where]
    if where != "nowhere":
        target.write_bytes(bytes_of(service, SHARED))
    link(service, SHARED, target)
    message = refuses(service, *ADD, code=3)
    assert f"{SHARED}: a file is to be written, and it is a symbolic link" in message
    for how in ("theirs", "markers"):
        refuses(service, *ADD, "--conflict", how, code=3)
    before = picture(target.parent)
    service.gen(*ADD, "--conflict", "ours")
    assert os.readlink(service.root / SHARED) == str(target)
    assert changed(before, picture(target.parent)).isdisjoint({target.name})


@pytest.mark.parametrize("where", ["inside", "outside", "nowhere"])
def test_a_linked_file_that_is_not_to_change_is_left_alone(service, where):
    target = {
        "inside": service.root / "docs/Makefile",
        "outside": service.root.parent / "Makefile",
        "nowhere": service.root / "missing",
    }[where]
    if where != "nowhere":
        target.write_bytes(MINE)
    link(service, SAME, target)
    before = picture(service.root.parent)
    service.gen(*ADD)
    assert {"orders/Makefile", "Makefile", "orders/docs/Makefile"}.isdisjoint(
        changed(before, picture(service.root.parent))
    )
    service.gen("check")
    service.gen("undo")
    after = {path: seen._replace(written=0) for path, seen in before.items()}
    assert changed(after, picture(service.root.parent, times=False)) == set()


def test_a_dangling_link_where_a_file_is_to_come_is_a_conflict(service):
    link(service, NEW, service.root.parent / "elsewhere.py")
    message = refuses(service, *ADD, code=3)
    assert f"{NEW}: a file is to be written, and it is a symbolic link" in message
    assert not (service.root.parent / "elsewhere.py").exists()


def test_a_linked_file_that_is_to_be_deleted_is_a_conflict(larger):
    link(larger, NEW, "handler.py")
    message = refuses(larger, "remove-trigger", "uploads", code=3)
    assert NEW in message and "a symbolic link" in message


@pytest.mark.parametrize("how", [(), ("--conflict", "theirs"), ("--conflict", "markers")])
@pytest.mark.parametrize("where", ["inside", "outside"])
def test_nothing_is_written_through_a_linked_folder(service, where, how):
    outside = service.root.parent / "elsewhere"
    target = outside if where == "outside" else service.root / "samples"
    shutil.move(service.root / "events", target)
    link(service, "events", target)
    message = refuses(service, *ADD, *how, code=3)
    assert "events/uploads/sample.json" in message
    assert "below events, which is a symbolic link" in message


@pytest.mark.parametrize("where", ["inside", "outside"])
def test_ours_leaves_out_what_would_come_below_a_linked_folder(service, where):
    target = service.root.parent / "elsewhere" if where == "outside" else service.root / "samples"
    shutil.move(service.root / "events", target)
    link(service, "events", target)
    before = picture(target)
    service.gen(*ADD, "--conflict", "ours")
    assert changed(before, picture(target)) == set()
    service.gen("undo", "--conflict", "ours")
    assert changed(before, picture(target)) == set()


def test_nothing_is_deleted_through_a_linked_folder(larger):
    target = larger.root.parent / "elsewhere"
    shutil.move(larger.root / "events", target)
    link(larger, "events", target)
    message = refuses(larger, "remove-trigger", "uploads", code=3)
    assert "below events, which is a symbolic link" in message
    refuses(larger, "remove-trigger", "uploads", "--conflict", "theirs", code=3)


def test_a_linked_service_folder_is_the_service(service, grown, tmp_path):
    (tmp_path / "link").symlink_to(service.root)
    gen(tmp_path, *ADD, "--project", "link")
    assert service.tree() == grown.tree()


def test_base_as_a_link_is_refused(service):
    target = service.root.parent / "remembered"
    shutil.move(service.root / ".gen/base", target)
    link(service, ".gen/base", target)
    message = refuses(service, *ADD, code=2)
    assert '".gen/base" is a symbolic link' in message and "Nothing was written" in message


def test_base_as_a_file_is_refused_until_repair_and_undo_brings_it_back(service, small):
    shutil.rmtree(service.root / ".gen/base")
    service.write(".gen/base", MINE)
    assert "gen repair" in refuses(service, *ADD, code=2)
    service.gen("repair")
    assert service.tree() == small.tree()
    service.gen("undo")
    assert bytes_of(service, ".gen/base") == MINE


def test_a_lock_that_is_a_link_is_not_followed(service, tmp_path):
    (tmp_path / "elsewhere").write_bytes(MINE)
    link(service, ".gen/lock", tmp_path / "elsewhere")
    message = refuses(service, *ADD, code=2)
    assert ".gen/lock" in message and "Nothing was written" in message


def test_gen_folder_as_a_link_is_refused(service):
    target = service.root.parent / "remembered"
    shutil.move(service.root / ".gen", target)
    link(service, ".gen", target)
    message = refuses(service, *ADD, code=2)
    assert ".gen is a symbolic link" in message and "Nothing was written" in message
    for command in ("check", "status", "diff"):  # what only reads may follow it
        service.gen(command)


def test_gen_folder_as_a_file_is_refused(service):
    shutil.rmtree(service.root / ".gen")
    service.write(".gen", MINE)
    message = refuses(service, *ADD, code=2)
    assert ".gen is a file" in message and "Nothing was written" in message
    assert ".gen/base" in service.gen("check", code=1).err
    refuses(service, "repair", code=2)
    refuses(service, "undo", code=2)


# --- the developer's way of writing things down --------------------------------------------------


def files(service: Service) -> list[str]:
    return [path for path in service.tree(with_base=False) if not path.startswith(".gen/")]


def convert(service: Service, *pairs: tuple[bytes, bytes]) -> None:
    """Replaces bytes in every file, as an editor or a tool would."""
    for path in files(service):
        content = bytes_of(service, path)
        for old, new in pairs:
            content = content.replace(old, new)
        (service.root / path).write_bytes(content)


def test_a_service_with_windows_line_ends_keeps_them(service, grown):
    convert(service, (b"\n", b"\r\n"))
    before = picture(service.root)
    service.gen("check")
    service.gen(*ADD)
    after = picture(service.root)
    generated = grown.tree()
    for path in before.keys() & changed(before, after):
        if not path.startswith(".gen/"):
            assert after[path].content == generated[path].content.replace(b"\n", b"\r\n"), path
    service.gen("check")
    service.gen("remove-trigger", "uploads")
    assert {path: seen.content for path, seen in before.items()} == {
        path: seen.content for path, seen in picture(service.root).items()
    }


def test_edits_among_windows_line_ends_are_merged(service):
    service.edit("template.yaml", "Resources:\n", "Resources:\n  # ours\n")
    service.append(SHARED, "\nOur own notes.\n")
    convert(service, (b"\n", b"\r\n"))
    service.gen(*ADD)
    for path in ("template.yaml", SHARED, "gen.toml"):
        content = bytes_of(service, path)
        assert content.count(b"\n") == content.count(b"\r\n"), path
        assert b"ploads" in content
    assert b"  # ours\r\n" in bytes_of(service, "template.yaml")
    assert bytes_of(service, SHARED).endswith(b"\r\nOur own notes.\r\n")


@pytest.mark.parametrize("path", [SHARED, "template.yaml", "gen.toml", "requirements-dev.txt"])
def test_a_byte_order_mark_stays(service, grown, path):
    service.write(path, b"\xef\xbb\xbf" + bytes_of(service, path))
    service.gen(*ADD)
    assert bytes_of(service, path) == b"\xef\xbb\xbf" + bytes_of(grown, path)
    service.gen("check")


@pytest.mark.parametrize("path", [SHARED, "template.yaml", "gen.toml", "requirements-dev.txt"])
def test_a_missing_final_newline_stays_missing(service, grown, path):
    service.write(path, bytes_of(service, path).removesuffix(b"\n"))
    service.gen(*ADD)
    assert bytes_of(service, path) == bytes_of(grown, path).removesuffix(b"\n")
    service.gen("check")


@pytest.mark.parametrize("path", [SHARED, "template.yaml", "gen.toml", "requirements-dev.txt"])
def test_mixed_line_ends_stay_where_they_are(service, path):
    lines = bytes_of(service, path).splitlines(keepends=True)
    service.write(path, b"".join([lines[0].replace(b"\n", b"\r\n"), *lines[1:]]))
    service.gen(*ADD)
    content = bytes_of(service, path)
    assert content.startswith(lines[0].replace(b"\n", b"\r\n"))
    assert content.count(b"\r\n") == 1
    service.gen("check")


def test_bytes_that_are_no_utf8_stay_as_they_are(service):
    service.write("template.yaml", b"# caf\xe9\n" + bytes_of(service, "template.yaml"))
    service.write("requirements-dev.txt", bytes_of(service, "requirements-dev.txt") + b"# \xfc\n")
    service.gen(*ADD)
    assert bytes_of(service, "template.yaml").startswith(b"# caf\xe9\n")
    assert b"Uploads" in bytes_of(service, "template.yaml")
    assert bytes_of(service, "requirements-dev.txt").endswith(b"# \xfc\n")
    assert b"s3" in bytes_of(service, "requirements-dev.txt")
    service.gen("check")


def test_a_declaration_that_is_no_utf8_is_refused(service):
    service.write("gen.toml", bytes_of(service, "gen.toml") + b"# caf\xe9\n")
    assert "gen.toml is not UTF-8 text" in refuses(service, *ADD, code=2)


def test_a_binary_that_both_changed_is_a_conflict(service):
    own = bytes_of(service, SHARED) + b"\0\x01"
    service.write(SHARED, own)
    assert SHARED in refuses(service, *ADD, code=3)
    refuses(service, *ADD, "--conflict", "markers", code=3)
    service.gen(*ADD, "--conflict", "ours")
    assert bytes_of(service, SHARED) == own
    service.gen("check")


def test_a_binary_decided_for_theirs_is_brought_back_by_undo(service, grown):
    own = bytes_of(service, SHARED) + b"\0\x01"
    service.write(SHARED, own)
    service.gen(*ADD, "--conflict", "theirs")
    assert bytes_of(service, SHARED) == bytes_of(grown, SHARED)
    service.gen("undo")
    assert bytes_of(service, SHARED) == own


def test_an_emptied_file_that_is_to_change_is_a_conflict(service):
    service.write(SHARED, b"")
    assert SHARED in refuses(service, *ADD, code=3)


# --- permissions --------------------------------------------------------------------------------


SCRIPT = "scripts/find_python.sh"


def is_executable(service: Service, path: str) -> bool:
    return bool((service.root / path).stat().st_mode & 0o100)


@pytest.mark.parametrize("mode", [0o644, 0o755], ids=["no bit anywhere", "every bit everywhere"])
def test_a_file_system_without_executable_bits_shows_no_change(service, grown, mode):
    for path in files(service):
        (service.root / path).chmod(mode)
    service.gen("check")
    before = picture(service.root)
    service.gen(*ADD)
    after = picture(service.root)
    for path in before.keys() & changed(before, after):
        assert path.startswith(".gen/") or after[path].content == bytes_of(grown, path)
    assert {path: e.content for path, e in service.tree().items()} == {
        path: e.content for path, e in grown.tree().items()
    }
    service.gen("check")


def test_an_executable_bit_of_the_developers_survives_a_merge(service, grown):
    (service.root / SHARED).chmod(0o755)
    (service.root / SCRIPT).chmod(0o600)
    service.gen(*ADD)
    assert bytes_of(service, SHARED) == bytes_of(grown, SHARED)
    assert is_executable(service, SHARED) and not is_executable(service, SCRIPT)
    service.gen("check")


def test_permissions_of_a_changed_file_stay(service):
    (service.root / SHARED).chmod(0o600)
    (service.root / "template.yaml").chmod(0o444)
    service.gen(*ADD)
    assert (service.root / SHARED).stat().st_mode & 0o777 == 0o600
    assert (service.root / "template.yaml").stat().st_mode & 0o777 == 0o444


def remember(service: Service, path: str, entry: Entry) -> None:
    """Makes the service one whose templates had `entry` at `path`, then."""
    shutil.rmtree(service.root / ".gen/base" / path)
    stored, remembered = encode(path, entry)
    service.write(stored, remembered.content)
    service.write(path, entry.content)
    (service.root / path).chmod(0o755 if entry.executable else 0o644)


def aged(service: Service) -> None:
    """Makes it a service of an older version."""
    old = service.read("gen.toml").replace("serverless-py 0.1.0+", "serverless-py 0.0.9+0")
    remember(service, "gen.toml", Entry(old.encode()))


def test_an_executable_bit_that_newer_templates_set_arrives_beside_an_edit(service):
    content = bytes_of(service, SCRIPT)
    remember(service, SCRIPT, Entry(content, executable=False))
    remember(service, SAME, Entry(bytes_of(service, SAME), executable=True))
    aged(service)
    service.append(SCRIPT, "# ours\n")
    assert not is_executable(service, SCRIPT) and is_executable(service, SAME)
    service.gen("update")
    assert is_executable(service, SCRIPT) and not is_executable(service, SAME)
    assert bytes_of(service, SCRIPT) == content + b"# ours\n"
    service.gen("check")
    service.gen("undo")
    assert not is_executable(service, SCRIPT) and is_executable(service, SAME)


def test_a_read_only_folder_is_refused(service, monkeypatch):
    """Root may write everywhere, so the system's answer is put in its mouth."""
    closed, real = service.root / "events", os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: os.fspath(path) != os.fspath(closed) and real(path, mode)
    )
    message = refuses(service, *ADD, code=2)
    assert "Permission denied. Nothing was written." in message and str(closed) in message


@pytest.mark.parametrize("path", [SHARED, SAME, "gen.toml"])
def test_an_unreadable_file_is_refused_and_named(service, monkeypatch, path):
    real = open

    def closed(file, *arguments, **options):
        if str(file).endswith(f"/orders/{path}"):
            raise PermissionError(13, "Permission denied", str(file))
        return real(file, *arguments, **options)

    monkeypatch.setattr("generator.evolve.disk.open", closed, raising=False)
    message = refuses(service, *ADD, code=2)
    assert f'cannot read "{path}": Permission denied' in message
    assert f"chmod u+r {path}" in message


def test_a_closed_folder_is_refused_and_named(service, monkeypatch):
    real = os.lstat

    def closed(path, **options):
        if str(path).startswith(f"{service.root}/src/orders/"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, **options)

    with monkeypatch.context() as once:
        once.setattr(os, "lstat", closed)
        message = one_message(service.gen(*ADD, code=2).err)
    assert 'cannot read "src/orders/' in message and "chmod u+rx src/orders" in message


def test_a_closed_folder_above_is_no_reason_to_stop(service, monkeypatch, grown):
    real = os.stat

    def closed(path, *arguments, **options):
        if str(path).startswith(str(service.root.parent)) and "orders" not in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **options)

    (service.root / "gen.toml").rename(service.root / "was.toml")
    shutil.rmtree(service.root / ".gen/base/gen.toml")
    with monkeypatch.context() as once:
        once.setattr(os, "stat", closed)
        assert "there is no gen.toml" in one_message(service.gen("check", code=2).err)


# --- names --------------------------------------------------------------------------------------


ODD_NAMES = [
    "two words.txt",
    'it\'s "quoted".txt',
    "line\nbreak.txt",
    "tab\tand\x1b[31m.txt",
    "-rf",
    "emoji \N{PARTY POPPER}.md",
    "\u00fcber.md",
    "u\u0308ber.md",
    "$(touch x);.txt",
    "no utf-8 \udcff.txt",
    "x" * 255,
    "Readme.md",
    "con",
]


def test_files_of_the_developers_with_odd_names_are_untouched(service):
    for folder in ("", "docs/", "src/orders/api/", "src/orders/uploads/", "events/uploads/"):
        for name in ODD_NAMES:
            service.write(folder + name, MINE)
    before = picture(service.root)
    for command in (ADD, ("check",), ("status",), ("diff", "--mine"), ("undo",)):
        service.gen(*command)
        after = picture(service.root)
        assert all(after[path] == seen for path, seen in before.items() if seen.content == MINE)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_edits_follow_a_file_that_was_moved_to_an_odd_name(service, grown, name):
    moved = service.root / "docs" / name
    (service.root / SHARED).rename(moved)
    for command in (ADD, ("status",), ("check",)):
        for options in (("--json",), ()):
            service.gen(*command, *options)
    assert moved.read_bytes() == bytes_of(grown, SHARED)
    assert not (service.root / SHARED).exists()
    service.gen("undo")
    assert moved.read_bytes() == bytes_of(service, f"docs/{name}")


def test_a_file_whose_name_changed_in_case_only_is_kept(service, grown):
    (service.root / "README.md").rename(service.root / "Readme.md")
    (service.root / SHARED).rename(service.root / "docs/Architecture.md")
    readme = bytes_of(service, "Readme.md")
    service.gen(*ADD)
    assert bytes_of(service, "Readme.md") == readme
    assert bytes_of(service, "docs/Architecture.md") == bytes_of(grown, SHARED)
    assert not (service.root / "README.md").exists() and not (service.root / SHARED).exists()
    service.gen("check")


@pytest.fixture(scope="session")
def opened():
    """Every file that is opened from now on. A hook stays for good, so there is one."""
    found: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes):
            found.append(os.fsdecode(arguments[0]))

    sys.addaudithook(hook)
    return found


@pytest.mark.parametrize("moved", [False, True])
def test_a_huge_file_of_the_developers_is_not_read(service, opened, moved):
    for path in ("data.bin", "docs/data.bin", "src/orders/api/model.bin"):
        service.write(path, b"")
        os.truncate(service.root / path, 10_000_000)
    if moved:  # it is looked for where it went
        (service.root / SHARED).rename(service.root / "docs/overview.md")
    opened.clear()
    for command in (ADD, ("check",), ("status",), ("diff",), ("undo",)):
        service.gen(*command)
    assert any(path.endswith("gen.toml") for path in opened)
    assert not [path for path in opened if path.endswith(".bin")]


# --- places -------------------------------------------------------------------------------------


def test_a_deep_folder_is_as_good_as_any(small, grown, tmp_path):
    deep = tmp_path.joinpath(*["d" * 200] * 12)
    deep.mkdir(parents=True)
    service = copy_of(small, deep)
    service.gen(*ADD)
    assert service.tree() == grown.tree()
    service.gen("undo")
    assert service.tree() == small.tree()


def test_a_path_too_long_for_the_system_is_refused(small, tmp_path):
    longest = max(len(path) for path in small.tree())
    room = 4_080 - len(str(tmp_path)) - len("/orders/") - longest
    deep = tmp_path.joinpath(*["d" * 99] * (room // 100), "d" * (room % 100))
    deep.mkdir(parents=True)
    service = copy_of(small, deep)
    service.gen("check")
    message = refuses(service, "add-trigger", "s3", "--name", "uploads_of_all_that_is", code=2)
    assert "File name too long" in message and "Nothing was written." in message


def test_it_works_without_git(small, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    service = new_service(tmp_path, "http=api")
    assert service.tree() == small.tree()
    service.edit("README.md", "orders", "our orders")
    for command in (ADD, ("status",), ("check",), ("diff", "--mine"), ("apply",), ("update",)):
        service.gen(*command)
    service.gen("undo")
    assert "uploads" not in service.read("gen.toml")


def test_in_a_folder_of_a_larger_repository_only_the_service_changes(small, grown, tmp_path):
    (tmp_path / "services").mkdir()
    service = copy_of(small, tmp_path / "services")
    (tmp_path / "README.md").write_bytes(MINE)
    whole = Service(tmp_path)
    whole.commit()
    service.gen(*ADD)
    changed_files = whole.git("status", "--porcelain", "-uall").splitlines()
    assert changed_files and all(" services/orders/" in line for line in changed_files)
    assert not [line for line in changed_files if "/.gen/" in line and "/.gen/base/" not in line]
    assert service.tree() == grown.tree()
    whole.commit()
    service.gen("undo")
    assert service.tree() == small.tree()


def test_in_a_worktree_it_works_as_anywhere(service, grown, tmp_path):
    service.commit()
    service.git("worktree", "add", "-q", str(tmp_path / "tree"))
    tree = Service(tmp_path / "tree")
    assert (tree.root / ".git").is_file()
    before = picture(service.root)
    tree.gen(*ADD)
    assert tree.tree() == {**grown.tree(), ".git": tree.tree()[".git"]}
    tree.gen("check")
    tree.commit()
    assert changed(before, picture(service.root)) <= {
        path for path in picture(service.root) if path.startswith(".git/")
    }


@pytest.mark.parametrize("start", ["", "src/orders/api", "docs"])
def test_it_finds_the_service_from_any_folder_in_it(service, grown, start):
    assert gen(service.root / start, *ADD).code == 0
    assert service.tree() == grown.tree()


@pytest.mark.parametrize("relative", [False, True])
def test_it_finds_the_service_that_is_named(service, grown, tmp_path, relative):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    project = os.path.relpath(service.root, elsewhere) if relative else str(service.root)
    assert gen(elsewhere, *ADD, "--project", project).code == 0
    assert service.tree() == grown.tree()
    assert list(elsewhere.iterdir()) == []


def test_outside_of_a_service_it_says_so(tmp_path):
    result = gen(tmp_path, *ADD)
    assert result.code == 2
    assert "there is no gen.toml" in result.err and "--project DIR" in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_deleted_under_it_is_one_message(service):
    program = (
        "import os, shutil, sys; shutil.rmtree(os.getcwd());"
        "from generator.cli import main; sys.argv = ['gen', 'check']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=service.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and "bug" not in done.stderr


def test_base_files_lie_where_the_tests_think(service):
    """The helpers above write base files themselves."""
    entry = Entry(bytes_of(service, SAME))
    assert (service.root / base_path(SAME, digest_of(entry))).is_file()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_dry_run_is_a_patch_that_git_applies_whatever_the_name(service, name):
    (service.root / SHARED).rename(service.root / "docs" / name)
    (service.root / "docs" / name).chmod(0o755)
    other = copy_of(service, service.root.parent / "other")
    patch = service.gen(*ADD, "--dry-run", "--json").json()["diff"]
    (service.root / "change.patch").write_bytes(patch.encode("utf-8", "surrogateescape"))
    service.git("init", "-q")
    service.git("apply", "change.patch")
    other.gen(*ADD)
    expected = {path: entry for path, entry in other.tree().items() if not path.startswith(".gen/")}
    found = {path: entry for path, entry in service.tree().items() if not path.startswith(".gen/")}
    assert {p: e for p, e in found.items() if p != "change.patch"} == expected


@pytest.mark.parametrize("name", ["tab\tand\x1b[31m.txt", "line\nbreak.txt"])
def test_a_name_sends_nothing_to_the_terminal(service, name):
    (service.root / SHARED).rename(service.root / "docs" / name)
    (service.root / "docs" / name).chmod(0o755)
    for command in ((*ADD, "--dry-run"), ADD, ("status",), ("diff", "--mine"), ("undo",)):
        result = service.gen(*command)
        said = result.err + result.out
        assert "\x1b" not in said and "\nbreak.txt" not in said
