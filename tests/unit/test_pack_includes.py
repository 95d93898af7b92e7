"""Where a template finds what it includes: in its own pack, then in ours, then in the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import PackError
from generator.packs import BUILT_IN
from generator.templates import Templates

NAME = "providers/sky/shared/note.j2"


def folder(root: Path, **files: str) -> Path:
    for name, content in files.items():
        path = root / "providers" / "sky" / "shared" / f"{name}.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return root


def rendered(roots: tuple[Path, ...], place: Path) -> str:
    templates = Templates(roots)
    return templates.render(templates.name_of(str(place)), {})


def test_a_template_of_one_pack_finds_what_another_adds_to_it(tmp_path: Path) -> None:
    """As docs/deployment.md of a tool includes how a CI system of somebody's own logs in."""
    asks = '{% include "providers/sky/shared/" ~ "note" ~ ".j2" ignore missing %}.'
    first = folder(tmp_path / "first", asks=asks)
    second = folder(tmp_path / "second", note="of the second")
    place = first / "providers/sky/shared/asks.j2"
    assert rendered((BUILT_IN, first, second), place) == "of the second."
    assert rendered((BUILT_IN, first), place) == "."


def test_its_own_comes_first(tmp_path: Path) -> None:
    first = folder(tmp_path / "first", note="of the first")
    second = folder(tmp_path / "second", note="of the second", asks=f"{{% include '{NAME}' %}}")
    place = second / "providers/sky/shared/asks.j2"
    assert rendered((BUILT_IN, first, second), place) == "of the second"


def test_ours_come_before_those_of_others(tmp_path: Path) -> None:
    ours = next(BUILT_IN.glob("providers/*/shared/dockerfile.j2"))
    name = ours.relative_to(BUILT_IN).as_posix()
    first, second = tmp_path / "first", tmp_path / "second"
    (second / name).parent.mkdir(parents=True)
    (second / name).write_text("not this one", "utf-8")
    templates = Templates((BUILT_IN, first, second))
    assert templates.loader.near(name, "") == name
    assert templates.loader.near(name, f"{first.as_posix()}/x.j2") == name


def test_a_way_out_of_a_pack_is_none(tmp_path: Path) -> None:
    asks = "{% include 'providers/sky/../../../secret.j2' %}"
    first = folder(tmp_path / "first", asks=asks)
    folder(tmp_path / "second", note="")
    (tmp_path / "secret.j2").write_text("secret", "utf-8")
    place = first / "providers/sky/shared/asks.j2"
    with pytest.raises(PackError):
        rendered((BUILT_IN, first, tmp_path / "second"), place)
