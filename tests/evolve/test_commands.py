"""What the commands that evolve a service print, promise and exit with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from evolve.conftest import TOOLS, Make
from evolve.looking import JOBS, MAIN, done, main_of, own_of, refused, stamps
from evolve.playground import GIT_SETTINGS, Service, gen, new_service

from generator.packs import BUILT_IN, Packs
from generator.tree import Tree

FORMAT_VERSION = 1
REMOVE = ("remove-trigger", "uploads")
RENAME = ("rename", "uploads", "images")


@pytest.fixture
def tool(request: pytest.FixtureRequest) -> str:
    """The tool matters little here: each test takes one of them, and always the same."""
    return TOOLS[len(request.node.name) % len(TOOLS)]


def _option(service: Service, line: str, function: str = "uploads") -> None:
    """Writes an option into gen.toml, below the function's header."""
    service.edit("gen.toml", f"[functions.{function}]\n", f"[functions.{function}]\n{line}\n")


def _without_base(tree: Tree) -> Tree:
    return {path: entry for path, entry in tree.items() if not path.startswith(".gen/")}


def _patched(service: Service, copy: Service, diff: str) -> Tree:
    """What `git apply` makes of `diff` in a copy of the service."""
    shutil.rmtree(copy.root)
    shutil.copytree(service.root, copy.root, symlinks=True)
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=copy.root,
        input=diff.encode("utf-8", "surrogateescape"),
        check=True,
        env=os.environ | GIT_SETTINGS | {"GIT_CEILING_DIRECTORIES": str(copy.root.parent)},
    )
    return _without_base(copy.tree())


# A dry run

DRY = [JOBS, REMOVE, RENAME, ("apply",)]


@pytest.fixture
def edited(service: Service) -> Service:
    """A service with edits, odd ones among them, and an option that is to be applied."""
    service.append("src/orders/api/logic.py", "\n\nMINE = 'ü'\n")
    service.append("README.md", "\nno final newline")
    service.write(
        "docs/architecture.md", service.read("docs/architecture.md").replace("\n", "\r\n")
    )
    (service.root / "tests/uploads/test_logic.py").unlink()
    _option(service, "timeout = 17", "api")
    return service


@pytest.mark.parametrize("command", DRY, ids=" ".join)
def test_the_diff_of_a_dry_run_is_what_happens(
    edited: Service, copy: Make, command: tuple[str, ...]
) -> None:
    diff = edited.gen(*command, "--dry-run").out
    patched = _patched(edited, copy("sam"), diff)
    done(edited, *command)
    assert _without_base(edited.tree()) == patched


@pytest.mark.parametrize("command", DRY, ids=" ".join)
def test_a_dry_run_touches_nothing(edited: Service, command: tuple[str, ...]) -> None:
    before = stamps(edited)
    result = edited.gen(*command, "--dry-run")
    assert stamps(edited) == before
    assert "Dry run: nothing was written." in result.err
    assert result.out.startswith("diff --git a/")


def test_a_dry_run_of_a_conflict_touches_nothing(service: Service) -> None:
    service.append("src/orders/uploads/handler.py", "# mine\n")
    before = stamps(service)
    service.gen(*REMOVE, "--dry-run", code=3)
    assert stamps(service) == before


@pytest.mark.parametrize("choice", ["ours", "theirs", "markers"])
def test_a_dry_run_shows_what_a_decision_does(service: Service, copy: Make, choice: str) -> None:
    service.edit(own_of(service, "api"), "emorySize: 256", "emorySize: 300")
    _option(service, "memory_size = 512", "api")
    before = stamps(service)
    diff = service.gen("apply", "--conflict", choice, "--dry-run").out
    assert stamps(service) == before
    patched = _patched(service, copy("sam"), diff) if diff else _without_base(service.tree())
    service.gen("apply", "--conflict", choice)
    assert _without_base(service.tree()) == patched


@pytest.mark.parametrize("command", [("diff",), ("diff", "--mine"), ("status",), ("check",)])
def test_commands_that_look_touch_nothing(edited: Service, command: tuple[str, ...]) -> None:
    before = stamps(edited)
    edited.gen(*command, code=1 if command == ("check",) else 0)
    assert stamps(edited) == before


# diff


