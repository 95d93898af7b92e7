"""Renders services of a pack in memory and looks at what comes out. Each text is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.conformance.cases import Case, permitted, refusal, without_policies
from generator.conformance.files import failure, fine, warning
from generator.conformance.format import FORMAT
from generator.conformance.parsers import (
    Text,
    is_newer,
    is_script,
    problem_of,
    shell_problems,
)
from generator.conformance.paths import PARTS, path_problem, same_but_case
from generator.conformance.told import Told
from generator.doctor.findings import OK, Finding
from generator.doctor.knowledge import knowledge
from generator.doctor.pins import pins_of
from generator.doctor.secrets import check_secrets
from generator.errors import PackError
from generator.packs import BUILT_IN, Packs
from generator.plan import function_plan
from generator.render import Rendering
from generator.spec import Spec, build_spec
from generator.templates import templates_of
from generator.tree import Tree

RENDERING = "rendering"
FOLDER = "services/orders"
"""Where a service lies in its repository, for what a CI system needs in the root of that."""
# Jinja that was not rendered. GitHub's expressions (`${{ }}`) and Mermaid's hexagons (`x{{text}}`)
# look alike and are meant, as is the length of a value in Bash (`${#x}`).
LEFTOVER = re.compile(
    r"(?<![$\w])\{\{|\{%|%\}|(?<!\$)\{#(?!\s*$)|<Undefined|jinja2| at 0x[0-9a-f]+>"
)
BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


MEND = "mend the template, or what fills its slots"
NO_PART = (*FORMAT, "examples.toml")
"""Files of a pack that are none of a service's."""


