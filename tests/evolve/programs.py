"""Commands of `gen` as data that hypothesis can shrink, and a service that they are run on."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from evolve.handwork import Edit, edits, work
from evolve.playground import Result, Service
from evolve.promises import Merge, check_marks, check_merge
from hypothesis import strategies as st

from generator.base import read_base
from generator.declaration import parse_declaration
from generator.tree import Entry, Tree

NAMES = ("api", "uploads", "jobs", "api_v2", "images", "orders", "job", "on", "function", "z")
OPTIONS: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    "http": (
        ("path", (["/orders", "/orders/{id}"], ["/"])),
        ("methods", (["GET"], ["PUT", "DELETE"])),
        ("timeout", (5, 20)),
    ),
    "s3": (
        ("bucket", ("shared", "photos")),
        ("prefix", ("in/", "new/")),
        ("suffix", (".png",)),
        ("existing", (True,)),
    ),
    "sqs": (
        ("queue", ("shared", "work.fifo")),
        ("batch_size", (1, 5)),
        ("fifo", (True,)),
        ("max_receive_count", (2,)),
        ("existing", (True,)),
    ),
    "schedule": (("schedule", ("rate(2 hours)", "rate(5 days)")), ("enabled", (False,))),
}
TRIGGERS = tuple(OPTIONS)
TOOLS = ("sam", "serverless")
CHOICES = ("", "", "ours", "theirs", "markers")
NUMBER = st.integers(0, 9)


class Command(NamedTuple):
    """`what` is one of `COMMANDS`; the numbers say which function, trigger and option.

    `choice` is what to try with `--conflict`, where it conflicts.
    """

    what: str
    one: int
    two: int
    three: int
    choice: str = ""


COMMANDS = ("add", "add", "add", "remove", "rename", "option", "tool", "apply", "restore", "undo")

commands = st.builds(
    Command, st.sampled_from(COMMANDS), NUMBER, NUMBER, NUMBER, st.sampled_from(CHOICES)
)
rounds = st.lists(st.tuples(st.lists(edits, max_size=4), commands), min_size=1, max_size=4)
untouched = st.lists(commands, min_size=1, max_size=5)


class State(NamedTuple):
    """Everything of a service that a command could change."""

    tree: Tree
    folders: frozenset[str]
    record: bytes


class Done(NamedTuple):
    """The last command: what it made of the service, and the names of a rename."""

    before: Tree
    after: Tree
    renamed: tuple[str, str] | None


class Session:
    """A service at work: what is done to it, and what every command has to keep."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.last: Done | None = None
        self.loose: set[str] = set()
        self.edits = 0
        self.log: list[str] = []

    def state(self) -> State:
        root = self.service.root
        folders = {
            path.relative_to(root).as_posix()
            for path in root.rglob("*/")
            if ".gen" not in path.relative_to(root).parts and any(path.iterdir())
        }
        record = root / ".gen/undo"
        content = record.read_bytes() if record.exists() else b""
        return State(self.service.tree(), frozenset(folders), content)

    def functions(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """What gen.toml says of each: its trigger and its options."""
        answers = parse_declaration(self.service.read("gen.toml").replace("\r\n", "\n"))
        return {f.name: (f.trigger, dict(f.options)) for f in answers.functions}

    def edit(self, edit: Edit) -> None:
        self.edits += 1
        path = work(self.service, edit, self.edits)
        if path:
            self.log.append(f"{path}: {edit.how} {edit}")
        if path and edit.how == "move":
            self.loose.add(path)

    def run(self, command: Command) -> int:
        """Runs a command, with everything that has to hold then: its exit code."""
        arguments, declared = self._arguments(command)
        if not arguments:
            return 0
        text = (self.service.root / "gen.toml").read_bytes()
        if declared:
            self.service.write("gen.toml", declared)
        before, generated, functions = self.state(), self._generated(), self.functions()
        result = self._gen(*arguments)
        self.log.append(f"gen {' '.join(arguments)}: {result.code}")
        if result.code == 3 and command.choice:
            return self._decided(before, *arguments, "--conflict", command.choice)
        if result.code:
            assert self.state() == before, f"{self.log}: changed something"
            if declared:
                self.service.write("gen.toml", text)
            return result.code
        renamed = (arguments[1], arguments[2]) if command.what == "rename" else None
        if command.what == "restore" and len(arguments) > 1:
            self._check_restored(before, arguments[-1])
            return 0
        self._check(before, generated, renamed, undone=command.what == "undo")
        if command.what == "remove":
            assert self.functions() == {
                name: said for name, said in functions.items() if name != arguments[1]
            }
        return 0

    def _gen(self, *arguments: str) -> Result:
        from evolve.playground import gen

        result = gen(self.service.root, *arguments)
        said = f"{self.log}\ngen {arguments}: {result.code}\n{result.out}{result.err}"
        assert result.code in (0, 2, 3), said
        assert "Traceback" not in result.err + result.out, said
        return result

    def _generated(self) -> Tree:
        base = read_base(self.service.root)
        return {path: next(base.entries(path)) for path in base.candidates}

    def _check(
        self, before: State, base: Tree, renamed: tuple[str, str] | None, undone: bool
    ) -> None:
        after = self.state()
        if undone:
            assert self.last
            theirs, base = _visible(self.last.before), _visible(self.last.after)
            renamed = self.last.renamed and (self.last.renamed[1], self.last.renamed[0])
        else:
            theirs = self._generated()
            self._check_settled(after)
        sides = Merge(
            base,
            _visible(before.tree),
            theirs,
            _visible(after.tree),
            renamed,
            frozenset(self.loose),
        )
        try:
            check_merge(_with_same_gitignore(sides))
        except AssertionError as error:
            raise AssertionError(f"{self.log}\n{error}") from error
        self._check_undo(before, after, renamed)

    def _check_restored(self, before: State, path: str) -> None:
        """A deleted file is back as it was generated."""
        after = self.state()
        entry = self._generated()[path]
        others = {name: found for name, found in after.tree.items() if name != path}
        if not any(_visible(before.tree).get(n) != e for n, e in _visible(others).items()):
            assert after.tree[path] == entry, f"{self.log}: restored"
        self._check_settled(after)
        self._check_undo(before, after, None)

    def _check_settled(self, after: State) -> None:
        """What was applied is applied."""
        check = self._gen("check")
        assert check.code == 0, f"{self.log}\n{check.err}{check.out}"
        assert "Nothing to do." in self._gen("apply").err, self.log
        assert self.state() == after, f"{self.log}: nothing to do, and yet"

    def _check_undo(self, before: State, after: State, renamed: tuple[str, str] | None) -> None:
        """There and back."""
        if after.tree == before.tree:
            assert after.record == before.record
            return
        for wanted in (before, after):
            undo = self._gen("undo")
            assert undo.code == 0, f"{self.log}\n{undo.err}"
            now = self.state()
            assert now.folders == wanted.folders, self.log
            _assert_same(now.tree, wanted.tree, f"{self.log} undo")
        self.last = Done(before.tree, after.tree, renamed)

    def _decided(self, before: State, *arguments: str) -> int:
        """What `--conflict` decides; none of it is lost for `gen undo`."""
        result = self._gen(*arguments)
        self.log.append(f"gen {' '.join(arguments)}: {result.code}")
        after = self.state()
        if result.code:
            assert after == before, f"{self.log}: changed something"
            return result.code
        if arguments[-1] in ("ours", "markers") and arguments[0] != "rename":
            try:
                check_marks(Merge({}, before.tree, {}, after.tree))
            except AssertionError as error:
                raise AssertionError(f"{self.log}\n{error}") from error
        if arguments[-1] != "markers" and arguments[0] != "undo":
            self._check_settled(after)
        self._check_undo(before, after, None)
        self._gen("undo")
        self.log.append("gen undo")
        self.last = None  # another undo would drop again what was dropped
        return 0

    # What a command is, for this service

    def _arguments(self, command: Command) -> tuple[tuple[str, ...], bytes]:
        """The arguments of `gen`, and a gen.toml to write before; no arguments: not possible."""
        functions = self.functions()
        names = sorted(functions)
        name = names[command.one % len(names)] if names else ""
        if command.what in ("remove", "rename", "option") and not names:
            return (), b""
        if command.what == "add":
            return self._add(command), b""
        if command.what == "remove":
            return ("remove-trigger", name), b""
        if command.what == "rename":
            return ("rename", name, NAMES[command.two]), b""
        if command.what == "option":
            return ("apply",), self._with_option(name, functions[name][0], command)
        if command.what == "tool":
            tool = TOOLS[command.one % 2]
            text = (self.service.root / "gen.toml").read_bytes()
            return ("apply",), re.sub(rb'tool = "\w+"', f'tool = "{tool}"'.encode(), text)
        if command.what == "undo":
            return (("undo",) if self.last else ()), b""
        if command.what == "restore":
            base, tree = self._generated(), self.service.tree()
            deleted = sorted(path for path in base if path not in tree)
            if deleted:
                return ("apply", "--restore", deleted[command.one % len(deleted)]), b""
        return ("apply",), b""

    @staticmethod
    def _add(command: Command) -> tuple[str, ...]:
        trigger = TRIGGERS[command.two % len(TRIGGERS)]
        arguments = ["add-trigger", trigger, "--name", NAMES[command.one], "--no-input"]
        if command.three > 4:
            option, values = OPTIONS[trigger][command.three % len(OPTIONS[trigger])]
            arguments += ["--set", f"{option}={spelled(values[0])}"]
        return tuple(arguments)

    def _with_option(self, name: str, trigger: str, command: Command) -> bytes:
        """gen.toml with another value, where the generator would write it."""
        option, values = OPTIONS[trigger][command.two % len(OPTIONS[trigger])]
        text = (self.service.root / "gen.toml").read_bytes()
        pattern = rf"(?m)^\[functions\.{name}\]\r?\ntrigger = \"\w+\"\r?\n(?:\w+ = [^\r\n]*\r?\n?)*"
        table = re.search(pattern.encode(), text)
        if not table:
            return b""
        lines = [
            line
            for line in table[0].decode().splitlines(keepends=True)
            if not line.startswith(f"{option} ")
        ]
        if command.three % (len(values) + 1):
            end = "\r\n" if lines[0].endswith("\r\n") else "\n"
            lines[-1] = lines[-1].rstrip("\r\n") + end
            lines.append(f"{option} = {json.dumps(values[command.three % len(values)])}{end}")
            lines[2:] = sorted(lines[2:])
        return text.replace(table[0], "".join(lines).encode())


def spelled(value: Any) -> str:
    """A value as `--set` takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def _visible(tree: Tree) -> Tree:
    return {path: entry for path, entry in tree.items() if not path.startswith(".gen/base/")}


def _with_same_gitignore(sides: Merge) -> Merge:
    """`.gen/.gitignore` is the same on all sides, whether or not it is remembered."""
    same = {".gen/.gitignore": sides.ours.get(".gen/.gitignore", Entry(b""))}
    return sides._replace(base=sides.base | same, theirs=sides.theirs | same)


def _assert_same(one: Tree, other: Tree, where: str) -> None:
    different = sorted(path for path in {*one, *other} if one.get(path) != other.get(path))
    assert not different, f"{where}: {different}"
