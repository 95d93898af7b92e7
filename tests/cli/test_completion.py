"""Completion: what is offered, and that Bash, Zsh and fish complete a line with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.run import PACK, PROVIDER, Result, gen, new
from tools.shells import SETTINGS, Shell

from generator.commands.completing import mended, shells
from generator.packs import Packs
from generator.topics import FOLDER

PACKS = Packs().providers.values()
OTHERS = {name for pack in PACKS if pack is not PACK for name in pack.triggers} - {*PACK.triggers}
HTTP, EVENT = "http", next(name for name in PACK.triggers if name != "http")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    new("--trigger", f"{HTTP}=gateway", "--trigger", f"{EVENT}=uploads", folder=folder)
    (folder / "orders/docs/architecture.md").unlink()
    return folder / "orders"


@pytest.fixture(scope="module", params=sorted(SETTINGS))
def shell(request: pytest.FixtureRequest, service: Path, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with Shell(request.param, service, home) as started:
        yield started


def test_every_shell_is_tried() -> None:
    assert shells() == sorted(SETTINGS)
    for name in shells():
        assert gen("completion", name).out == (FOLDER / f"completion.{name}").read_text("utf-8")


def test_commands_and_options(shell: Shell) -> None:
    """With the first press of Tab: some shells load a completion only then."""
    shell.completes("gen stat", "gen status")
    shell.completes("gen add-trigger --dr", "gen add-trigger --dry-run")
    shell.completes("gen help exit", "gen help exit-codes")
    shell.completes("gen apply --conflict mark", "gen apply --conflict markers")
    shell.offers("gen re", "remove-trigger", "rename", "repair")


def test_names_of_packs(shell: Shell) -> None:
    shell.offers("gen new --provider ", *(pack.name for pack in PACKS))
    seen = shell.offers("gen add-trigger ", *PACK.triggers)
    assert not OTHERS & {*seen.split()}
    seen = shell.offers(f"gen new --provider {PROVIDER} --trigger ", *PACK.triggers)
    assert not OTHERS & {*seen.split()}


def test_functions_of_the_service(shell: Shell) -> None:
    shell.completes("gen remove-trigger upl", "gen remove-trigger uploads")
    shell.completes("gen rename gate", "gen rename gateway")


def test_options_and_their_values(shell: Shell) -> None:
    shell.completes(
        f"gen add-trigger {HTTP} --set timeo", f"gen add-trigger {HTTP} --set timeout=10"
    )
    shell.completes(
        f"gen add-trigger {HTTP} --set methods=DEL", f"gen add-trigger {HTTP} --set methods=DELETE"
    )
    line = f"gen new shop --provider {PROVIDER} --trigger {HTTP}=api"
    shell.completes(f"{line} --set api.timeo", f"{line} --set api.timeout=10")


def test_folders_where_there_is_nothing_to_offer(shell: Shell) -> None:
    shell.completes("gen check --project eve", "gen check --project events/")


def offered(folder: Path, *words: str) -> list[str]:
    result: Result = gen("--complete", "zsh", *words, folder=folder)
    assert (result.code, result.err) == (0, "")
    return [line.partition("\t")[0] for line in result.out.splitlines()]


def test_values_are_those_of_the_provider(service: Path, tmp_path: Path) -> None:
    for pack in PACKS:
        flags = ["new", "--provider", pack.name]
        versions = [python.version for python in pack.provider.pythons]
        assert offered(tmp_path, *flags, "--tool", "") == list(pack.tools)
        assert offered(tmp_path, *flags, "--python", "") == versions
    assert {*offered(tmp_path, "new", "--trigger", "")} == {*PACK.triggers} | OTHERS
    assert offered(tmp_path, "remove-trigger", "") == []
    assert offered(tmp_path, "rename", "--project", str(service), "g") == ["gateway"]


def test_what_the_line_sets_already_decides(tmp_path: Path) -> None:
    flags = ["new", "--provider", PROVIDER, "--trigger", f"{HTTP}=api", "--set"]
    names = {text.partition("=")[0] for text in offered(tmp_path, *flags, "")}
    assert {
        *PACK.provider.options,
        *(f"api.{name}" for name in PACK.triggers[HTTP].options),
    } <= names


def test_only_names_reach_a_shell(service: Path, tmp_path: Path) -> None:
    """A gen.toml may come from anywhere, and Tab is pressed before it is read."""
    text = (service / "gen.toml").read_text()
    evil = "\\n$(touch gone)`touch gone`;'\\\"<(touch gone)"
    text += f'\n[functions."{evil}"]\ntrigger = "{evil}"\n[functions.fine]\ntrigger = "{evil}"\n'
    (tmp_path / "gen.toml").write_text(text)
    result = gen("--complete", "zsh", "remove-trigger", "", folder=tmp_path)
    assert result.out == f"gateway\t{HTTP}\nuploads\t{EVENT}\nfine\t\n"


def test_of_a_line_that_is_wrong_nothing_is_offered(tmp_path: Path) -> None:
    """A shell would take whatever is on standard output for something to offer."""
    for words in (["nonsense", "--json", ""], ["new", "--nonsense", "--json", "x"]):
        assert gen("--complete", "bash", *words, folder=tmp_path).out == ""
    (tmp_path / "gen.toml").write_text("x = = 1")
    assert gen("--complete", "bash", "remove-trigger", "--json", "", folder=tmp_path).out == ""


@pytest.mark.parametrize(
    ("words", "whole", "typed"),
    [
        (["new", "ord"], ["new", "ord"], ""),
        (["--set", "a", "=", "b"], ["--set", "a=b"], "a="),
        (["--set", "a", "="], ["--set", "a="], "a="),
        (["--set", "a", "=", "s3", ":", "O"], ["--set", "a=s3:O"], "a=s3:"),
        (["--trigger", "t", "=", "f", "--set", "f"], ["--trigger", "t=f", "--set", "f"], ""),
        (["--set", ""], ["--set", ""], ""),
    ],
)
def test_words_that_bash_broke(words: list[str], whole: list[str], typed: str) -> None:
    assert mended(words) == (whole, typed)


def test_a_shell_that_there_is_none_of() -> None:
    result = gen("completion", "fsh")
    assert result.code == 2
    assert 'did you mean "fish"?' in result.err
