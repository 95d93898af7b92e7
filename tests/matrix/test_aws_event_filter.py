"""A filter of events, given as JSON, means the same in YAML and in Python."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest
import yaml
from matrix.services import PACKS

from generator.templates import templates_of

MACROS = "providers/aws/shared/event_filter.j2"
FILTERS = [
    '{"source": ["a.b", "c"], "detail-type": ["X y"]}',
    '{"$or": [{"a": [{"numeric": [">", 1, "<=", 5.5]}]}, {"b": [true, ""]}], "c": {"d": ["e"]}}',
    '{"detail": {"A b": [{"anything-but": {"prefix": ["é"]}}], "yes": ["no", "1", "null"]}}',
    '{"null": ["a"], "x": {"y-z": [[1, [2]]], "0a": ["\\\\ \\t"], "~": ["- a", "a: b", "#x"]}}',
    f'{{"long": {json.dumps([letter * 30 for letter in "abc"])}, "more": [{{"exists": false}}]}}',
]


def written(macro: str, text: str) -> str:
    call = f'{{% from "{MACROS}" import {macro} %}}{{{{ {macro}(text | from_json) }}}}'
    return templates_of(PACKS.roots).render_text(call, {"text": text})


@pytest.mark.parametrize("text", FILTERS)
def test_means_the_same_in_yaml(text):
    assert yaml.safe_load(written("filter_yaml", text)) == json.loads(text)


@pytest.mark.parametrize("text", FILTERS)
def test_means_the_same_in_python_as_ruff_formats_it(text):
    python = written("filter_py", text).strip()
    assert ast.literal_eval(python) == json.loads(text)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "--diff"]
    done = subprocess.run([*command, "-"], input=f"x = {python}\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
