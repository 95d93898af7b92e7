"""Branches that each change the service become one, with real git, in every way teams use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from evolve.playground import Service, new_service
from evolve.team import (
    WAYS,
    Team,
    Work,
    add,
    new_team,
    replace,
    run,
    set_option,
    sorted_lines,
)

from generator.base import read_base

TOOLS = ("sam", "serverless")
SHARED = {"sam": "template.yaml", "serverless": "serverless.yml"}
PAIRS = {
    "two-sources": ("http=api", "s3=uploads", "sqs=jobs"),
    "far-apart": ("http=mid", "schedule=aaa", "sqs=zzz"),
    "two-routes": ("http=api", "http=orders_a", "http=orders_b"),
}
"""What is there, and what two people add to it at the same time."""


class Pair(NamedTuple):
    """Two branches that each added a function, with and without `.gen`; and both in one go."""

    team: Team
    plain: Team
    fresh: Service


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Pair]:
    @functools.cache
    def make(tool: str, name: str) -> Pair:
        folder = tmp_path_factory.mktemp("pair")
        first, one, other = PAIRS[name]
        team = new_team(new_service(folder / "team", first, tool=tool))
        team.work("other", add(other))
        team.work("main", add(one))
        fresh = new_service(folder / "fresh", first, one, other, tool=tool)
        return Pair(team, team.without_gen(folder / "plain"), fresh)

    return make


def checked_join(team: Team, plain: Team, way: str, branch: str = "other") -> list[str]:
    """The conflicts of a merge: none below `.gen`, and none that are there because of it."""
    found = team.join(way, branch)
    assert not [path for path in found if path.startswith(".gen")]
    assert found == plain.join(way, branch)
    return found


def assert_settled(service: Service, fresh: Service) -> None:
    """It is what it would be, had all been generated in one go, and remembers just that."""
    service.gen("apply")
    assert service.tree() == fresh.tree()
    candidates = read_base(service.root).candidates
    assert [path for path, found in candidates.items() if len(found) != 1] == []
    assert service.gen("check").code == 0


# --- two triggers, added on two branches -------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("tool", TOOLS)
def test_two_triggers_become_one_service(tmp_path, pair, tool, name, way):
    made = pair(tool, name)
    team = made.team.copy(tmp_path / "team")
    checked_join(team, made.plain.copy(tmp_path / "plain"), way)
    team.take_both()
    team.service.gen("apply")
    team.service.gen("check")
    assert sorted_lines(team.service.tree(False)) == sorted_lines(made.fresh.tree(False))
    assert base_of(team.service) == base_of(made.fresh)


@pytest.mark.parametrize("way", ["merge", "rebase"])
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("tool", TOOLS)
def test_of_generated_files_one_side_is_enough_and_apply_adds_the_other(
    tmp_path, pair, tool, name, way
):
    made = pair(tool, name)
    team = made.team.copy(tmp_path / "team")
    team.join(way, "other")
    team.take_mine(made.fresh.read("gen.toml"))
    assert_settled(team.service, made.fresh)


@pytest.mark.parametrize("way", ["merge", "rebase", "squash"])
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("tool", TOOLS)
def test_the_merge_driver_leaves_no_conflict_in_yaml_and_toml(tmp_path, pair, tool, name, way):
    made = pair(tool, name)
    team = made.team.copy(tmp_path / "team")
    team.use_driver()
    conflicts = team.join(way, "other")
    assert [path for path in conflicts if not path.endswith(".md")] == []
    for path in ("gen.toml", SHARED[tool]):
        merged, wanted = team.service.read(path), made.fresh.read(path)
        assert sorted(merged.splitlines()) == sorted(wanted.splitlines())
    team.take_mine(team.service.read("gen.toml"))
    team.service.gen("apply")
    team.service.gen("check")
    assert sorted_lines(team.service.tree(False)) == sorted_lines(made.fresh.tree(False))


@pytest.mark.parametrize("tool", TOOLS)
def test_after_a_merge_a_third_trigger_comes_and_goes(tmp_path, pair, tool):
    team = pair(tool, "two-sources").team.copy(tmp_path / "team")
    team.join("merge", "other")
    team.take_both()
    team.service.gen("add-trigger", "schedule", "--name", "third")
    fresh = new_service(tmp_path, "http=api", "s3=uploads", "sqs=jobs", "schedule=third", tool=tool)
    assert sorted_lines(team.service.tree(False)) == sorted_lines(fresh.tree(False))
    assert all(len(found) == 1 for found in read_base(team.service.root).candidates.values())
    team.service.gen("remove-trigger", "third")
    two = pair(tool, "two-sources").fresh
    assert sorted_lines(team.service.tree(False)) == sorted_lines(two.tree(False))
    team.service.gen("check")


def base_of(service: Service) -> dict[str, object]:
    """What a service remembers: one entry a path."""
    base = read_base(service.root)
    return {path: list(base.entries(path)) for path in sorted(base.candidates)}


# --- other changes on two branches -------------------------------------------------------------


class Scenario(NamedTuple):
    """What two branches do, and what gives the same in a row; all start with `api` and `old`."""

    one: tuple[Work, ...]
    other: tuple[Work, ...]
    in_a_row: tuple[Work, ...] | None = None


SCENARIOS = {
    "add-and-remove": Scenario((add("s3=uploads"),), (run("remove-trigger", "old"),)),
    "remove-and-add": Scenario((run("remove-trigger", "old"),), (add("http=tasks"),)),
    "remove-both": Scenario(
        (run("remove-trigger", "old"),), (run("remove-trigger", "api"), add("sqs=jobs"))
    ),
    "rename-and-add": Scenario((run("rename", "old", "new"),), (add("http=pages"),)),
    "add-and-rename": Scenario((add("schedule=nightly"),), (run("rename", "old", "new"),)),
    "rename-and-update": Scenario(
        (run("rename", "old", "new"),),
        (set_option("old", "timeout = 7"),),
        (run("rename", "old", "new"), set_option("new", "timeout = 7")),
    ),
    "rename-and-new-route": Scenario(  # which changes files in the folders that are renamed
        (run("rename", "old", "new"),),
        (set_option("old", 'path = ["/other"]'),),
        (set_option("old", 'path = ["/other"]'), run("rename", "old", "new")),
    ),
    "update-two-functions": Scenario(
        (set_option("api", "timeout = 5"),), (set_option("old", "timeout = 7"),)
    ),
    "update-one-function": Scenario(
        (set_option("api", "timeout = 5"),), (set_option("api", "memory_size = 512"),)
    ),
    "update-one-option": Scenario(
        (set_option("api", "timeout = 5"),),
        (set_option("api", "timeout = 7"),),
        (set_option("api", "timeout = 7"),),
    ),
    "replace-one-by-two": Scenario(
        (run("remove-trigger", "old"), add("http=jobs")),
        (run("remove-trigger", "old"), add("http=tasks")),
        (run("remove-trigger", "old"), add("http=jobs"), add("http=tasks")),
    ),
    "same-trigger-twice": Scenario((add("s3=uploads"),), (add("s3=uploads"),)),
}


@pytest.mark.parametrize(("tool", "way"), [("sam", "eager-renames"), ("serverless", "rebase")])
@pytest.mark.parametrize("name", SCENARIOS)
def test_two_changes_become_one_service(tmp_path, tool, way, name):
    scenario = SCENARIOS[name]
    team = two_branches(tmp_path, tool, scenario)
    expected = new_service(tmp_path / "expected", "http=api", "http=old", tool=tool)
    for step in scenario.in_a_row or (*scenario.one, *scenario.other):
        step(expected)
    checked_join(team, team.without_gen(tmp_path / "plain"), way)
    team.take_mine(expected.read("gen.toml"))
    assert_settled(team.service, expected)


def two_branches(folder: Path, tool: str, scenario: Scenario) -> Team:
    team = new_team(new_service(folder / "team", "http=api", "http=old", tool=tool))
    team.work("other", *scenario.other)
    team.work("main", *scenario.one)
    return team


@pytest.mark.parametrize("way", WAYS)
def test_two_names_for_one_function_are_no_conflict_in_the_base(tmp_path, way):
    """Both branches rename every file, which git calls a conflict of each; but not of `.gen`."""
    scenario = Scenario((run("rename", "old", "new"),), (run("rename", "old", "other"),))
    team = two_branches(tmp_path, "sam", scenario)
    conflicts = checked_join(team, team.without_gen(tmp_path / "plain"), way)
    assert "src/orders/new/handler.py" in conflicts


# --- more than two branches, and more than one merge -------------------------------------------

THREE = ("http=pages", "s3=uploads", "sqs=jobs")


@pytest.mark.parametrize("tool", TOOLS)
def test_three_branches_one_after_the_other(tmp_path, tool):
    team = new_team(new_service(tmp_path / "team", "http=api", tool=tool))
    for number, trigger in enumerate(THREE):
        team.work(f"branch-{number}", add(trigger))
    for number in range(len(THREE)):
        checked_join(
            team, team.without_gen(tmp_path / f"plain-{number}"), "merge", f"branch-{number}"
        )
        team.take_both()
    several = [c for c in read_base(team.service.root).candidates.values() if len(c) > 1]
    assert several and max(map(len, several)) == 3
    team.service.gen("apply")
    team.service.gen("check")
    fresh = new_service(tmp_path / "fresh", "http=api", *THREE, tool=tool)
    assert sorted_lines(team.service.tree(False)) == sorted_lines(fresh.tree(False))
    assert base_of(team.service) == base_of(fresh)


@pytest.mark.parametrize("tool", TOOLS)
def test_three_branches_rebased_one_onto_the_other_and_applied_at_the_end(tmp_path, tool):
    team = new_team(new_service(tmp_path / "team", "http=api", tool=tool))
    for number, trigger in enumerate(THREE):
        team.work(f"branch-{number}", add(trigger))
    for number in range(len(THREE)):
        some = new_service(
            tmp_path / f"fresh-{number}", "http=api", *THREE[: number + 1], tool=tool
        )
        conflicts = team.join("rebase", f"branch-{number}")
        assert not [path for path in conflicts if path.startswith(".gen")]
        team.take_mine(some.read("gen.toml"))
        team.service.git("checkout", "-q", "-B", "main")
    assert_settled(team.service, some)


def test_an_octopus_merge(tmp_path):
    """git gives an octopus merge up at its first conflict."""
    there = ["schedule=d", "schedule=g", "schedule=p"]
    come = ["schedule=a", "schedule=f", "schedule=k", "schedule=z"]
    team = new_team(new_service(tmp_path / "team", *there))
    for trigger in come:
        team.work(f"branch-{trigger[-1]}", add(trigger))
    team.service.git("merge", "-q", "--no-edit", *(f"branch-{trigger[-1]}" for trigger in come))
    assert_settled(team.service, new_service(tmp_path / "fresh", *there, *come))


@pytest.mark.parametrize("way", ["merge", "eager-renames"])
def test_branches_that_merged_each_other_merge_again(tmp_path, way):
    """A criss-cross: the two last merges have two common ancestors, which git merges first."""
    team = new_team(new_service(tmp_path / "team", "http=mid"))
    team.work("other", add("schedule=aaa"))
    team.work("main", add("sqs=zzz"))
    git = team.service.git
    git("branch", "before")
    team.join("merge", "other")
    team.take_both()
    git("checkout", "-q", "other")
    team.join("merge", "before")
    team.take_both()
    git("checkout", "-q", "main")
    team.work("other", run("apply"), set_option("aaa", "timeout = 60"))
    team.work("main", run("apply"), run("remove-trigger", "mid"))
    assert len(git("merge-base", "--all", "main", "other").split()) == 2
    checked_join(team, team.without_gen(tmp_path / "plain"), way)
    expected = new_service(
        tmp_path / "expected", "schedule=aaa", "sqs=zzz", settings=["aaa.timeout=60"]
    )
    team.take_mine(expected.read("gen.toml"))
    team.service.gen("apply")
    team.service.gen("check")
    assert sorted_lines(team.service.tree(False)) == sorted_lines(expected.tree(False))
    assert base_of(team.service) == base_of(expected)


def test_a_large_template_that_grows_at_its_end_is_never_taken_for_a_renamed_one(tmp_path):
    many = [f"schedule=job_{number:02}" for number in range(60)]
    team = new_team(new_service(tmp_path / "team", *many))
    team.work("other", add("schedule=zz_other"))
    team.work("main", add("schedule=zz_main"))
    conflicts = checked_join(team, team.without_gen(tmp_path / "plain"), "eager-renames")
    assert "template.yaml" in conflicts
    fresh = new_service(tmp_path, *many, "schedule=zz_main", "schedule=zz_other")
    team.take_mine(fresh.read("gen.toml"))
    assert_settled(team.service, fresh)


# --- and what developers wrote -----------------------------------------------------------------


def comment(text: str, above: str) -> Work:
    """A comment, above a line of the service's shared template."""
    return replace("template.yaml", above, f"  # {text}\n{above}")


