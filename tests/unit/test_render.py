"""Slots, layers, overlays and what a tree holds, on a tiny pack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from unit.minipack import answers, write_pack

from generator.errors import PackError
from generator.render import join, render
from generator.spec import build_spec
from generator.tree import Tree


def rendered(
    tmp_path: Path, *functions: str, changes: Mapping[str, str | None] | None = None, **others
) -> Tree:
    packs = write_pack(tmp_path, changes)
    return render(build_spec(answers(*functions, **others), packs), packs)


def test_files_of_every_layer_are_rendered_to_their_paths(tmp_path):
    tree = rendered(tmp_path, "bell=b", "bell=a_one")
    assert tree["a_one/code.py"].content == b'NAME = "a_one"\n'
    assert tree["b/code.py"].content == b'NAME = "b"\n'
    assert tree["robot.yml"].content == b"login: |\n  login to north-1\n"
    assert list(tree) == sorted(tree)


def test_only_j2_files_are_templates(tmp_path):
    assert rendered(tmp_path, "bell")["plain.bin"].content == b"{{ not a template }}"


def test_a_file_is_executable_exactly_if_it_names_an_interpreter(tmp_path):
    tree = rendered(tmp_path, "bell")
    assert tree["run.sh"].executable
    assert not tree["words.txt"].executable


def test_pieces_come_in_order_sources_then_functions(tmp_path):
    tree = rendered(tmp_path, "bell=b", "bell=a")
    assert tree["rope.txt"].content.decode() == (
        "parts:\n  tower a: a\n\n  tower b: b\n\n  a:\n    rings: a\n\n  b:\n    rings: b\n"
    )


def test_functions_that_name_one_source_share_it(tmp_path):
    settings = ["a.tower=t", "b.tower=t", "b.hours=two"]
    tree = rendered(tmp_path, "bell=a", "bell=b", settings=settings)
    assert "tower t: a b\n" in tree["rope.txt"].content.decode()


def test_union_slot_holds_every_line_once(tmp_path):
    lines = rendered(tmp_path, "bell=b", "bell=a")["words.txt"].content.decode().splitlines()
    assert lines == ["bell", "word of a", "word of b"]


def test_overlay_replaces_a_piece_where_its_option_is_true(tmp_path):
    tree = rendered(tmp_path, "bell=a", settings=["a.existing=true"])
    assert tree["words.txt"].content == b"old bell\n"
    assert "fancy.txt" not in tree


def test_overlay_of_a_service_option_adds_files(tmp_path):
    assert "fancy.txt" in rendered(tmp_path, "bell", settings=["fancy=yes"])


def test_overlay_of_a_value_is_active_for_that_value_only(tmp_path):
    changes = {"providers/sky/triggers/bell/function+tower=big/big.txt.j2": "big"}
    big = rendered(tmp_path, "bell=a", changes=changes, settings=["a.tower=big"])
    assert "big.txt" in big
    assert "big.txt" not in rendered(tmp_path, "bell=a", changes=changes)


def test_a_file_that_renders_to_blanks_is_left_out(tmp_path):
    tree = rendered(tmp_path, "bell", changes={"providers/sky/project/none.txt.j2": "{# #}\n  \n"})
    assert "none.txt" not in tree


def test_the_order_of_the_answers_does_not_matter(tmp_path):
    assert rendered(tmp_path, "bell=a", "bell=b") == rendered(tmp_path, "bell=b", "bell=a")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"providers/sky/project/nowhere.j2": "x"}, "no slot is called 'nowhere'"),
        ({"providers/sky/project/x.txt.j2": "{{ slot('nowhere') }}"}, "no slot is called"),
        ({"providers/sky/project/x.txt.j2": "{{ typo }}"}, "typo"),
        ({"providers/sky/project/x.txt.j2": "{% if %}"}, "x.txt.j2:1"),
        ({"ci/robot/project/run.sh.j2": "twice"}, "run.sh is given by another layer too"),
        ({"providers/sky/tools/rope/tool.toml": 'extends = "nil"'}, "extends 'nil'"),
    ],
)
def test_a_broken_pack_is_named_with_its_file(tmp_path, changes, message):
    with pytest.raises(PackError, match=message):
        rendered(tmp_path, "bell", changes=changes)


def test_join():
    assert join(["b", "a"], "blocks") == "b\n\na"
    assert join(["b", "a"], "lines") == "b\na"
    assert join(["b\nc", "a\nb"], "union") == "a\nb\nc"


def test_the_digest_is_of_all_packs_that_the_service_may_use(tmp_path):
    def stamp(folder: str, changes: Mapping[str, str | None], *triggers: str) -> bytes:
        tree = rendered(tmp_path / folder, *(triggers or ["bell"]), changes=changes)
        return tree["gen.toml"].content.split(b"generated-by")[1].splitlines()[0]

    plain = stamp("a", {})
    # Two branches that add different triggers must not disagree about it.
    assert plain == stamp("b", {}, "bell=a", "bell=b")
    assert plain != stamp("c", {"ci/mute/project/x.txt.j2": "of another CI system"})
    assert plain != stamp("d", {"providers/sky/tools/wing/project/x.txt.j2": "not used yet"})
    assert plain != stamp("e", {"providers/sky/project/plain.bin": "other"})
    assert plain != stamp("f", {"providers/sky/shared/macros.j2": "imported somewhere"})
