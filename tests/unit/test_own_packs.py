"""Packs of one's own beside the tiny provider: what they add and forbid, what they cannot do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from unit.minipack import answers, write_pack

from generator.ask.drafts import problem
from generator.errors import InvalidValueError, PackError
from generator.packs import Packs
from generator.render import generated_by, render
from generator.request import Request
from generator.spec import build_spec
from generator.tree import Tree

PACK = 'name = "acme"\ntitle = "Acme"\ndescription = "Ours"\n'
GONG = """
title = "Gong"
description = "A gong sounds"
aliases = ["boom"]
[options.tower]
type = "string"
default = "{function-kebab}"
help = "Which tower"
"""


def both(folder: Path, files: Mapping[str, str], policies: str = "") -> Packs:
    """The tiny provider, and a pack directory with these files."""
    write_pack(folder / "sky", {"providers/sky/triggers/bell/wing/wing.txt": "wing\n"})
    for name, content in {"pack.toml": PACK + policies, **files}.items():
        path = folder / "acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return Packs((folder / "sky", folder / "acme"))


def made(packs: Packs, *functions: str, **others: Any) -> Tree:
    given = answers(*(functions or ("bell=a",)), **others)
    return render(build_spec(given, packs), packs)


def text(tree: Tree, path: str) -> str:
    return tree[path].content.decode()


def test_files_for_every_service_function_and_tool(tmp_path: Path) -> None:
    packs = both(
        tmp_path,
        {
            "base/project/OWNERS.j2": "{{ service.name }}: acme\n",
            "providers/sky/function/{{ function.name }}/card.txt.j2": "{{ function.trigger }}\n",
            "providers/sky/tools/knot/function/own.j2": "knotted by acme\n",
            "providers/sky/triggers/bell/function+existing/old.txt.j2": "it was there\n",
        },
    )
    tree = made(packs, "bell=a", "bell=b", settings=("b.existing=true",))
    assert text(tree, "OWNERS") == "tin: acme\n"
    assert text(tree, "a/card.txt") == text(tree, "b/card.txt") == "bell\n"
    assert text(tree, "rope.txt").count("knotted by acme") == 2
    assert text(tree, "old.txt") == "it was there\n"


def test_a_trigger_of_ones_own_for_a_provider_that_is_there(tmp_path: Path) -> None:
    packs = both(
        tmp_path,
        {
            "providers/sky/triggers/gong/trigger.toml": GONG,
            "providers/sky/triggers/gong/rope/own.j2": "sounds: {{ function.options.tower }}\n",
        },
    )
    assert packs.providers["sky"].triggers["gong"].tools == {"rope"}
    assert "sounds: a" in text(made(packs, "boom=a"), "rope.txt")
    with pytest.raises(InvalidValueError, match="wing does not support the trigger gong"):
        made(packs, "gong=a", tool="wing")


def test_a_tool_of_ones_own_for_triggers_that_are_there(tmp_path: Path) -> None:
    packs = both(
        tmp_path,
        {
            "providers/sky/tools/kite/tool.toml": 'title = "Kite"\ndescription = "Flies"\n',
            "providers/sky/tools/kite/project/kite.txt.j2": "{{ functions | length }}\n",
            "providers/sky/triggers/bell/kite/{{ function.name }}.kite.j2": "{{ service.tool }}\n",
        },
    )
    assert text(made(packs, "bell=a", tool="kite"), "a.kite") == "kite\n"


def test_a_provider_and_a_ci_system_of_ones_own(tmp_path: Path) -> None:
    packs = both(
        tmp_path,
        {
            "ci/abacus/ci.toml": 'title = "Abacus"\ndescription = "Counts"\n[slots]\nlogin = {}\n',
            "ci/abacus/project/abacus.txt.j2": "{{ slot('login') }}\n",
            "providers/sky/ci/abacus.j2": "counted to {{ service.region }}",
        },
    )
    tree = made(packs, "bell=a", ci="abacus")
    assert text(tree, "abacus.txt") == "counted to north-1\n"
    assert "robot.yml" not in tree


def test_macros_of_its_own_come_before_ours(tmp_path: Path) -> None:
    line = "{% from 'providers/sky/shared/say.j2' import say %}{{ say() }}\n"
    packs = both(
        tmp_path,
        {
            "providers/sky/shared/say.j2": "{% macro say() %}acme says{% endmacro %}",
            "base/project/own.txt.j2": line,
        },
    )
    other = tmp_path / "sky" / "providers" / "sky" / "shared" / "say.j2"
    other.parent.mkdir(parents=True)
    other.write_text("{% macro say() %}sky says{% endmacro %}", "utf-8")
    (tmp_path / "sky" / "providers" / "sky" / "project" / "theirs.txt.j2").write_text(line, "utf-8")
    tree = made(packs)
    assert text(tree, "own.txt") == "acme says\n"
    assert text(tree, "theirs.txt") == "sky says\n"


def test_what_is_there_is_added_to_and_never_replaced(tmp_path: Path) -> None:
    packs = both(tmp_path, {"providers/sky/project/words.txt.j2": "mine\n"})
    with pytest.raises(PackError, match=r"acme/.*words\.txt.* is given by another layer too"):
        made(packs)


@pytest.mark.parametrize(
    "marker",
    [
        "providers/sky/provider.toml",
        "providers/sky/tools/wing/tool.toml",
        "providers/sky/triggers/bell/trigger.toml",
        "ci/robot/ci.toml",
    ],
)
def test_two_of_one_name_are_told_with_both_places(tmp_path: Path, marker: str) -> None:
    packs = both(tmp_path, {marker: 'title = "Another"\n'})
    with pytest.raises(PackError) as raised:
        made(packs)
    assert str(tmp_path / "sky" / marker) in str(raised.value)
    assert str(tmp_path / "acme" / marker) in str(raised.value)


def test_a_default_of_ones_own_need_not_be_written(tmp_path: Path) -> None:
    policies = """