def test_diff_is_what_apply_does(edited: Service, copy: Make) -> None:
    diff = edited.gen("diff").out
    assert diff == edited.gen("apply", "--dry-run").out
    patched = _patched(edited, copy("sam"), diff)
    done(edited, "apply")
    assert _without_base(edited.tree()) == patched
    result = edited.gen("diff")
    assert (result.out, result.err.strip()) == ("", "Nothing would change.")


def test_diff_mine_is_what_the_developer_did(edited: Service, tool: str, copy: Make) -> None:
    diff = edited.gen("diff", "--mine").out
    pristine = copy(tool)
    assert _patched(pristine, copy("sam"), diff) == _without_base(edited.tree())
    assert "deleted file mode 100644\n--- a/tests/uploads/test_logic.py\n+++ /dev/null" in diff
    assert "+MINE = 'ü'\n" in diff
    assert "\\ No newline at end of file" in diff


def test_diff_mine_stays_after_a_change(service: Service) -> None:
    """What gen has merged in since is not the developer's."""
    service.edit(own_of(service, "uploads"), "emorySize: 256", "emorySize: 300")
    before = [line for line in service.gen("diff", "--mine").out.splitlines() if line[:1] in "+-"]
    done(service, *JOBS)
    after = [line for line in service.gen("diff", "--mine").out.splitlines() if line[:1] in "+-"]
    assert after == before


def test_diff_mine_of_nothing(service: Service) -> None:
    result = service.gen("diff", "--mine")
    assert (result.out, result.err.strip()) == ("", "You changed nothing.")


def test_diff_mine_of_a_mode(service: Service) -> None:
    (service.root / "scripts/find_python.sh").chmod(0o644)
    diff = service.gen("diff", "--mine").out
    assert "old mode 100755\nnew mode 100644\n" in diff


def test_diff_of_a_conflict_says_so(service: Service, tool: str) -> None:
    service.edit(own_of(service, "api"), "imeout: 10", "imeout: 11")
    _option(service, "timeout = 12", "api")
    result = refused(service, 3, "diff")
    assert own_of(service, "api") in result.err


# check


def test_check_of_a_service_as_it_should_be(service: Service) -> None:
    result = service.gen("check")
    assert (result.out, result.err.strip()) == ("", "Everything is as gen.toml says.")


def test_check_names_every_pending_file(service: Service) -> None:
    service.append("gen.toml", '\n[functions.jobs]\ntrigger = "sqs"\n')
    said = service.gen("check", code=1).err
    assert "src/orders/jobs/handler.py: gen apply would create it" in said
    assert f"{main_of(service)}: gen apply would change it" in said
    assert "help: gen diff, then gen apply" in said
    done(service, "apply")


def test_check_says_that_a_file_would_go(service: Service) -> None:
    text = service.read("gen.toml")
    service.write("gen.toml", text[: text.index("[functions.uploads]")])
    said = service.gen("check", code=1).err
    assert "src/orders/uploads/handler.py: gen apply would delete it" in said


def test_check_of_what_would_conflict(service: Service) -> None:
    path = own_of(service, "api")
    service.edit(path, "imeout: 10", "imeout: 11")
    service.gen("check")
    _option(service, "timeout = 12", "api")
    assert f"{path}: gen apply needs a decision of yours" in service.gen("check", code=1).err


def test_check_is_content_with_edits(edited: Service) -> None:
    done(edited, "apply")


# status


def test_status_of_a_new_service(service: Service, tool: str) -> None:
    out = service.gen("status").out
    assert out.startswith(f"orders: aws, {tool}, serverless-py ")
    assert re.search(r"^  api +http$", out, re.MULTILINE)
    assert re.search(r"^  uploads +s3$", out, re.MULTILINE)
    assert "changed by hand: nothing\n" in out
    assert "pending: nothing\n" in out


def test_status_tells_options_edits_and_what_is_pending(edited: Service) -> None:
    out = edited.gen("status").out
    assert re.search(r"^  api +http +timeout=17$", out, re.MULTILINE)
    assert "  README.md (edited)\n" in out
    assert "  tests/uploads/test_logic.py (deleted)\n" in out
    assert f"  {own_of(edited, 'api')}: gen apply would change it" in out


