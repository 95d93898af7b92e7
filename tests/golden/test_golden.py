"""Two whole services that a person reviews. `make fresh` writes them anew."""

from __future__ import annotations

import re

import pytest
import tested
import why_not
from fresh import COOKIECUTTER_JSON, GOLDEN, ROOT, TESTED, cookiecutter_json, golden_requests

from generator.packs import Packs
from generator.render import render
from generator.request import to_answers
from generator.spec import build_spec
from generator.tree import read_tree

REQUESTS = golden_requests()


@pytest.mark.parametrize("name", REQUESTS)
def test_golden_tree(name):
    packs = Packs()
    tree = render(build_spec(to_answers(REQUESTS[name]), packs), packs)
    kept = read_tree(GOLDEN / name / "service")
    assert sorted(kept) == sorted(tree), "run `make fresh` and review the difference"
    for path, entry in tree.items():
        assert kept[path].content.decode() == entry.content.decode(), f"{path}: run `make fresh`"
        assert kept[path].executable == entry.executable, path


def test_the_questions_follow_the_packs():
    assert COOKIECUTTER_JSON.read_text("utf-8") == cookiecutter_json(), "run `make fresh`"


def test_the_page_of_what_was_tested_follows_the_tests():
    assert TESTED.read_text("utf-8") == tested.page(), "run `make fresh`"


def test_the_page_about_the_peers_has_the_numbers_that_were_measured():
    assert why_not.PAGE.read_text("utf-8") == why_not.page(), "run `make fresh`"


def test_the_readme_has_the_numbers_that_were_measured():
    readme = (ROOT / "README.md").read_text("utf-8").partition("## How fast")[2]
    told = re.findall(r"(?<![\w.])\d+ ms", readme.partition("\n## ")[0])
    assert len(told) > 5
    results = why_not.RESULTS.read_text("utf-8")
    assert [number for number in told if f" {number} " not in results] == []