[[defaults]]
provider = "sky"
service = { fancy = true }
functions = { timeout = 60 }
[[defaults]]
trigger = ["bell"]
tool = "wing"
functions = { hours = ["two"], tower = "{function-kebab}-acme" }
[[defaults]]
ci = "mute"
functions = { timeout = 1 }
"""
    packs = both(tmp_path, {}, policies)
    spec = build_spec(answers("bell=a"), packs)
    [function] = spec.functions
    assert (spec.options["fancy"], function.options["timeout"]) == (True, 60)
    assert (function.options["hours"], function.options["tower"]) == (("one",), "a")
    assert (spec.declared, function.declared) == ({}, {})
    [winged] = build_spec(answers("bell=a", tool="wing"), packs).functions
    assert (winged.options["hours"], winged.options["tower"]) == (("two",), "a-acme")
    [said] = build_spec(answers("bell=a", settings=("a.timeout=10",)), packs).functions
    assert said.declared == {"timeout": 10}


@pytest.mark.parametrize(
    ("default", "wrong"),
    [
        ("service = { fancy = 3 }", "fancy must be true or false"),
        ("functions = { timeout = 9000 }", "timeout must be at most 900"),
        ('functions = { hours = ["four"] }', "hours cannot be"),
        ('functions = "all"', "pack.toml"),
        ("service = 3", "pack.toml"),
    ],
)
def test_a_default_that_the_option_does_not_allow(tmp_path: Path, default: str, wrong: str) -> None:
    packs = both(tmp_path, {}, f"[[defaults]]\n{default}\n")
    with pytest.raises(PackError, match=wrong) as raised:
        build_spec(answers("bell=a"), packs)
    assert str(tmp_path / "acme" / "pack.toml") in str(raised.value)


POLICIES = """
[[forbid]]
tool = "wing"
message = "Acme does not fly"
[[forbid]]
provider = "sky"
trigger = "bell"
when = "not existing and timeout > 30"
option = "timeout"
message = "a bell of ours rings for 30 seconds, not {timeout}"
[[forbid]]
provider = "sky"
when = "fancy"
option = "fancy"
message = "Acme is plain"
"""


@pytest.mark.parametrize(
    ("asked", "message", "where"),
    [
        ({"tool": "wing"}, "Acme does not fly", "tool"),
        (
            {"settings": ("a.timeout=31",)},
            "function a: a bell of ours rings for 30 seconds, not 31",
            "option:a:timeout",
        ),
        ({"settings": ("fancy=true",)}, "Acme is plain", "option::fancy"),
    ],
)
def test_a_forbidden_choice_is_told_in_the_packs_words(
    tmp_path: Path, asked: dict[str, Any], message: str, where: str
) -> None:
    packs = both(tmp_path, {}, POLICIES)
    with pytest.raises(InvalidValueError) as raised:
        build_spec(answers("bell=a", **asked), packs)
    assert raised.value.message == message
    assert raised.value.where == where


def test_what_is_not_forbidden_is_as_ever(tmp_path: Path) -> None:
    packs = both(tmp_path, {}, POLICIES)
    asked = answers("bell=a", settings=("a.timeout=31", "a.existing=true"))
    assert build_spec(asked, packs).functions[0].options["timeout"] == 31


def test_a_forbidden_default_gives_way_to_the_next(tmp_path: Path) -> None:
    packs = both(tmp_path, {}, '[[forbid]]\ntool = "rope"\nci = ["robot"]\nmessage = "both"\n')
    assert build_spec(answers("bell=a", ci="mute"), packs).tool.name == "rope"
    alone = '[[forbid]]\ntool = "rope"\nmessage = "no ropes"\n'
    packs = both(tmp_path, {}, alone + '[[forbid]]\nci = "robot"\nmessage = "no robots"\n')
    spec = build_spec(answers("bell=a"), packs)
    assert (spec.tool.name, spec.ci_systems[0].name) == ("wing", "mute")


def test_the_wizard_shows_a_forbidden_choice_with_its_reason(tmp_path: Path) -> None:
    packs = both(tmp_path, {}, POLICIES)
    asked = Request(name="orders", provider="sky", trigger=("bell=a",))
    assert "Acme does not fly" in problem(asked._replace(tool="wing"), packs)
    assert not problem(asked._replace(tool="rope"), packs)


@pytest.mark.parametrize(
    "template",
    [
        "{{ provider.folder.parent }}",
        "{{ trigger.folder.unlink() }}",
        "{{ slot.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ functions.__init__ }}",
        "{{ '{0.__class__}'.format(service) }}",
        "{{ range(9999999) | list }}",
        "{% include '../../../../../../../../etc/hostname' %}",
        "{% include '/etc/hostname' %}",
        "{% include 'providers/../../sky/ci/robot/ci.toml' %}",
        "{{ 1 + 'x' }}",
        "{{ 1 // 0 }}",
        "{{ undefined }}",
        "{{ x }",
        "{% for x in y",
        "{{ slot('nothing') }}",
        "{{ [1][7] + 1 }}",
    ],
)
def test_a_template_that_reaches_out_or_breaks_is_an_error_of_its_pack(
    tmp_path: Path, template: str
) -> None:
    name = "providers/sky/function/{{ function.name }}.txt.j2"
    packs = both(tmp_path, {name: f"first\n{template}\n"})
    with pytest.raises(PackError) as raised:
        made(packs)
    if "slot(" not in template:
        assert f"{name}:2: " in str(raised.value)


@pytest.mark.parametrize(
    "path",
    [
        "{{ '..' }}/out.txt",
        "{{ '../' * 3 }}out.txt",
        "{{ '/tmp/out.txt' }}",
        "{{ '' }}/out.txt",
        "sub/{{ '.' }}/out.txt",
        ".git/hooks/pre-commit",
        "sub/{{ '.GIT' }}/config",
        "{{ 'c:/out.txt' }}",
        "{{ 'a\\\\b' }}",
    ],
)
def test_a_path_never_leaves_the_service(tmp_path: Path, path: str) -> None:
    packs = both(tmp_path, {f"base/project/{path}": "x\n"})
    with pytest.raises(PackError, match="is no path inside a service"):
        made(packs)


def test_what_gen_remembers_is_no_packs(tmp_path: Path) -> None:
    packs = both(tmp_path, {"base/project/.gen/base/gen.toml/x.z": "x\n"})
    with pytest.raises(PackError, match="is where gen keeps what it remembers"):
        made(packs)


def test_a_link_out_of_the_pack_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret", "utf-8")
    for name in ("copied.txt", "rendered.txt.j2"):
        packs = both(tmp_path / name, {"base/project/own.txt": "own\n"})
        link = tmp_path / name / "acme" / "base" / "project" / name
        os.symlink(secret, link)
        with pytest.raises(PackError, match="it lies outside of its pack"):
            made(packs)
        link.unlink()


def test_the_digest_is_of_the_packs_that_are_used(tmp_path: Path) -> None:
    plain = write_pack(tmp_path / "sky")
    packs = both(tmp_path, {"base/project/own.txt": "own\n", "README.md": "Read\n"})
    spec = build_spec(answers("bell=a"), packs)
    before = generated_by(spec, packs)
    assert before != generated_by(spec, plain)
    again = Packs(packs.roots)
    for name, changes in (
        ("README.md", False),
        ("providers/sea/provider.toml", False),
        ("base/project/own.txt", True),
        ("pack.toml", True),
    ):
        folder = tmp_path / name.replace("/", "-")
        again = both(folder, {"base/project/own.txt": "own\n"})
        path = folder / "acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = path.read_text("utf-8") if path.exists() else ""
        path.write_text(kept + "\n# more\n", "utf-8")
        assert (generated_by(spec, again) != before) is changes, name


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ('[[forbidden]]\ntool = "wing"\nmessage = "no"\n', 'did you mean "forbid"'),
        ('[[forbid]]\ntools = "wing"\nmessage = "no"\n', 'did you mean "tool"'),
        ('[[forbid]]\ntrigger = "bel"\nmessage = "no"\n', 'did you mean "bell"'),
        ("[[defaults]]\nfunction = { timeout = 3 }\n", 'did you mean "functions"'),
        ('[[forbid]]\nwhen = "not exsting"\nmessage = "no"\n', "'exsting' is undefined"),
        ('[[forbid]]\nwhen = "not ("\nmessage = "no"\n', "TemplateSyntaxError"),
    ],
)
def test_a_policy_that_is_misspelt_is_not_silently_none(
    tmp_path: Path, policies: str, said: str
) -> None:
    packs = both(tmp_path, {}, policies)
    with pytest.raises(PackError) as raised:
        build_spec(answers("bell=a"), packs)
    assert said in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "acme" / "pack.toml"))


@pytest.mark.parametrize(
    "damage", ["name = ", "[[forbid]]\ntool = 'x'\n", "forbid = 3\n", "[[defaults]]\ntool = 3\n"]
)
def test_a_damaged_pack_toml_is_told_with_its_place(tmp_path: Path, damage: str) -> None:
    packs = both(tmp_path, {}, damage)
    with pytest.raises(PackError) as raised:
        build_spec(answers("bell=a"), packs)
    assert str(tmp_path / "acme" / "pack.toml") in str(raised.value)