def test_status_as_json(edited: Service, tool: str) -> None:
    found = edited.gen("status", "--json").json()
    assert found["format_version"] == FORMAT_VERSION
    assert found["command"] == "status"
    assert found["directory"] == str(edited.root)
    assert (found["service"], found["provider"], found["tool"]) == ("orders", "aws", tool)
    assert found["generated_by"] == found["installed"]
    assert found["update_available"] is False
    api, uploads = found["functions"]
    assert (api["name"], api["trigger"]) == ("api", "http")
    assert api["options"]["timeout"] == 17
    assert api["declared"] == ["timeout"]
    assert uploads["options"]["bucket"] == "uploads"
    assert found["changed_by_hand"]["README.md"] == "edited"
    assert found["changed_by_hand"]["tests/uploads/test_logic.py"] == "deleted"
    assert {"kind": "pending", "where": own_of(edited, "api")}.items() <= (
        found["problems"][0].items()
    )


# JSON


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["written", "dry run"])
@pytest.mark.parametrize(
    "command", [JOBS, REMOVE, RENAME, ("apply",), ("update",), ("undo",), ("repair",)], ids=" ".join
)
def test_a_change_as_json(copy: Make, command: tuple[str, ...], dry: tuple[str, ...]) -> None:
    service = copy("sam")
    done(service, "add-trigger", "schedule", "--name", "nightly")
    if command == ("apply",):
        _option(service, "timeout = 20")
    before = service.tree()
    result = service.gen(*command, "--json", *dry)
    found = json.loads(result.out)
    assert result.err == ""
    assert found["format_version"] == FORMAT_VERSION
    assert found["command"] == command[0]
    assert found["directory"] == str(service.root)
    changes = command not in [("update",), ("repair",)]
    assert found["written"] is (changes and not dry)
    assert ("diff" in found) is bool(dry)
    assert {"files", "base_files", "notes", "functions", "warnings"} <= found.keys()
    assert any(found["files"].values()) is changes
    if dry:
        assert service.tree() == before
    elif changes:
        after = _without_base(service.tree())
        old = _without_base(before)
        assert found["files"]["created"] == sorted(after.keys() - old.keys())
        assert found["files"]["deleted"] == sorted(old.keys() - after.keys())
        same = old.keys() & after.keys()
        assert found["files"]["changed"] == sorted(p for p in same if old[p] != after[p])


def test_json_of_an_added_function(service: Service) -> None:
    found = service.gen(*JOBS, "--json").json()
    (function,) = found["functions"]
    assert (function["name"], function["trigger"], function["change"]) == ("jobs", "sqs", "added")
    assert any("queue" in resource for resource in function["resources"])
    assert any("sqs:ReceiveMessage" in granted["actions"] for granted in function["permissions"])


def test_json_of_a_changed_option(service: Service) -> None:
    _option(service, "memory_size = 512\ntimeout = 20")
    found = service.gen("apply", "--json").json()
    (function,) = found["functions"]
    assert function["change"] == "changed"
    assert function["options"] == [
        {"name": "memory_size", "before": 256, "after": 512},
        {"name": "timeout", "before": 10, "after": 20},
    ]


def test_json_of_a_removed_function_warns_of_its_data(service: Service) -> None:
    found = service.gen(*REMOVE, "--json").json()
    assert [function["change"] for function in found["functions"]] == ["removed"]
    assert any("uploads" in warning and "data" in warning for warning in found["warnings"])


def test_json_of_notes(service: Service) -> None:
    (service.root / "docs/architecture.md").unlink()
    service.append(main_of(service), "# mine\n")
    found = service.gen(*JOBS, "--json").json()
    kinds = {note["path"]: note["kind"] for note in found["notes"]}
    assert kinds["docs/architecture.md"] == "deleted"
    assert kinds[main_of(service)] == "merged"


