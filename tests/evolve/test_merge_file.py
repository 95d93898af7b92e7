"""`gen merge-file`, the merge driver: what it writes, and what its exit code tells git."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from evolve.playground import Result, Service, gen
from evolve.team import Team
from evolve.witness import one_message

BASE = "one: 1\ntwo: 2\n"
MINE = "one: 1\nmine: here\ntwo: 2\n"
YOURS = "one: 1\nyours: there\ntwo: 2\n"
BOTH = "one: 1\nyours: there\nmine: here\ntwo: 2\n"
CLASH = ("a: 0\nz: 0\n", "a: 1\nz: 0\n", "a: 2\nz: 0\n")
MARKED = "<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\nz: 0\n"


def merge(
    folder: Path,
    base: str | bytes,
    ours: str | bytes,
    theirs: str | bytes,
    path: str = "",
    name: str = ".merge_file_a",
) -> tuple[Result, bytes]:
    """Runs it as git does, on files with names of git's; also gives what is in OURS then."""
    names = ("base", name, "theirs")
    for file, content in zip(names, (base, ours, theirs), strict=True):
        data = content.encode() if isinstance(content, str) else content
        (folder / file).write_bytes(data)
    before = [(folder / file).read_bytes() for file in ("base", "theirs")]
    result = gen(folder, "merge-file", *names, *([path] if path else []))
    assert [(folder / file).read_bytes() for file in ("base", "theirs")] == before
    assert result.out == ""
    return result, (folder / name).read_bytes()


def test_a_clean_merge_is_in_ours_and_its_exit_code_is_0(tmp_path):
    result, content = merge(tmp_path, BASE, MINE, YOURS, "deep/in/template.yaml")
    assert (result.code, content.decode(), result.err) == (0, BOTH, "")


def test_a_conflict_leaves_markers_in_ours_and_its_exit_code_is_1(tmp_path):
    result, content = merge(tmp_path, *CLASH, "deep/settings.yaml")
    assert result.code == 1
    assert without_labels(content) == without_labels(MARKED.encode())
    assert "deep/settings.yaml: 1 conflict" in result.err


def without_labels(content: bytes) -> list[str]:
    """The lines, where those that begin with marks are the marks alone; no base."""
    lines: list[str] = []
    base = False
    for line in content.decode().splitlines():
        base = (base or line.startswith("|||||||")) and not line.startswith("=======")
        if not base:
            lines.append(line[:7] if line[:7] in ("<<<<<<<", "=======", ">>>>>>>") else line)
    return lines


def test_many_conflicts_are_one_exit_code(tmp_path):
    """git takes 1 to 127 for conflicts, and a higher code for a driver that died."""
    base, ours, theirs = (
        "".join(f"k{n}: {side}\nkeep{n}: same\n" for n in range(200)) for side in ("0", "1", "2")
    )
    result, content = merge(tmp_path, base, ours, theirs, "a.yaml")
    assert result.code == 1
    assert content.count(b"<<<<<<<") == 200
    assert "200 conflicts" in result.err


@pytest.mark.parametrize("path", ["a.yaml", "a.yml", "dir.txt/a.toml"])
def test_the_path_decides_the_syntax_whatever_the_files_are_called(tmp_path, path):
    base, mine, yours = (
        side.replace(": ", ' = "').replace("\n", '"\n') if path.endswith("toml") else side
        for side in (BASE, MINE, YOURS)
    )
    result, content = merge(tmp_path, base, mine, yours, path)
    assert result.code == 0
    assert b"mine" in content and b"yours" in content and b"<<<" not in content


@pytest.mark.parametrize("path", ["a.txt", "a.yaml.orig", "yaml"])
def test_what_is_no_yaml_by_its_path_is_merged_by_lines(tmp_path, path):
    result, content = merge(tmp_path, BASE, MINE, YOURS, path, name="ours.yaml")
    assert result.code == 1
    assert b"<<<<<<<" in content


def test_without_a_path_the_name_of_ours_decides(tmp_path):
    assert merge(tmp_path, BASE, MINE, YOURS, name="ours.yaml")[0].code == 0
    assert merge(tmp_path, BASE, MINE, YOURS, name="ours.txt")[0].code == 1


def test_a_binary_file_that_both_changed_stays_ours_and_is_a_conflict(tmp_path):
    result, content = merge(tmp_path, b"\0base", b"\0ours", b"\0theirs", "logo.png")
    assert 1 <= result.code <= 127
    assert content == b"\0ours"
    assert "logo.png" in result.err


@pytest.mark.parametrize("changed", ["ours", "theirs"])
def test_a_binary_file_that_one_changed_is_that_ones(tmp_path, changed):
    sides = {"ours": b"\0base", "theirs": b"\0base"} | {changed: b"\0new"}
    result, content = merge(tmp_path, b"\0base", sides["ours"], sides["theirs"], "logo.png")
    assert (result.code, content) == (0, b"\0new")


