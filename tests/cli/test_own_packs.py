"""Packs of one's own on the command line: where they are found, and what a service says of them."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from cli.run import PACK, PROVIDER, TOOL, TRIGGER, Result, gen, new

OTHER_TOOL = list(PACK.tools)[1]
TEXT = f"""
name = "acme"
title = "Acme's platform"
description = "How Acme runs functions"

[[forbid]]
provider = "{PROVIDER}"
tool = "{OTHER_TOOL}"
message = "Acme does not use {OTHER_TOOL}"
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack directory that gives every service a file."""
    folder = tmp_path / "acme"
    (folder / "base" / "project").mkdir(parents=True)
    (folder / "pack.toml").write_text(TEXT, "utf-8")
    (folder / "base" / "project" / "OWNERS.j2").write_text("{{ service.name }}\n", "utf-8")
    return folder


def made(*flags: str, folder: Path, env: dict[str, str] | None = None) -> Result:
    asked = ("--trigger", f"{TRIGGER}=api", "--ci", "none", *flags)
    return new(*asked, folder=folder, env=env)


def declared(folder: Path) -> str:
    return (folder / "orders" / "gen.toml").read_text("utf-8")


def test_a_new_service_names_the_pack_and_where_it_is(tmp_path: Path, pack: Path) -> None:
    result = made("--packs", "acme", folder=tmp_path)
    assert result.code == 0
    assert '[packs]\nacme = "../acme"\n' in declared(tmp_path)
    assert (tmp_path / "orders" / "OWNERS").read_text("utf-8") == "orders\n"
    repeat = shlex.split(result.err.splitlines()[-1])
    assert repeat[repeat.index("--packs") + 1] == "acme"
    assert gen("check", folder=tmp_path / "orders").code == 0
    assert gen("status", folder=tmp_path / "orders").code == 0
    assert gen("doctor", folder=tmp_path / "orders").code in (0, 1)
    assert gen("check", "orders", folder=tmp_path).code == 0


@pytest.mark.parametrize("by", ["variable", "absolute"])
def test_a_place_of_the_machine_is_not_written(tmp_path: Path, pack: Path, by: str) -> None:
    env = {"GEN_PACKS": str(pack)} if by == "variable" else {}
    flags = ["--packs", str(pack)] if by == "absolute" else []
    assert made(*flags, folder=tmp_path, env=env).code == 0
    assert '[packs]\nacme = ""  # where --packs or GEN_PACKS say\n' in declared(tmp_path)
    lost = gen("check", folder=tmp_path / "orders")
    assert lost.code == 2
    assert "the pack acme is not found" in lost.err
    assert "--packs DIR, or GEN_PACKS=DIR" in lost.err
    assert gen("check", *flags, folder=tmp_path / "orders", env=env).code == 0


def test_a_service_does_not_change_with_the_environment(tmp_path: Path, pack: Path) -> None:
    """Two people must get the same files, whatever packs they have."""
    assert made(folder=tmp_path).code == 0
    offered = {"GEN_PACKS": os.pathsep.join([str(pack), "/nowhere"])}
    assert gen("check", folder=tmp_path / "orders", env=offered).code == 0
    refused = gen("apply", "--packs", str(pack), folder=tmp_path / "orders")
    assert refused.code == 2
    assert "this service does not use the pack acme" in refused.err
    assert 'acme = "" under [packs] in gen.toml, then gen update' in refused.err


def test_a_service_adopts_a_pack_and_leaves_it(tmp_path: Path, pack: Path) -> None:
    assert made(folder=tmp_path).code == 0
    service = tmp_path / "orders"
    handler = next(service.rglob("logic.py"))
    handler.write_text(handler.read_text("utf-8") + "\n# mine\n", "utf-8")
    plain = declared(tmp_path)
    (service / "gen.toml").write_text(plain + '\n[packs]\nacme = "../acme"\n', "utf-8")
    refused = gen("apply", folder=service)
    assert refused.code == 2
    assert "gen update" in refused.err
    assert gen("update", folder=service).code == 0
    assert (service / "OWNERS").is_file()
    assert handler.read_text("utf-8").endswith("# mine\n")
    (pack / "base" / "project" / "OWNERS.j2").write_text("{{ service.name }}: us\n", "utf-8")
    assert gen("check", folder=service).code == 2
    assert gen("update", folder=service).code == 0
    assert (service / "OWNERS").read_text("utf-8") == "orders: us\n"
    text = declared(tmp_path)
    (service / "gen.toml").write_text(text[: text.index("[packs]")].rstrip() + "\n", "utf-8")
    assert gen("update", folder=service).code == 0
    assert not (service / "OWNERS").exists()
    assert gen("check", folder=service).code == 0


def test_a_pack_that_has_moved_is_found_by_the_flag(tmp_path: Path, pack: Path) -> None:
    assert made("--packs", "acme", folder=tmp_path).code == 0
    pack.rename(tmp_path / "moved")
    service = tmp_path / "orders"
    lost = gen("check", "--json", folder=service)
    assert lost.code == 2
    assert "there is no folder" in lost.data["error"]["message"]
    assert gen("check", "--packs", "../moved", folder=service).code == 0
    (service / "gen.toml").write_text(
        declared(tmp_path).replace("acme = ", "akme = ").replace("../acme", "../moved"), "utf-8"
    )
    wrong = gen("check", folder=service)
    assert wrong.code == 2
    assert "the pack there is called acme" in wrong.err


def test_what_a_service_has_in_use_and_what_is_lost(tmp_path: Path, pack: Path) -> None:
    assert made("--packs", "acme", folder=tmp_path).code == 0
    service = tmp_path / "orders"
    [_, used] = gen("packs", "list", "--json", folder=service).data["packs"]
    assert (used["name"], used["directory"]) == ("acme", str(pack))
    pack.rename(tmp_path / "moved")
    found = gen("doctor", "--json", folder=service)
    assert found.code == 1
    lost, *others = found.data["findings"]
    assert (lost["check"], lost["status"]) == ("packs", "failure")
    assert "the pack acme is not found" in lost["message"]
    assert others


def test_a_changed_default_is_said_to_follow(tmp_path: Path, pack: Path) -> None:
    """No plan can tell what the pack was like before, so it says where to look."""
    assert made("--packs", "acme", folder=tmp_path).code == 0
    (pack / "base" / "project" / "OWNERS.j2").write_text("us\n", "utf-8")
    result = gen("update", "--json", folder=tmp_path / "orders")
    assert "gen update --dry-run shows every line" in result.data["warnings"][0]


def test_leaving_a_pack_says_what_becomes_of_its_defaults(tmp_path: Path, pack: Path) -> None:
    option = next(iter(PACK.provider.function_options.values()))
    changed = option.maximum
    (pack / "pack.toml").write_text(
        f"{TEXT}\n[[defaults]]\nfunctions = {{ {option.name} = {changed} }}\n", "utf-8"
    )
    assert made("--packs", "acme", folder=tmp_path).code == 0
    service = tmp_path / "orders"
    text = declared(tmp_path).replace('[packs]\nacme = "../acme"\n\n', "")
    (service / "gen.toml").write_text(text, "utf-8")
    result = gen("update", "--dry-run", folder=service)
    assert f"~ {option.name}: {changed} -> {option.default}" in result.err


def test_what_a_pack_forbids_is_told_in_its_words(tmp_path: Path, pack: Path) -> None:
    refused = made("--tool", OTHER_TOOL, "--packs", "acme", folder=tmp_path)
    assert refused.code == 2
    assert f"error: Acme does not use {OTHER_TOOL}\n" in refused.err
    assert f"--tool {OTHER_TOOL}" in refused.err
    assert not (tmp_path / "orders").exists()
    assert made("--tool", TOOL, "--packs", "acme", folder=tmp_path).code == 0
    text = declared(tmp_path).replace(f'tool = "{TOOL}"', f'tool = "{OTHER_TOOL}"')
    (tmp_path / "orders" / "gen.toml").write_text(text, "utf-8")
    refused = gen("apply", folder=tmp_path / "orders")
    assert refused.code == 2
    assert f'tool = "{OTHER_TOOL}"' in refused.err
    assert "gen.toml:" in refused.err


@pytest.mark.parametrize("value", ["[" * 3000, "9" * 5000], ids=["deep", "digits"])
@pytest.mark.parametrize(
    "file",
    [
        "pack.toml",
        "ci/own/ci.toml",
        "providers/own/provider.toml",
        f"providers/{PROVIDER}/triggers/own/trigger.toml",
        f"providers/{PROVIDER}/tools/own/tool.toml",
        "base/doctor.toml",
    ],
)
def test_a_file_that_the_parser_gives_up_on_is_its_authors(
    tmp_path: Path, pack: Path, file: str, value: str
) -> None:
    place = pack / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"x = {value}\n", "utf-8")
    lists = gen("list", "--packs", "acme", folder=tmp_path)
    if "doctor" not in file:
        assert lists.code == 2
        assert str(place) in lists.err.splitlines()[0]
        assert lists.err.splitlines()[-1] == f"  help:  gen packs check {pack}"
    checked = gen("packs", "check", "acme", "--no-tests", folder=tmp_path)
    assert checked.code == 1
    assert f"[x]  {file}:1: is not TOML: it " in checked.out


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere", "is no folder"),
        ("empty", "has no pack.toml"),
        ("acme/pack.toml", "is no folder"),
    ],
)
def test_a_folder_that_is_no_pack(tmp_path: Path, pack: Path, place: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    for command in (["list"], ["new", "x", "--no-input"]):
        result = gen(*command, "--packs", place, folder=tmp_path)
        assert result.code == 2
        assert said in result.err
        assert f"--packs {place}" in result.err
    by_variable = gen("list", folder=tmp_path, env={"GEN_PACKS": place})
    assert (by_variable.code, "GEN_PACKS" in by_variable.err) == (2, True)


def test_two_packs_of_one_name(tmp_path: Path, pack: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "pack.toml").write_text(TEXT, "utf-8")
    result = gen("list", "--packs", "acme", "--packs", "again", folder=tmp_path)
    assert result.code == 2
    assert "two packs are called acme" in result.err
    flag_wins = gen("list", "--packs", "acme", folder=tmp_path, env={"GEN_PACKS": "again"})
    assert flag_wins.code == 0


def test_a_mistake_in_a_pack_is_its_authors_and_nothing_is_written(
    tmp_path: Path, pack: Path
) -> None:
    (pack / "base" / "project" / "BAD.j2").write_text("{{ 1 + 'x' }}\n", "utf-8")
    result = made("--packs", "acme", folder=tmp_path)
    assert result.code == 2
    assert "BAD.j2:1: TypeError" in result.err
    assert f"gen packs check {pack}" in result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme"]
    as_json = made("--packs", "acme", "--json", folder=tmp_path)
    assert (as_json.code, as_json.data["error"]["kind"]) == (2, "pack")
    (pack / "pack.toml").write_text("name = ", "utf-8")
    assert made("--packs", "acme", folder=tmp_path).code == 2


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ('[[rules]]\nrequire = "1 / 0"\nmessage = "m"\n', "1 / 0: ZeroDivisionError"),
        ('[[rules]]\nrequire = "nope > 1"\nmessage = "m"\n', "nope > 1: UndefinedError"),
        (
            '[[permissions]]\nactions = ["a"]\non = "b"\nwhen = "nope"\n',
            "nope: UndefinedError: 'nope' is undefined",
        ),
    ],
)
def test_a_mistake_in_an_expression_is_its_authors(
    tmp_path: Path, pack: Path, metadata: str, said: str
) -> None:
    trigger = pack / "providers" / PROVIDER / "triggers" / "gong"
    (trigger / TOOL).mkdir(parents=True)
    text = f'title = "Gong"\ndescription = "A gong sounds"\n{metadata}'
    (trigger / "trigger.toml").write_text(text, "utf-8")
    asked = ("--trigger", "gong=gong", "--ci", "none", "--packs", "acme")
    result = new(*asked, folder=tmp_path)
    assert result.code == 2
    assert f"{trigger}: {said}" in result.err
    assert f"gen packs check {pack}" in result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme"]
    checked = gen("packs", "check", "acme", "--no-tests", folder=tmp_path)
    assert checked.code == 1
    assert ("nope" if "nope" in said else said) in checked.out


@pytest.mark.parametrize("said", ["requires = 5", '[requires]\nx = {install = "i", when = "1/0"}'])
def test_a_mistake_in_what_the_doctor_is_told_is_its_authors(
    tmp_path: Path, pack: Path, said: str
) -> None:
    assert made("--packs", "acme", folder=tmp_path).code == 0
    (pack / "base" / "doctor.toml").write_text(f"{said}\n", "utf-8")
    asked = gen("doctor", folder=tmp_path / "orders")
    assert asked.code == 2
    assert f"{pack}/base/doctor.toml" in asked.err
    assert f"gen packs check {pack}" in asked.err


def test_a_list_shows_what_the_packs_add(tmp_path: Path, pack: Path) -> None:
    trigger = pack / "providers" / PROVIDER / "triggers" / "gong"
    (trigger / TOOL).mkdir(parents=True)
    (trigger / "trigger.toml").write_text(
        'title = "Gong"\ndescription = "A gong sounds"\n', "utf-8"
    )
    listed = gen("list", "triggers", "--packs", "acme", "--json", folder=tmp_path).data
    [gong] = [row for row in listed["triggers"] if row["name"] == "gong"]
    assert (gong["provider"], gong["tools"]) == (PROVIDER, [TOOL])
    assert "gong" not in gen("list", "triggers", folder=tmp_path).out


def test_a_list_shows_what_the_packs_say_of_ours(tmp_path: Path, pack: Path) -> None:
    """What is forbidden, once and in the pack's words, and the pack's defaults."""
    asked = ("--provider", PROVIDER, "--packs", "acme")
    lines = gen("list", "tools", *asked, folder=tmp_path).out.splitlines()
    assert (
        lines.count(f"  forbidden: {OTHER_TOOL} ({PROVIDER}): Acme does not use {OTHER_TOOL}") == 1
    )
    assert not [line for line in lines if line.startswith(f"  {OTHER_TOOL} ")]
    listed = gen("list", *asked, "--json", folder=tmp_path).data
    said = {row["name"]: row["forbidden"] for row in listed["tools"] if row["forbidden"]}
    assert said == {OTHER_TOOL: f"Acme does not use {OTHER_TOOL}"}
    option = next(o for o in PACK.provider.options.values() if o.choices)
    other = next(choice for choice in option.choices if choice != option.default)
    default = f'[[defaults]]\nprovider = "{PROVIDER}"\nservice = {{ {option.name} = "{other}" }}\n'
    (pack / "pack.toml").write_text(TEXT + default, "utf-8")
    [provider] = gen("list", "providers", *asked, "--json", folder=tmp_path).data["providers"]
    assert {o["name"]: o["default"] for o in provider["options"]}[option.name] == other


def test_the_doctor_runs_no_program_of_a_pack(tmp_path: Path, pack: Path) -> None:
    """Whoever clones a service and asks the doctor has not agreed to what its packs hold."""
    assert made("--packs", "acme", folder=tmp_path).code == 0
    (pack / "base" / "doctor.toml").write_text('[requires]\n"../acme/run.sh" = "it"\n', "utf-8")
    (pack / "run.sh").write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\necho 1.2.3\n", "utf-8")
    (pack / "run.sh").chmod(0o755)
    asked = gen("doctor", folder=tmp_path / "orders")
    assert asked.code == 2
    assert '"../acme/run.sh" is no name of a program' in asked.out + asked.err
    assert not (tmp_path / "ran").exists()
    checked = gen("packs", "check", "acme", "--no-tests", folder=tmp_path)
    assert checked.code == 1
    assert '"../acme/run.sh" is no name of a program' in checked.out + checked.err