@pytest.mark.parametrize(
    "command", [("diff",), ("diff", "--mine"), ("status",), ("check",)], ids=" ".join
)
def test_what_is_found_as_json(edited: Service, command: tuple[str, ...]) -> None:
    result = edited.gen(*command, "--json", code=1 if command == ("check",) else 0)
    found = json.loads(result.out)
    assert result.err == ""
    assert found["format_version"] == FORMAT_VERSION
    assert found["command"] == command[0]
    assert found["directory"] == str(edited.root)
    if command[0] == "diff":
        assert found["diff"] == edited.gen(*command).out
        assert [f"diff --git a/{path} b/{path}" for path in found["files"]] == re.findall(
            "^diff --git .*$", found["diff"], re.MULTILINE
        )
    if command[0] == "check":
        assert all(
            problem.keys() == {"kind", "where", "message", "hint"} for problem in found["problems"]
        )
        assert {problem["kind"] for problem in found["problems"]} == {"pending"}


def test_nothing_found_as_json(service: Service) -> None:
    assert service.gen("check", "--json").json()["problems"] == []
    found = service.gen("diff", "--json").json()
    assert (found["files"], found["diff"]) == ([], "")


def test_a_conflict_as_json(service: Service) -> None:
    path = own_of(service, "uploads")
    service.edit(path, "imeout: 10", "imeout: 11")
    function = "uploads" if path != MAIN["sam"] else "api"  # the first one of the template
    _option(service, "timeout = 12", function)
    service.write("src/orders/uploads/mine.py", "")
    found: Any = json.loads(refused(service, 3, "apply", "--json").out)
    assert found["format_version"] == FORMAT_VERSION
    assert found["error"]["kind"] == "conflict"
    (conflict,) = found["error"]["conflicts"]
    assert (conflict["path"], conflict["kind"]) == (path, "changed")
    (hunk,) = conflict["hunks"]
    assert hunk["base"].strip().lower() == "timeout: 10"
    assert hunk["ours"].strip().lower() == "timeout: 11"
    assert hunk["theirs"].strip().lower() == "timeout: 12"
    assert service.read(path).splitlines()[hunk["line"] - 1].strip() == hunk["ours"].strip()
    assert "--conflict" in conflict["hint"]


def test_conflicts_of_every_kind_as_json(service: Service) -> None:
    service.append("src/orders/uploads/handler.py", "# mine\n")
    error = json.loads(refused(service, 3, *REMOVE, "--json").out)["error"]
    assert [(c["path"], c["kind"]) for c in error["conflicts"]] == [
        ("src/orders/uploads/handler.py", "removed")
    ]
    service.write("src/orders/jobs/handler.py", "# mine\n")
    (service.root / "src/orders/jobs/logic.py").mkdir()
    error = json.loads(refused(service, 3, *JOBS, "--json").out)["error"]
    assert [(c["path"], c["kind"]) for c in error["conflicts"]] == [
        ("src/orders/jobs/handler.py", "in-the-way"),
        ("src/orders/jobs/logic.py", "obstacle"),
    ]
    assert error["conflicts"][1]["what"] == "a folder"


@pytest.mark.parametrize(
    ("command", "kind", "suggestion"),
    [
        (("add-trigger", "sqss"), "unknown-name", "sqs"),
        (("add-trigger", "sqs", "--set", "batchsize=3"), "unknown-name", "batch_size"),
        (("add-trigger", "sqs", "--set", "batch_size=x"), "invalid-value", ""),
        (("remove-trigger", "upload"), "unknown-name", "uploads"),
        (("rename", "upload", "x"), "unknown-name", "uploads"),
        (("apply", "--conflict", "our"), "unknown-name", "ours"),
        (("undo",), "undo", ""),
    ],
)
def test_a_mistake_as_json(
    service: Service, command: tuple[str, ...], kind: str, suggestion: str
) -> None:
    result = refused(service, 2, *command, "--json")
    found = json.loads(result.out)
    assert result.err == ""
    assert found["format_version"] == FORMAT_VERSION
    assert found["error"]["kind"] == kind
    assert found["error"]["suggestion"] == suggestion
    assert found["error"].keys() == {"kind", "message", "where", "hint", "suggestion"}


# Conflicts for a person