@pytest.mark.parametrize("way", ["merge", "rebase", "squash"])
def test_edits_on_both_branches_survive(tmp_path, way):
    team = new_team(new_service(tmp_path / "team", "http=api", "sqs=old"))
    team.work(
        "other",
        add("schedule=nightly"),
        comment("theirs", "  NightlyFunction:\n"),
        replace("Makefile", "\n", "\n# theirs\n"),
        replace("src/orders/nightly/logic.py", "\n", "\n# theirs\n"),
        lambda service: service.write("notes/theirs.txt", "theirs"),
    )
    team.work(
        "main",
        add("s3=uploads"),
        comment("mine", "  UploadsFunction:\n"),
        comment("mine, too", "  OldLogGroup:\n"),
        lambda service: service.append("README.md", "mine\n"),
        replace("src/orders/old/logic.py", "\n", "\n# mine\n"),
    )
    checked_join(team, team.without_gen(tmp_path / "plain"), way)
    team.take_both()
    service = team.service
    service.gen("add-trigger", "http", "--name", "pages")
    service.gen("rename", "old", "young")
    template = service.read("template.yaml")
    assert "  # theirs\n  NightlyFunction:\n" in template
    assert "  # mine\n  UploadsFunction:\n" in template
    assert "  # mine, too\n  YoungLogGroup:\n" in template
    assert "# theirs" in service.read("Makefile")
    assert "# theirs" in service.read("src/orders/nightly/logic.py")
    assert "# mine" in service.read("src/orders/young/logic.py")
    assert service.read("README.md").endswith("mine\n")
    assert service.read("notes/theirs.txt") == "theirs"
    service.gen("check")


