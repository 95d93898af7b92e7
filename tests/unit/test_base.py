"""What the generator remembers: whole, unlike everything else, and known when it is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.base import BaseError, base_path, decode, digest_of, encode, read_base
from generator.tree import Entry

TEXT = Entry(b"Resources:\n" + b"".join(b"  R%d: {}\n" % n for n in range(2000)))


@pytest.mark.parametrize("entry", [TEXT, Entry(b"", True), Entry(bytes(range(256)) * 9, True)])
def test_what_is_encoded_is_decoded(entry):
    path, stored = encode("a/b.txt", entry)
    assert path == base_path("a/b.txt", digest_of(entry))
    assert decode(digest_of(entry), stored.content) == entry


def test_the_executable_bit_is_part_of_it():
    assert digest_of(Entry(b"x", True)) != digest_of(Entry(b"x"))


def test_base_files_of_similar_contents_share_nothing():
    """git takes files that share half of their bytes for a renamed one."""
    longer = Entry(TEXT.content + b"  Last: {}\n")
    one, other = (encode("t.yaml", entry)[1].content for entry in (TEXT, longer))
    pieces = {one[n : n + 8] for n in range(len(one) - 8)}
    assert not any(other[n : n + 8] in pieces for n in range(len(other) - 8))


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "other name"])
def test_damage_is_found(tmp_path, damage):
    path, stored = encode("a.txt", TEXT)
    content = stored.content
    content = {"cut": content[:-3], "bit": b"#" + content[1:], "empty": b""}.get(damage, content)
    name = path.replace(digest_of(TEXT), "0" * 16) if damage == "other name" else path
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_bytes(content)
    base = read_base(tmp_path)
    with pytest.raises(BaseError, match=r"a\.txt") as caught:
        list(base.entries("a.txt"))
    assert "gen repair" in caught.value.hint


def test_a_path_may_have_several_candidates_and_strays_are_told(tmp_path):
    for entry in (Entry(b"1"), Entry(b"2")):
        path, stored = encode("deep/a.txt", entry)
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(stored.content)
    (tmp_path / ".gen/base/deep/a.txt/notes.txt").write_text("mine")
    base = read_base(tmp_path)
    assert {entry.content for entry in base.entries("deep/a.txt")} == {b"1", b"2"}
    assert base.stray == (".gen/base/deep/a.txt/notes.txt",)


def closed(root: Path, shut: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The hint where a base file cannot be read, as this file or folder is shut."""
    path, stored = encode("deep/a.txt", TEXT)
    (root / path).parent.mkdir(parents=True)
    (root / path).write_bytes(stored.content)
    base, place = read_base(root), str(root / shut if shut else root / path)

    def read(file: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(Path, "read_bytes", read)
    monkeypatch.setattr(os, "access", lambda file, mode: str(file) != place)
    with pytest.raises(BaseError, match="cannot be read: Permission denied") as caught:
        base.entry("deep/a.txt", digest_of(TEXT))
    return caught.value.hint


@pytest.mark.parametrize("folder", [".gen", ".gen/base/deep", ".gen/base/deep/a.txt"])
def test_the_folder_that_is_closed_is_named(tmp_path, monkeypatch, folder):
    assert closed(tmp_path, folder, monkeypatch).endswith(f"chmod u+rx {folder}")


def test_the_file_that_is_closed_is_named(tmp_path, monkeypatch):
    hint = closed(tmp_path, "", monkeypatch)
    assert hint.endswith(f"chmod u+r {base_path('deep/a.txt', digest_of(TEXT))}")


@pytest.mark.parametrize("target", ["nowhere", "", "file"])
def test_a_link_is_a_stray_and_no_base_file(tmp_path, target):
    path, stored = encode("a.txt", TEXT)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / "file").write_bytes(stored.content)
    (tmp_path / path).symlink_to(tmp_path / "file")
    (tmp_path / ".gen/base/link").symlink_to(tmp_path / target)
    base = read_base(tmp_path)
    assert base.stray == (".gen/base/link",)
    with pytest.raises(BaseError, match="is a symbolic link"):
        base.entry("a.txt", digest_of(TEXT))


@pytest.mark.parametrize("dangling", [False, True])
def test_something_else_in_its_place_is_an_empty_base(tmp_path, dangling):
    (tmp_path / ".gen").mkdir()
    place = tmp_path / ".gen/base"
    place.symlink_to("nowhere") if dangling else place.write_text("mine")
    assert read_base(tmp_path)[1:] == ({}, (".gen/base",))