def test_the_report_has_place_both_sides_and_remedy(service: Service) -> None:
    path = own_of(service, "api")
    service.edit(path, "imeout: 10", "imeout: 11")
    _option(service, "timeout = 12", "api")
    said = refused(service, 3, "apply").err
    number = next(
        number
        for number, line in enumerate(service.read(path).splitlines(), 1)
        if "out: 11" in line
    )
    assert "error: gen apply: 1 file needs a decision of yours. Nothing was written." in said
    assert re.search(rf"{re.escape(path)}:{number} \(\S+[tT]imeout\)", said)
    assert re.search(r"was: +[tT]imeout: 10\n", said)
    assert re.search(r"yours: +[tT]imeout: 11\n", said)
    assert re.search(r"new: +[tT]imeout: 12\n", said)
    assert "--conflict ours, theirs or markers" in said
    assert "gen undo brings back" in said


def test_the_report_counts_files(service: Service) -> None:
    for name in ("handler", "logic"):
        service.append(f"src/orders/uploads/{name}.py", "# mine\n")
    assert "2 files need a decision of yours" in refused(service, 3, *REMOVE).err


@pytest.fixture
def marked(service: Service) -> Service:
    """A service with the markers of a conflict."""
    path = own_of(service, "api")
    service.edit(path, "imeout: 10", "imeout: 11")
    _option(service, "timeout = 12", "api")
    assert "has conflict markers now" in service.gen("apply", "--conflict", "markers").err
    return service


def test_markers_are_the_usual_ones(marked: Service) -> None:
    text = marked.read(own_of(marked, "api"))
    assert re.search(
        r"^<<<<<<< \S.*\n +[tT]imeout: 11\n\|\|\|\|\|\|\| .*\n +[tT]imeout: 10\n"
        r"=======\n +[tT]imeout: 12\n>>>>>>> \S.*\n",
        text,
        re.MULTILINE,
    )


def test_check_names_markers_until_they_are_decided(marked: Service) -> None:
    path = own_of(marked, "api")
    text = marked.read(path)
    number = text[: text.index("<<<<<<<")].count("\n") + 1
    said = marked.gen("check", code=1).err
    assert f"{path}:{number}: a conflict is not decided yet" in said
    assert "take out the marker lines" in said
    kinds = {p["kind"] for p in marked.gen("check", "--json", code=1).json()["problems"]}
    assert kinds == {"markers"}
    assert f"{path}:{number}" in marked.gen("status").out
    lines = text.splitlines(keepends=True)
    chosen = [
        line
        for line in lines
        if "imeout: 1" not in line or "imeout: 12" in line or lines.index(line) > number + 6
    ]
    marked.write(
        path, re.sub(r"(?m)^(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>).*\n", "", "".join(chosen))
    )
    marked.gen("check")


def test_markers_that_are_left_are_never_merged_into(marked: Service) -> None:
    """A change to the file that holds them waits."""
    path = own_of(marked, "api")
    marked.edit("gen.toml", "timeout = 12\n", "timeout = 13\n")
    assert path in refused(marked, 3, "apply").err


def test_undo_takes_markers_away(marked: Service) -> None:
    marked.gen("undo")
    assert "<<<<<<<" not in marked.read(own_of(marked, "api"))
    assert "imeout: 11\n" in marked.read(own_of(marked, "api"))


@pytest.mark.parametrize(
    "text",
    [
        "\n<<<<<<< is how a conflict begins\n",
        "\nTITLE\n=======\n\n>>>>>>> quoted\n",
        "\n    <<<<<<< HEAD\n    =======\n    >>>>>>> branch\n",
        "\n<<<<<<<\n=======\n>>>>>>>\n",
    ],
)
def test_what_only_looks_like_a_marker_is_none(service: Service, text: str) -> None:
    service.append("README.md", text)
    service.append("docs/architecture.md", text)
    service.gen("check")
    done(service, *JOBS)
    assert service.read("README.md").endswith(text)
    assert service.read("docs/architecture.md").endswith(text)


def test_markers_in_a_file_of_the_developers_are_theirs(service: Service) -> None:
    service.write("docs/merging.md", "<<<<<<< yours\na\n=======\nb\n>>>>>>> theirs\n")
    service.gen("check")
    done(service, *JOBS)


# Where it runs


@pytest.mark.parametrize("folder", ["src/orders/api", "tests", ".gen/base"])
def test_from_a_folder_in_the_service(service: Service, copy: Make, tool: str, folder: str) -> None:
    result = gen(service.root / folder, *JOBS)
    assert result.code == 0, result.err
    other = copy(tool)
    done(other, *JOBS)
    assert service.tree() == other.tree()
    assert gen(service.root / folder, "check").code == 0