@pytest.mark.parametrize("side", ["ours", "theirs"])
@pytest.mark.parametrize("lines", [1, 200])
def test_of_several_candidates_the_one_that_was_edited_is_the_base(tmp_path, side, lines):
    """The file of one side is taken, edits and all; what the other side added comes by apply."""
    team = new_team(new_service(tmp_path / "team", "http=api"))
    edit = "".join(f"  # edit {number}\n" for number in range(lines))
    for branch, trigger in (("other", "sqs=jobs"), ("main", "s3=uploads")):
        team.work(
            branch,
            add(trigger),
            replace("template.yaml", "  ApiFunction:\n", f"{edit}  ApiFunction:\n"),
        )
    assert "template.yaml" in team.join("merge", "other")
    team.service.git("checkout", f"--{side}", "--", "template.yaml")
    fresh = new_service(tmp_path / "fresh", "http=api", "s3=uploads", "sqs=jobs")
    team.service.git("add", "template.yaml")
    team.take_mine(fresh.read("gen.toml"))
    assert len(read_base(team.service.root).candidates["template.yaml"]) == 2
    team.service.gen("apply")
    merged = team.service.read("template.yaml")
    assert edit in merged
    without = merged.replace(edit, "")
    assert sorted(without.splitlines()) == sorted(fresh.read("template.yaml").splitlines())
    team.service.gen("check")
    assert len(read_base(team.service.root).candidates["template.yaml"]) == 1


def test_a_stale_candidate_of_a_removed_function_brings_nothing_back(tmp_path):
    """One branch removed a function, the other changed it and what is remembered of it."""
    team = new_team(new_service(tmp_path / "team", "http=api", "sqs=old"))
    team.work("other", set_option("old", "timeout = 9"))
    team.work("main", run("remove-trigger", "old"))
    checked_join(team, team.without_gen(tmp_path / "plain"), "merge")
    fresh = new_service(tmp_path / "fresh", "http=api")
    team.take_mine(fresh.read("gen.toml"))
    assert_settled(team.service, fresh)


def test_a_value_that_a_stale_candidate_has_can_be_chosen_again(tmp_path):
    """What another branch's base says of the old value is no reason to keep the merged one."""
    team = new_team(new_service(tmp_path / "team", "http=mid"))
    team.work("other", add("schedule=aaa"))
    team.work("main", set_option("mid", "timeout = 5"))
    team.join("merge", "other")
    team.take_both()
    assert len(read_base(team.service.root).candidates["template.yaml"]) == 2
    team.service.edit("gen.toml", "timeout = 5\n", "")
    assert_settled(team.service, new_service(tmp_path, "schedule=aaa", "http=mid"))