class Looker:
    """Looks at services one by one, and tells at the end what is wrong with them."""

    def __init__(self, packs: Packs, root: Path) -> None:
        self.packs = packs
        self._own = "" if root == BUILT_IN else f"{root}/"
        self.rendered = 0
        self.refused = 0
        self._used: set[str] = set()
        self._called: Mapping[str, str] = {}
        self._told = Told(root)
        self._seen: set[tuple[str, bytes]] = set()
        self._scripts: dict[Text, str] = {}
        self._known = knowledge(packs)
        self._lenient = without_policies(packs)

    def look(self, case: Case) -> Tree | None:
        """The files of the service; None where the rules refuse it, or it cannot be rendered."""
        error = refusal(case.answers, self.packs)
        if error and case.must and refusal(case.answers, self._lenient):
            message = f"the defaults do not fit together: {error.message}"
            self._told.add(case, failure(RENDERING, message, hint=error.hint))
        elif error and case.must:  # an organisation forbids it: there may be a way that it allows
            answers = permitted(case.answers, self.packs)
            case = case._replace(answers=answers) if answers else case
            error = None if answers else error
        if error:
            self.refused += 1
            return None
        try:
            return self._rendered(case)
        except PackError as wrong:
            self._told.add(case, self._told.of_error(RENDERING, wrong))
            return None

    def _rendered(self, case: Case) -> Tree:
        spec = build_spec(case.answers, self.packs)
        rendering = Rendering(spec, self.packs)
        tree = rendering.tree()
        origins = {path: template for path, (template, _) in rendering.origins.items()}
        self.rendered += 1
        self._note_used(rendering)
        self._look_at_plan(case, spec)
        for first, second in same_but_case(tree):
            message = f"{first} and {second} are one file where case does not count"
            where = origins.get(second, second)
            self._told.add(case, failure(RENDERING, message, where, "rename one of them"))
        self._look_at(case, spec, tree, origins)
        if case.answers.ci:
            around = Rendering(spec, self.packs, folder=FOLDER)
            more = around.root_tree()
            self._note_used(around)
            self._look_at(case, spec, more, {p: t for p, (t, _) in around.origins.items()})
        return tree

    def _look_at_plan(self, case: Case, spec: Spec) -> None:
        """Conditions of permissions are asked; what a function brings is words."""
        templates = templates_of(self.packs.roots)
        for function in spec.functions:
            function_plan(spec, function, templates)

    def _look_at(self, case: Case, spec: Spec, tree: Tree, origins: dict[str, str]) -> None:
        new = {path: e for path, e in tree.items() if (path, e.content) not in self._seen}
        self._seen.update((path, entry.content) for path, entry in new.items())
        texts: dict[str, str] = {}
        for path, entry in new.items():
            where = origins.get(path, path)
            if path in origins and (problem := path_problem(path)):
                self._told.add(case, failure(RENDERING, problem, where, "rename its template"))
            try:
                texts[path] = entry.content.decode()
            except UnicodeDecodeError:
                continue  # a picture, say
            for finding in self._of_text(Text(path, texts[path], spec.python), where):
                self._told.add(case, finding)
            if is_script(script := Text(path, texts[path], "")):
                self._scripts.setdefault(script, where)
        for finding in self._as_the_doctor(texts, origins):
            self._told.add(case, finding)

    def _of_text(self, text: Text, where: str) -> Iterator[Finding]:
        problem = problem_of(text)
        message = f"{text.path} cannot be read: {problem}"
        if problem and not is_newer(text):
            yield failure(RENDERING, message, where, MEND)
        elif problem and self._own and where.startswith(self._own):
            hint = f"it is for Python {text.python}: look at it with that one"
            yield warning(RENDERING, f"{message}, as this Python reads it", where, hint)
        if not where.startswith(self._own):
            return  # how a file of somebody else's looks is not this pack's affair
        content = text.content
        copied = where.startswith("/") and not where.endswith(".j2")
        if not copied and (found := LEFTOVER.search(content)):
            place, line = _place(text, found.start())
            message = f"{place} has what Jinja should have rendered: {line[:60]}"
            yield warning(RENDERING, message, where, MEND)
        if found := BLANKS.search(content):
            place, _ = _place(text, found.start())
            yield warning(RENDERING, f"{place} ends with blanks", where, MEND)
        if content[:1] == "\n" or content[-1:] != "\n" or content[-2:] == "\n\n":
            message = f"{text.path} begins with an empty line, or does not end with one line's end"
            yield warning(RENDERING, message, where, MEND)

    def _as_the_doctor(self, texts: dict[str, str], origins: dict[str, str]) -> Iterator[Finding]:
        """`gen doctor` has nothing to say about a service that was just made."""
        for pin in pins_of(texts, self._known.pins):
            if not pin.exact:
                message = f"{pin.path}:{pin.line} does not pin the {pin.what} {pin.name}"
                hint = "name the very version that it was tested with"
                yield warning(RENDERING, message, origins.get(pin.path, pin.path), hint)
        for found in check_secrets(texts, self._known.secrets):
            if found.status != OK:
                path = found.where.rpartition(":")[0]
                message = f"{found.where}: {found.message}"
                yield failure(RENDERING, message, origins.get(path, path), found.hint)

    def _note_used(self, rendering: Rendering) -> None:
        """Every file that had a part in the service, and every template that was called so far."""
        for layer in rendering.layers:
            self._used.update(path for path in layer.files.values() if not path.endswith(".j2"))
        self._used.update(template for template, _ in rendering.origins.values())
        self._called = rendering.templates.loader.sources

    def never_used(self, root: Path, below: tuple[str, ...]) -> Iterator[Finding]:
        """The files of a pack that no service had a part of, and that no template called."""
        for path in sorted(path for part in PARTS for path in (root / part).rglob("*")):
            name = path.relative_to(root).as_posix()
            if not path.is_file() or path.name in NO_PART or "__pycache__" in path.parts:
                continue
            used = str(path) in self._used or {path.as_posix(), name} & self._called.keys()
            if name.startswith(below) and not used:
                hint = "delete it, or mend what should use it"
                yield warning(RENDERING, "no service has a part of it", name, hint)

    def findings(self) -> Iterator[Finding]:
        """All that was wrong, and how much was looked at."""
        for script, problem in shell_problems(self._scripts).items():
            message = f"{script.path} cannot be read: {problem}"
            yield failure(RENDERING, message, self._told.place(self._scripts[script]), MEND)
        found = list(self._told.findings())
        yield from found
        if not found and self.rendered:
            refused = f"; {self.refused} more are refused by rules" if self.refused else ""
            number = (
                f"{self.rendered} services render" if self.rendered > 1 else "1 service renders"
            )
            yield fine(RENDERING, f"{number}, {len(self._seen)} different files are sound{refused}")


def _place(text: Text, at: int) -> tuple[str, str]:
    """Path and number of the line with the character `at`, and what stands in it."""
    number = text.content.count("\n", 0, at) + 1
    return f"{text.path}:{number}", text.content.split("\n")[number - 1].strip()
