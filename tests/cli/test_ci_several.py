"""A service with several CI systems: made, written down, changed by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from cli.run import PROVIDER, TRIGGER, gen, new
from matrix.services import PACKS

from generator.tree import read_tree

FIRST, SECOND, *_ = [name for name, ci in PACKS.ci_systems.items() if not ci.alone]
ALONE = next(name for name, ci in PACKS.ci_systems.items() if ci.alone)


def declared(folder: Path) -> object:
    return tomllib.loads((folder / "orders/gen.toml").read_text())["service"]["ci"]


def files(folder: Path) -> set[str]:
    return {path for path in read_tree(folder / "orders") if not path.startswith(".gen/")}


def change(folder: Path, old: str, new: str) -> None:
    declaration = folder / "orders/gen.toml"
    text = declaration.read_text()
    assert text.count(f"\nci = {old}\n") == 1
    declaration.write_text(text.replace(f"\nci = {old}\n", f"\nci = {new}\n"))


def test_the_flag_may_be_repeated(tmp_path: Path) -> None:
    result = new("--trigger", TRIGGER, "--ci", SECOND, "--ci", FIRST, "--ci-check", folder=tmp_path)
    assert result.code == 0
    assert declared(tmp_path) == [SECOND, FIRST]
    assert f" --ci {SECOND} --ci {FIRST} " in result.err.replace("\n", " ")
    assert gen("check", folder=tmp_path / "orders").code == 0


def test_one_is_written_as_before(tmp_path: Path) -> None:
    assert new("--trigger", TRIGGER, "--ci", SECOND, folder=tmp_path).code == 0
    assert declared(tmp_path) == SECOND


def test_gen_apply_adds_and_removes_a_system(tmp_path: Path) -> None:
    assert new("--trigger", TRIGGER, "--ci", FIRST, folder=tmp_path).code == 0
    before, service = files(tmp_path), tmp_path / "orders"
    change(tmp_path, f'"{FIRST}"', f'["{FIRST}", "{SECOND}"]')
    assert gen("check", folder=service).code == 1
    assert gen("apply", folder=service).code == 0
    both = files(tmp_path)
    assert before < both
    assert gen("add-trigger", TRIGGER, "--name", "other", folder=service).code == 0
    assert gen("remove-trigger", "other", folder=service).code == 0
    assert files(tmp_path) == both
    # A list of one, as somebody writes it who takes one away, says the same as the word.
    change(tmp_path, f'["{FIRST}", "{SECOND}"]', f'["{FIRST}"]')
    assert gen("apply", folder=service).code == 0
    assert files(tmp_path) == before
    assert gen("check", folder=service).code == 0
    change(tmp_path, f'["{FIRST}"]', f"['{SECOND}']")
    assert gen("apply", folder=service).code == 0
    assert (both - before) <= files(tmp_path) < both
    assert gen("check", folder=service).code == 0
    assert declared(tmp_path) == [SECOND]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([FIRST, "nosuch"], 'unknown CI system "nosuch"'),
        ([FIRST, FIRST], f"the CI system {FIRST} is given twice"),
        ([FIRST, ALONE], f"the CI system {ALONE} goes with no other"),
    ],
)
def test_what_cannot_be_together(tmp_path: Path, names: list[str], message: str) -> None:
    flags = [word for name in names for word in ("--ci", name)]
    result = new("--trigger", TRIGGER, *flags, folder=tmp_path)
    assert result.code == 2
    assert message in result.err
    assert " ".join(flags) in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["[]", "[1]", '[""]', "7"])
def test_what_gen_toml_cannot_say(tmp_path: Path, value: str) -> None:
    assert new("--trigger", TRIGGER, "--ci", FIRST, folder=tmp_path).code == 0
    change(tmp_path, f'"{FIRST}"', value)
    result = gen("check", folder=tmp_path / "orders")
    assert result.code == 2
    assert f"ci = {value}" in result.err and "ci must be" in result.err


def test_the_root_of_a_repository_gets_what_each_needs(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    systems = [name for name, ci in PACKS.ci_systems.items() if not ci.alone]

    def needed(*names: str) -> dict[str, str]:
        flags = [word for name in names for word in ("--ci", name)]
        result = gen(
            "new", "orders", "--provider", PROVIDER, "--trigger", TRIGGER, *flags, "--dry-run",
            "--json", folder=tmp_path,
        )  # fmt: skip
        found = result.data["repository"] or {"files": [], "note": ""}
        for name in names:
            assert PACKS.ci_systems[name].root in found["note"]
        return {file["path"]: file["content"] for file in found["files"]}

    each = [needed(name) for name in systems]
    assert needed(*systems) == {path: text for part in each for path, text in part.items()}