def test_restore_takes_a_path_from_where_it_is_typed(service: Service) -> None:
    before = service.tree()
    for folder, typed in (("docs", "architecture.md"), ("src", "../docs/architecture.md")):
        (service.root / "docs/architecture.md").unlink()
        (service.root / "docs").mkdir(exist_ok=True)
        result = gen(service.root / folder, "apply", "--restore", typed)
        assert result.code == 0, result.err
        assert service.tree() == before


def test_with_a_project_folder(service: Service, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for named in (str(service.root), os.path.relpath(service.root, elsewhere)):
        for command in (JOBS, ("check",), ("remove-trigger", "jobs"), ("status",), ("diff",)):
            result = gen(elsewhere, *command, "--project", named)
            assert result.code == 0, result.err
    assert list(elsewhere.iterdir()) == []


def test_the_innermost_service_is_meant(service: Service) -> None:
    # As git would bring it: gen new itself does not put a service into another.
    made = new_service(service.root.parent / "elsewhere", "http=api")
    inner = Service(Path(shutil.move(made.root, service.root / "more")))
    outer = {path: entry for path, entry in service.tree().items() if path[:5] != "more/"}
    done(inner, *JOBS)
    assert "[functions.jobs]" in inner.read("gen.toml")
    now = service.tree()
    assert {path: entry for path, entry in now.items() if path[:5] != "more/"} == outer


COMMANDS = [JOBS, REMOVE, RENAME, ("apply",), ("update",), ("undo",), ("repair",)]
COMMANDS += [("diff",), ("status",), ("check",)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_outside_of_any_service(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = gen(tmp_path, *command)
    assert result.code == 2
    assert "there is no gen.toml in" in result.err
    assert "--project DIR" in result.err
    assert "gen new creates one" in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_project_folder_that_is_none(tmp_path: Path) -> None:
    result = gen(tmp_path, "check", "--project", "nowhere")
    assert result.code == 2
    assert "nowhere is no folder" in result.err


# Mistakes in the command line


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("add-trigger", "sqss"), ['unknown aws trigger "sqss"', 'did you mean "sqs"?']),
        (("add-trigger", "blob"), ['"blob" is a trigger of azure', 'here it is called "s3"']),
        (
            ("add-trigger", "sqs", "--set", "batchsize=3"),
            ['unknown option of sqs "batchsize"', 'did you mean "batch_size"?'],
        ),
        (
            ("add-trigger", "sqs", "--set", "batch_size=x"),
            ['batch_size must be a whole number, not "x"', "--set batch_size", "1 to 10000"],
        ),
        (
            ("add-trigger", "s3", "--set", "events=s3:ObjectCreate"),
            ['events cannot be "s3:ObjectCreate"', 'did you mean "s3:ObjectCreated:*"?'],
        ),
        (("add-trigger", "sqs", "--set", "batch_size"), ["malformed option", "OPTION=VALUE"]),
        (("add-trigger", "sqs", "--set", "x.fifo=true"), ['there is no function "x"']),
        (
            ("add-trigger", "sqs", "--set", "fifo=true", "--set", "fifo=false"),
            ["fifo is set twice"],
        ),
        (("add-trigger", "sqs", "--name", "My-Jobs"), ['"My-Jobs" is not possible', "my_jobs"]),
        (("add-trigger", "s3", "--name", "uploads2", "--set", "bucket=uploads"), ["uploads"]),
        (("remove-trigger", "upload"), ['unknown function "upload"', 'did you mean "uploads"?']),
        (("apply", "--conflict", "our"), ['unknown way to decide "our"', 'did you mean "ours"?']),
        (("add-triger", "sqs"), ['unknown command "add-triger"', 'did you mean "add-trigger"?']),
        (("apply", "--dryrun"), ['unknown option "--dryrun"', 'did you mean "--dry-run"?']),
        (("add-trigger",), ["TRIGGER", "gen add-trigger --help"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_names_the_nearest_word(
    copy: Make, command: tuple[str, ...], said: list[str]
) -> None:
    err = refused(copy("sam"), 2, *command).err
    assert err.startswith("error: ")
    for words in said:
        assert words in err


def test_options_of_a_flag_are_read_as_their_type(service: Service) -> None:
    done(
        service,
        *JOBS,
        *("--set", "batch_size=7", "--set", "jobs.fifo=true", "--set", "max_receive_count=3"),
    )
    text = service.read("gen.toml")
    assert "batch_size = 7\n" in text
    assert "fifo = true\n" in text
    done(service, "add-trigger", "http", "--name", "admin", "--set", "methods=GET,PUT")
    assert 'methods = ["GET", "PUT"]\n' in service.read("gen.toml")


def test_a_trigger_that_the_tool_does_not_support(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packs in which one trigger has no folder for the tool."""
    packs = tmp_path / "packs"
    shutil.copytree(BUILT_IN, packs, ignore=shutil.ignore_patterns("base"))
    for name in ("serverless", "cloudformation"):
        shutil.rmtree(packs / "providers/aws/triggers/sqs" / name)
    monkeypatch.setattr(Packs.__init__, "__defaults__", ((packs,),))
    service = new_service(tmp_path, "http=api", tool="serverless")
    said = refused(service, 2, *JOBS).err
    assert "serverless does not support the trigger sqs" in said
    service.append("gen.toml", '\n[functions.jobs]\ntrigger = "sqs"\n')
    assert "serverless does not support the trigger sqs" in refused(service, 2, "apply").err


REFERRING = {
    "sam": ("template.yaml", "          Value: !Ref UploadsFunction # mine"),
    "serverless": ("infra/mine.yml", "value: !Ref UploadsLambdaFunction"),
    "terraform": ("infra/mine.tf", "  value = module.function_uploads.name"),
    "cdk": ("infra/mine.py", "from functions.uploads import Uploads"),
}


@pytest.mark.parametrize("tool", REFERRING)
def test_lines_that_refer_to_what_is_removed_are_told(copy: Make, tool: str) -> None:
    service = copy(tool)
    path, line = REFERRING[tool]
    if (service.root / path).exists():
        mine = f"  MyAlarm:\n    Properties:\n      Dimensions:\n        - Name: F\n{line}\n\n"
        service.edit(path, "  UploadsRole:\n", f"{mine}  UploadsRole:\n")
    else:
        service.write(path, f"{line}\n")
    told = done(service, "remove-trigger", "uploads").err
    assert "lines of yours say uploads, and are left as they are" in told
    assert line.strip() in told


def test_lines_that_refer_to_a_bucket_that_goes_are_told(copy: Make) -> None:
    """It has another name than the function."""
    service = copy("sam")
    service.gen("add-trigger", "s3", "--name", "scan", "--set", "bucket=photos")
    service.write("infra/mine.yaml", "a: !Ref PhotosBucket\nb: the photos of the day\n")
    told = done(service, "remove-trigger", "scan").err
    assert "infra/mine.yaml:1: a: !Ref PhotosBucket" in told
    assert "of the day" not in told


def test_diff_shows_what_is_decided_beside_a_conflict(sam: Service) -> None:
    sam.edit("template.yaml", "      Timeout: 10\n", "      Timeout: 30\n")
    sam.edit("gen.toml", "[functions.api]\n", "[functions.api]\ntimeout = 20\n")
    sam.append("gen.toml", '\n[functions.jobs]\ntrigger = "sqs"\n')
    result = refused(sam, 3, "diff")
    assert "+++ b/src/orders/jobs/handler.py" in result.out
    assert "b/template.yaml" not in result.out
    assert "template.yaml:" in result.err
    data = refused(sam, 3, "diff", "--json").json()
    assert "src/orders/jobs/handler.py" in data["files"]
    assert "+++ b/src/orders/jobs/handler.py" in data["diff"]
    assert [conflict["path"] for conflict in data["error"]["conflicts"]] == ["template.yaml"]


def test_undo_says_that_twice_is_redo(sam: Service) -> None:
    assert "gen undo    # takes it back" in sam.gen(*JOBS).err
    there = sam.tree()
    assert "gen undo    # takes this back: the change is there again" in sam.gen("undo").err
    sam.gen("undo")
    assert sam.tree() == there
    assert "Once more takes that back" in sam.gen("undo", "--help").out