@pytest.mark.parametrize("missing", ["base", "ours", "theirs"])
def test_a_missing_file_is_bad_usage_and_nothing_is_written(tmp_path, missing):
    for name in {"base", "ours", "theirs"} - {missing}:
        (tmp_path / name).write_text(name)
    result = gen(tmp_path, "merge-file", "base", "ours", "theirs", "a.yaml")
    assert result.code == 2
    assert "cannot merge a.yaml" in result.err
    assert missing in result.err and "gen merge-file BASE OURS THEIRS" in result.err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        name: name for name in {"base", "ours", "theirs"} - {missing}
    }


@pytest.mark.parametrize("sides", [(BASE, MINE, YOURS), CLASH], ids=["clean", "conflict"])
def test_a_disk_that_is_full_leaves_ours_whole_and_git_takes_it_for_a_failure(
    tmp_path, monkeypatch, sides
):
    """git takes what a code from 1 to 127 leaves in OURS for the result with its conflicts."""
    real = os.replace

    def full(one, other, **options):
        if str(other).endswith(".merge_file_a"):
            raise OSError(27, "File too large")
        real(one, other, **options)

    monkeypatch.setattr(os, "replace", full)
    base, mine, yours = sides
    result, content = merge(tmp_path, base, mine, yours, "a.yaml")
    assert (result.code, content.decode()) == (129, mine)
    assert "cannot merge a.yaml: File too large. Nothing was written." in one_message(result.err)
    assert {path.name for path in tmp_path.iterdir()} == {"base", ".merge_file_a", "theirs"}


def test_a_write_that_stops_in_the_middle_leaves_ours_whole(tmp_path):
    base = "".join(f"k{n}: {n}\n" for n in range(2000))
    sides = {"base": base, "ours": "mine: 1\n" + base, "theirs": base + "yours: 1\n"}
    for name, text in sides.items():
        (tmp_path / name).write_text(text)
    child = os.fork()
    if child == 0:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        os._exit(gen(tmp_path, "merge-file", *sides, "a.yaml").code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 129
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == sides


def test_permissions_stay_and_a_link_stays_one(tmp_path):
    (tmp_path / "real").write_text(MINE)
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "ours").symlink_to("real")
    (tmp_path / "base").write_text(BASE)
    (tmp_path / "theirs").write_text(YOURS)
    assert gen(tmp_path, "merge-file", "base", "ours", "theirs", "a.yaml").code == 0
    assert (tmp_path / "ours").is_symlink()
    assert (tmp_path / "real").read_text() == BOTH
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_a_conflict_without_markers_says_what_it_is(tmp_path):
    result, _ = merge(tmp_path, b"\0base", b"\0ours", b"\0theirs", "x.yaml")
    assert result.err == "x.yaml: a binary file that both sides changed; yours was left as it is\n"
    marked = f"{MARKED}more: 1\n"
    result, content = merge(tmp_path, MARKED, marked, MARKED + "other: 1\n", "x.yaml")
    assert (result.code, content.decode()) == (3, marked)
    assert "marks of an earlier conflict are left in it" in result.err


def test_line_ends_and_byte_order_mark_stay_those_of_ours(tmp_path):
    ours = b"\xef\xbb\xbf" + MINE.replace("\n", "\r\n").encode()
    result, content = merge(tmp_path, BASE, ours, YOURS, "a.yaml")
    assert result.code == 0
    assert content == b"\xef\xbb\xbf" + BOTH.replace("\n", "\r\n").encode()


def test_both_added_the_file(tmp_path):
    """git gives an empty base then."""
    result, content = merge(tmp_path, "", "a: 1\nb: 1\n", "a: 1\nb: 2\n", "a.yaml")
    assert result.code == 1
    assert b"b: 1\n" in content and b"b: 2\n" in content


# --- as git sees it ----------------------------------------------------------------------------


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A repository with the driver, and a branch `other` beside main."""
    service = Service(tmp_path)
    service.write(".gitattributes", "*.yaml merge=gen\n*.bin merge=gen\n")
    service.write("a.yaml", BASE)
    service.write("clash.yaml", CLASH[0])
    service.write("data.bin", b"\0base")
    service.commit("start")
    made = Team(tmp_path)
    made.use_driver()
    return made


def sides(path: str, mine: str | bytes, yours: str | bytes, team: Team) -> list[str]:
    team.work("other", lambda service: service.write(path, yours))
    team.work("main", lambda service: service.write(path, mine))
    return team.join("merge", "other")


def test_git_takes_a_clean_result(team):
    assert sides("a.yaml", MINE, YOURS, team) == []
    assert team.service.read("a.yaml") == BOTH
    assert team.service.git("status", "--porcelain") == ""


def test_git_sees_a_conflict_and_has_the_markers(team):
    assert sides("clash.yaml", *CLASH[1:], team) == ["clash.yaml"]
    assert "<<<<<<<" in team.service.read("clash.yaml")


def test_git_sees_a_conflict_of_binary_files(team):
    assert sides("data.bin", b"\0ours", b"\0theirs", team) == ["data.bin"]
    assert (team.service.root / "data.bin").read_bytes() == b"\0ours"
