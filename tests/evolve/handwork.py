"""What a developer does to the files of a service by hand, as data that hypothesis can shrink."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import NamedTuple

from evolve.looking import MAIN
from evolve.playground import Service
from evolve.promises import MARK, meaning, parses
from hypothesis import strategies as st

SYNTAX = {".md": "{}", ".json": '"{}": 1,', ".js": "// {}"}
"""A line of one's own, where it is not a comment that begins with `#`."""

FEW = st.integers(0, 3)
PLACE = st.integers(0, 700)


class Edit(NamedTuple):
    """`how`, a key of `EDITS` or `FILES`, in the file number `file` of those that `where` means."""

    how: str
    where: str
    file: int
    at: int
    to: int
    size: int


class Spot(NamedTuple):
    """Where an edit goes: the lines of a file, numbers of lines, and a word that marks it."""

    path: str
    lines: list[str]
    at: int
    to: int
    size: int
    mark: str

    @property
    def indent(self) -> str:
        """That of the next line which is not blank."""
        line = next((line for line in self.lines[self.at :] if line.strip()), "")
        return line[: len(line) - len(line.lstrip())]

    def with_lines(self, *new: str) -> str:
        """The text with these lines before the one at `at`."""
        added = [self.indent + line + "\n" for line in new]
        return "".join([*self.lines[: self.at], *added, *self.lines[self.at :]])

    def with_line(self, new: str) -> str:
        """The text with another line at `at`; `new` lacks its end."""
        return "".join([*self.lines[: self.at], new + "\n", *self.lines[self.at + 1 :]])

    @property
    def line(self) -> str:
        return self.lines[self.at].rstrip() if self.at < len(self.lines) else ""


def _comment(spot: Spot) -> str:
    ending = spot.path[spot.path.rfind(".") :]
    return spot.with_lines(SYNTAX.get(ending, "# {}").format(spot.mark))


def _block(spot: Spot) -> str:
    """An entry with more in it; in a list, an item."""
    if spot.path.endswith(".py"):
        return spot.with_lines(f"{spot.mark.replace('-', '_')} = [", f'    "{spot.mark}",', "]", "")
    if spot.path.endswith((".yml", ".yaml")):
        if spot.line.lstrip().startswith("- "):
            return spot.with_lines(f"- {spot.mark}")
        return spot.with_lines(f"{spot.mark}:", f"  of: # {spot.mark}", f"    - {spot.mark}")
    return _comment(spot)


def _remark(spot: Spot) -> str:
    return spot.with_line(f"{spot.line} # {spot.mark}") if spot.line else _comment(spot)


def _value(spot: Spot) -> str:
    """Another value for a key, or another text after the first word."""
    match = re.match(r"(\s*(?:- )?[\w.-]+\s*[:=]|\s*\S+)\s", spot.line)
    quote = '"' if spot.path.endswith((".py", ".toml")) else ""
    return spot.with_line(f"{match[1]} {quote}{spot.mark}{quote}" if match else spot.line)


def _delete(spot: Spot) -> str:
    return "".join([*spot.lines[: spot.at], *spot.lines[_end(spot) :]])


def _move(spot: Spot) -> str:
    end = _end(spot)
    rest = [*spot.lines[: spot.at], *spot.lines[end:]]
    to = spot.to % (len(rest) + 1)
    return "".join([*rest[:to], *spot.lines[spot.at : end], *rest[to:]])


def _copy(spot: Spot) -> str:
    """A block of YAML once more, under a key of one's own: most of its lines are not new."""
    block = spot.lines[spot.at : _end(spot._replace(size=3))]
    key = re.match(r"\s*(?:- )?([\w.-]+):", spot.line)
    if not key or not spot.path.endswith((".yml", ".yaml")):
        return "".join(spot.lines)
    block[0] = block[0].replace(key[1], spot.mark, 1)
    return "".join([*spot.lines[: spot.at], *block, *spot.lines[spot.at :]])


def _end(spot: Spot) -> int:
    """Behind the lines that are meant: one or two, or all of a block."""
    end = spot.at + 1
    if spot.size < 2:
        return end + spot.size
    while end < len(spot.lines) and re.match(rf"{spot.indent} |\r?\n", spot.lines[end]):
        end += 1
    return end


def _indent(spot: Spot) -> str:
    """Four blanks a level as a formatter does it, or all lines deeper by some blanks."""
    if not spot.path.endswith((".yml", ".yaml", ".json")):
        return "".join(spot.lines)
    if spot.size:
        return re.sub(r"^ ", " " * (spot.size + 1), "".join(spot.lines), flags=re.MULTILINE)
    levels, new = [(0, 0)], []
    for line in spot.lines:
        bare = line.lstrip(" ")
        column = len(line) - len(bare)
        while bare.strip() and levels[-1][0] > column:
            levels.pop()
        if bare.strip() and levels[-1][0] < column:
            levels.append((column, levels[-1][1] + 4))
        new.append(" " * levels[-1][1] + bare if bare.strip() else line)
        if bare.startswith("- "):
            levels.append((column + 2, levels[-1][1] + 2))
    return "".join(new)


