"""The README's picture is what `gen new` shows today."""

from __future__ import annotations

import re

from fresh import PICTURE, ROOT
from picture import picture


def test_the_picture_follows_the_program() -> None:
    assert PICTURE.read_text("utf-8") == picture(), "run `make fresh`"


def test_the_picture_needs_nothing_from_elsewhere_and_does_not_age() -> None:
    svg = PICTURE.read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"<]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert not re.findall(r"url\((?!#)", svg)
    assert "serverless-py" not in re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)


def test_the_readme_shows_it_where_only_the_readme_is_known() -> None:
    first_screen = (ROOT / "README.md").read_text("utf-8").partition("\n## ")[0]
    [address] = re.findall(r"!\[[^\]]+\]\((\S+)\)", first_screen)
    [source] = re.findall(r'^Source = "https://github.com/(\S+)"$', project(), re.MULTILINE)
    assert address == f"https://raw.githubusercontent.com/{source}/main/docs/picture.svg"


def project() -> str:
    return (ROOT / "pyproject.toml").read_text("utf-8")
