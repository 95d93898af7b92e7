"""The same files as a template of a peer: as many, as large, with the same variables in them.

Each file has the service's name and its region as variables wherever they stand, so a peer that
renders the template with the same answers writes the same bytes. That is checked before anything
is measured.
"""

from __future__ import annotations

import json
from pathlib import Path

from generator.tree import Tree, read_tree

VARIABLES = {"orders": "project_slug", "eu-west-1": "region"}
JINJA = ("{{", "{%", "{#")


def write_cookiecutter(folder: Path, tree: Tree) -> None:
    """A Cookiecutter template, which `sam init --location` takes too."""
    root = folder / "{{cookiecutter.project_slug}}"
    for path, entry in tree.items():
        _write(root / path, _template(entry.content.decode(), "cookiecutter."))
    answers = {variable: value for value, variable in VARIABLES.items()}
    (folder / "cookiecutter.json").write_text(json.dumps(answers), "utf-8")


def write_copier(folder: Path, tree: Tree) -> None:
    for path, entry in tree.items():
        _write(folder / "template" / f"{path}.jinja", _template(entry.content.decode(), ""))
    questions = [
        f"{variable}:\n  type: str\n  default: {value}\n" for value, variable in VARIABLES.items()
    ]
    (folder / "copier.yml").write_text("_subdirectory: template\n" + "".join(questions), "utf-8")


def check_same(rendered: Path, tree: Tree) -> None:
    """Raises ValueError unless a peer wrote the very files of `tree`."""
    found = {path: entry.content for path, entry in read_tree(rendered).items()}
    wanted = {path: entry.content for path, entry in tree.items()}
    if found != wanted:
        paths = sorted(p for p in {*found, *wanted} if found.get(p) != wanted.get(p))
        raise ValueError(f"{rendered} differs from what gen writes: {paths}")


def _template(text: str, prefix: str) -> str:
    literal = any(sign in text for sign in JINJA)
    start, end = ("{% raw %}", "{% endraw %}") if literal else ("", "")
    for value, variable in VARIABLES.items():
        text = text.replace(value, f"{end}{{{{ {prefix}{variable} }}}}{start}")
    return f"{start}{text}{end}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