def _trailing(spot: Spot) -> str:
    return "".join(
        line.rstrip("\r\n") + "  " + line[len(line.rstrip("\r\n")) :]
        if not spot.size or spot.at <= number < spot.at + 10
        else line
        for number, line in enumerate(spot.lines)
    )


def _blank(spot: Spot) -> str:
    """More blank lines, or fewer."""
    text = "".join(spot.lines)
    ways = (
        "".join([*spot.lines[: spot.at], "\n", *spot.lines[spot.at :]]),
        text.replace("\n\n\n", "\n\n"),
        text.replace("\n\n", "\n"),
        text.replace("\n\n", "\n\n\n"),
    )
    return ways[spot.size]


def _quotes(spot: Spot) -> str:
    return spot.with_line(re.sub(r'"([^"\'\\$]*)"', r"'\1'", spot.line))


def _inline(spot: Spot) -> str:
    """The functions of gen.toml in one table, as inline tables or with dotted keys."""
    head, _, rest = "".join(spot.lines).partition("\n[functions.")
    if not rest or spot.path != "gen.toml":
        return "".join(spot.lines)
    tables = re.findall(r"\[functions\.(\w+)\]\n((?:[^\n\[]+.*\n)*)", "[functions." + rest)
    lines = []
    for name, table in tables:
        pairs = [line for line in table.splitlines() if line.strip() and line.strip()[0] != "#"]
        if spot.size % 2:
            lines.append(f"{name} = {{ {', '.join(pairs)} }}")
        else:
            lines += [f"{name}.{pair}" for pair in pairs]
    return "\n".join([head, "[functions]", *lines, ""])


EDITS: dict[str, Callable[[Spot], str]] = {
    "comment": _comment,
    "block": _block,
    "remark": _remark,
    "value": _value,
    "delete": _delete,
    "move": _move,
    "copy": _copy,
    "indent": _indent,
    "crlf": lambda spot: "".join(spot.lines).replace("\r\n", "\n").replace("\n", "\r\n"),
    "trailing": _trailing,
    "no final newline": lambda spot: "".join(spot.lines).rstrip("\r\n"),
    "blank": _blank,
    "quotes": _quotes,
    "inline": _inline,
}
TIDY = ("indent", "crlf", "trailing", "no final newline", "blank", "quotes", "inline")
FILES = ("remove file", "move file", "own file", "mode")
WHERE = ("main", "main", "gen.toml", "infra", "any", "any")

edits = st.builds(
    Edit,
    st.sampled_from((*EDITS, "comment", "block", "remark", *FILES)),
    st.sampled_from(WHERE),
    st.integers(0, 60),
    PLACE,
    PLACE,
    FEW,
)


def work(service: Service, edit: Edit, number: int) -> str:
    """Does one edit: the path that it changed, or an empty text where it could not be done.

    A file that parsed still does, and gen.toml says what it said.
    """
    mark = f"{MARK}-{number}-x"
    paths = _paths(service, "gen.toml" if edit.how == "inline" else edit.where)
    if edit.how == "own file":
        return _own_file(service, edit, mark)
    if not paths:
        return ""
    path = paths[edit.file % len(paths)]
    if edit.how in FILES:
        return _whole_file(service, edit, path, mark)
    content = (service.root / path).read_bytes()
    text = content.decode()
    lines = text.splitlines(keepends=True)
    spot = Spot(path, lines, edit.at % (len(lines) + 1), edit.to, edit.size, mark)
    new = EDITS[edit.how](spot)
    if new == text or (parses(path, content) and not parses(path, new.encode())):
        return ""
    if edit.how in TIDY and parses(path, content) and not _same(path, content, new.encode()):
        return ""
    if path == "gen.toml" and tomllib.loads(new) != tomllib.loads(text):
        return ""
    service.write(path, new)
    return path


def _same(path: str, one: bytes, other: bytes) -> bool:
    return bool(meaning(path, one) == meaning(path, other))


def _paths(service: Service, where: str) -> list[str]:
    """The files that `where` means; the developer's own are among "any"."""
    if where in ("main", "infra"):
        found = [path for path in MAIN.values() if (service.root / path).exists()]
        more = sorted(p.relative_to(service.root).as_posix() for p in service.root.glob("infra/*"))
        return found if where == "main" else more or found
    if where == "any":
        return sorted(path for path in service.tree(with_base=False) if not path.startswith(".gen"))
    return [where]


def _own_file(service: Service, edit: Edit, mark: str) -> str:
    """A file beside others: where no generated one is, and perhaps where one will be."""
    folders = sorted({path.rpartition("/")[0] for path in _paths(service, "any")})
    names = ("mine.py", "mine.yml", "logic.py", "jobs.yml")
    path = f"{folders[edit.file % len(folders)]}/{names[edit.size]}".lstrip("/")
    if (service.root / path).exists():
        return ""
    service.write(path, f"# {mark}\n")
    return path


def _whole_file(service: Service, edit: Edit, path: str, mark: str) -> str:
    if path == "gen.toml":
        return ""
    file = service.root / path
    if edit.how == "mode":
        file.chmod(file.stat().st_mode ^ 0o111)
    elif edit.how == "move file":
        service.write(f"elsewhere/{mark}{file.suffix}", file.read_bytes())
        file.unlink()
    else:
        file.unlink()
    return path
