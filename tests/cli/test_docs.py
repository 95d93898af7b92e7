"""`gen docs`: the pages of the packs, here and of others, and that they are fresh and true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from cli.run import PROVIDER, ROOT, TRIGGER, gen
from wizard import two_skies

from generator import __version__
from generator.declaration import parse_declaration
from generator.packs import Packs
from generator.reference.pages import pages, trigger_page
from generator.reference.shelf import compare, put
from generator.request import function_answers
from generator.spec import build_spec

REFERENCE = ROOT / "docs" / "reference"
PACKS = Packs()
PAGES = pages(PACKS)
TRIGGERS = [(pack.name, trigger) for pack in PACKS.providers.values() for trigger in pack.triggers]


def test_the_reference_follows_the_packs() -> None:
    result = gen("docs", "--check", folder=ROOT)
    assert (result.code, result.out) == (0, ""), "run `make fresh`"


def test_what_is_stale_is_named_and_written(tmp_path: Path) -> None:
    folder = tmp_path / "docs/reference"
    assert gen("docs", folder=tmp_path).code == 0
    page = folder / trigger_page(PROVIDER, TRIGGER)
    fresh = page.read_text("utf-8")
    page.write_text(fresh + "more\n", "utf-8")
    old = folder / "providers/gone.md"
    old.write_text(fresh, "utf-8")
    own = folder / "own.md"
    own.write_text("# Mine\n", "utf-8")
    result = gen("docs", "--check", folder=tmp_path)
    assert result.code == 1
    assert result.out == f"~ {trigger_page(PROVIDER, TRIGGER)}\n- providers/gone.md\n"
    assert f"2 of {len(PAGES)} pages" in result.err
    assert page.read_text("utf-8") != fresh
    assert old.exists()
    result = gen("docs", folder=tmp_path)
    assert result.code == 0
    assert "1 page written" in result.err
    assert page.read_text("utf-8") == fresh
    assert not old.exists()
    assert own.read_text("utf-8") == "# Mine\n"
    assert gen("docs", "--check", folder=tmp_path).code == 0


def test_other_peoples_files_and_line_ends_do_not_matter(tmp_path: Path) -> None:
    assert gen("docs", "--out", ".", folder=tmp_path).code == 0
    page = tmp_path / trigger_page(PROVIDER, TRIGGER)
    page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "latin.md").write_bytes("é".encode("latin-1"))
    (tmp_path / "folder.md").mkdir()
    result = gen("docs", "--out", ".", "--check", folder=tmp_path)
    assert (result.code, result.out) == (0, "")


@pytest.mark.parametrize("link", [False, True])
def test_what_is_no_page_is_not_written_over(tmp_path: Path, link: bool) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text(PAGES["README.md"] if link else "# Mine\n", "utf-8")
    (tmp_path / "pages").mkdir()
    readme = tmp_path / "pages/README.md"
    readme.symlink_to(mine) if link else mine.rename(readme)
    before = readme.read_bytes()
    result = gen("docs", "--out", "pages", folder=tmp_path)
    assert result.code == 2
    assert "pages/README.md is there, and no page of gen docs" in result.err
    assert "--out DIR" in result.err
    assert readme.read_bytes() == before
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["README.md"]


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("")
    result = gen("docs", "--out", "pages", folder=tmp_path)
    assert result.code == 2
    assert "where: --out pages" in result.err


def test_packs_of_ones_own_get_pages(tmp_path: Path) -> None:
    packs = two_skies.write(tmp_path / "packs")
    made = pages(packs)
    page = made[trigger_page("sky", "whistle")]
    assert "`blow`" in page
    assert "| `loudness` | number | `10` | 1 to 100 |  | In per cent |" in page
    assert "- loudness over 50 needs pauses of at least 1" in page
    assert "[`wing`](../tools/wing.md)" in page
    assert "Not with this tool: `bell`." in made["providers/sky/tools/wing.md"]
    folder = tmp_path / "pages"
    put(folder, made, compare(folder, made))
    assert compare(folder, made) == ((), ())
    assert sorted(compare(folder, PAGES).removed) == sorted(set(made) - set(PAGES))


@pytest.mark.parametrize(("provider", "trigger"), TRIGGERS)
def test_the_examples_of_a_trigger_make_the_same_function(provider: str, trigger: str) -> None:
    page = PAGES[trigger_page(provider, trigger)]
    meta = PACKS.providers[provider].triggers[trigger]
    tool = sorted(meta.tools & set(PACKS.providers[provider].tools))[0]
    [[snippet]] = [re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]
    chosen = {"name": "orders", "provider": provider, "tool": tool}
    chosen["generated-by"] = f"serverless-py {__version__}"
    lines = ["[service]", *(f'{key} = "{value}"' for key, value in chosen.items())]
    declared = parse_declaration("\n".join([*lines, snippet]))
    [function] = build_spec(declared, PACKS).functions
    [command] = re.findall(r"^gen add-trigger (.*)$", page, re.MULTILINE)
    named, _, name, *settings = shlex.split(command)
    given = function_answers(named, name, [word for word in settings if word != "--set"])
    assert build_spec(declared._replace(functions=(given,)), PACKS).functions == (function,)
    for option in meta.options.values():
        assert f"| `{option.name}` |" in page


def test_the_commands_of_providers_and_tools_run(tmp_path: Path) -> None:
    commands = {
        command
        for text in PAGES.values()
        for command in re.findall(r"^gen (new .* --no-input)$", text, re.MULTILINE)
    }
    assert len(commands) == sum(1 + len(pack.tools) for pack in PACKS.providers.values())
    for provider in PACKS.providers:
        command = min(c for c in commands if f" {provider} " in c)
        assert gen(*shlex.split(command), "--dry-run", folder=tmp_path).code == 0


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))])
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`]*`", "", text)
    for target in re.findall(r"(?<=\]\()[^)\s]+(?=\))", text):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text("utf-8")), target


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
