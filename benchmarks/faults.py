"""What updates do when something is in their way: observed in the tree that they leave."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.fault_subjects import ADD, ENLARGE, REMOVE, Change, Subject, subjects
from benchmarks.killing import CHANGES, DELAYS, kill_often
from benchmarks.measure import disk
from benchmarks.peers_evolve import commit_all, read, run
from benchmarks.report import Table
from generator.tree import Tree

LINE = "# a developer's line"
MINE = '{"mine": true}\n'
COMING = "events/zips/sample.json"
LOGIC = "src/orders/zips/logic.py"
TEMPLATE = "template.yaml"
CUSTOM = """\
  CustomFunction: # a developer's
    Type: AWS::Serverless::Function
    Properties:
      Handler: orders.custom.handler

"""

METHOD = f"""\
A service with three functions, committed in git, is updated while something is in the way: by
`gen add-trigger`, `gen remove-trigger` or `gen apply`, and by `cruft update --skip-apply-ask` and
`copier update --defaults --trust` from the same files as two versions of a template. What the
table says was found by a program in the tree that was left. "LOST": gone from the tree; what was
committed is still in git's history. "Raised": the project says that it has the new version, though
the update is not whole. "Markers": `<<<<<<<` in a file. "Again": the same command once more, after
a commit of all that the first one left. Killed runs (SIGKILL to all processes of the command) are
those that ended so: as soon as 1 to {len(CHANGES)} files had changed, and after {DELAYS} parts of a
whole run's time; a torn tree is neither that before the update nor that after it. The peers'
second run refuses the unclean git tree; `git restore` and `git clean` are up to the developer."""


class Seen(NamedTuple):
    """A project before an update and after it."""

    before: Tree
    after: Tree
    code: int
    raised: bool
    again: tuple[int, bool]
    """A second run: its exit code, and whether it changed anything."""

    def has(self, text: str, path: str = "") -> bool:
        """Whether `text` is in the file after the update; without a path, in any file."""
        files = [self.after[path]] if path in self.after else [] if path else self.after.values()
        return any(text.encode() in entry.content for entry in files)


class Fault(NamedTuple):
    """Something in the way of a change; `judge` tells from the tree what became of it."""

    what: str
    change: Change
    arrange: Callable[[Path], None]
    judge: Callable[[Seen], str]
    twice: bool = False


def run_faults() -> list[Table]:
    """A row for each fault and a column for each program."""
    columns = subjects()
    with tempfile.TemporaryDirectory(prefix="bench-faults-", dir=disk()) as folder:
        projects = _projects(Path(folder), columns)
        rows = [
            (fault.what, *(_try(fault, subject, projects, Path(folder)) for subject in columns))
            for fault in FAULTS
        ]
        killed = [
            kill_often(projects[subject.name, ADD.name], subject.update(ADD), Path(folder))
            for subject in columns
        ]
    rows += [
        ("`kill -9` in the middle: the tree", *(k.tree() for k in killed)),
        ("... and the same command once more", *(k.second_run() for k in killed)),
    ]
    return [Table("Faults", METHOD, ("fault", *(s.name for s in columns)), rows)]


def _projects(folder: Path, columns: Sequence[Subject]) -> dict[tuple[str, str], Path]:
    found = {}
    for subject in columns:
        for change in (ADD, REMOVE, ENLARGE):
            place = folder / f"{subject.name}-{change.name}"
            place.mkdir()
            found[subject.name, change.name] = subject.create(place, change)
    return found


def _try(
    fault: Fault, subject: Subject, projects: dict[tuple[str, str], Path], folder: Path
) -> str:
    """What became of a fresh project with the fault, in words."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        project = Path(scratch) / "orders"
        shutil.copytree(projects[subject.name, fault.change.name], project, symlinks=True)
        fault.arrange(project)
        command = subject.update(fault.change)
        before, version = read(project), subject.version(project)
        code = run(command, project, check=False).returncode
        after, raised = read(project), subject.version(project) != version
        again = (0, False)
        if fault.twice:
            commit_all(project, "after the update")
            second = run(command, project, check=False)
            again = second.returncode, read(project) != after
    seen = Seen(before, after, code, raised, again)
    return f"{fault.judge(seen)}; {_signs(seen)}exit {code}"


def _signs(seen: Seen) -> str:
    """What is left of a conflict in the tree."""
    new = [path for path, entry in seen.after.items() if entry != seen.before.get(path)]
    signs = []
    rejected = sum(path.endswith(".rej") for path in new)
    marked = sum(b"<<<<<<< " in seen.after[path].content for path in new)
    if rejected:
        signs.append(f"{rejected} .rej left")
    if marked:
        signs.append(f"markers in {marked} file{'s' * (marked > 1)}")
    if seen.after == seen.before:
        signs.append("nothing written")
    return "".join(f"{sign}, " for sign in signs)


def _kept(kept: bool) -> str:
    return "kept" if kept else "LOST"


def _function(seen: Seen) -> str:
    return "function added" if _added(seen) else "function not added"


def _added(seen: Seen) -> bool:
    """Whether the new function is there, in its module and in the infrastructure."""
    return LOGIC in seen.after and seen.has("  ZipsFunction:", TEMPLATE)


def _append(project: Path, path: str, text: str) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text("utf-8") if file.exists() else ""
    file.write_text(before + text, "utf-8")


def _replace(project: Path, path: str, old: str, new: str) -> None:
    file = project / path
    text = file.read_text("utf-8")
    if old not in text:
        raise ValueError(f"{path} has no {old!r}")
    file.write_text(text.replace(old, new, 1), "utf-8")


def _edit_dropped(project: Path) -> None:
    _append(project, LOGIC, f"\n{LINE}\n")
    commit_all(project, "edited")


def _dropped(seen: Seen) -> str:
    left = LOGIC in seen.after, seen.has("  ZipsFunction:", TEMPLATE)
    function = {(True, True): "not removed", (False, False): "removed"}.get(left, "half removed")
    return f"edit {_kept(seen.has(LINE))}, function {function}"


def _ignored(project: Path) -> None:
    _append(project, ".gitignore", "/events/zips/\n")
    commit_all(project, "ignored")
    _append(project, COMING, MINE)


def _untracked(project: Path) -> None:
    _append(project, COMING, MINE)


def _coming(seen: Seen) -> str:
    kept = seen.after.get(COMING) == seen.before[COMING]
    without = " without its own" if kept and _added(seen) else ""
    return f"{_kept(kept)}, {_function(seen)}{without}"


def _conflicting(project: Path) -> None:
    _replace(project, TEMPLATE, "MemorySize: 256", f"MemorySize: 1024 {LINE}")
    commit_all(project, "edited")


def _conflict(seen: Seen) -> str:
    code, changed = seen.again
    version = "raised" if seen.raised else "not raised"
    second = "changes files" if changed else "changes nothing"
    return f"{_kept(seen.has(LINE))}, {version} (again: {second}, exit {code})"


def _custom_function(project: Path) -> None:
    _replace(project, TEMPLATE, "Outputs:\n", f"{CUSTOM}Outputs:\n")
    commit_all(project, "edited")


def _custom(seen: Seen) -> str:
    clean = _added(seen) and not seen.has("<<<<<<< ") and not _signs(seen)
    kept = seen.has(CUSTOM.rstrip(), TEMPLATE)
    return f"{_kept(kept)}, {'merged' if clean else 'FALSE CONFLICT'}"


def _search_and_replace(project: Path) -> None:
    """As `sed -i` over everything does: in the tools' own records, too."""
    for file in sorted(project.rglob("*")):
        if file.is_file() and ".git" not in file.relative_to(project).parts:
            content = file.read_bytes()
            for old, new in ((b"Timeout: 10", b"Timeout: 29"), (b"eu-west-1", b"us-east-2")):
                content = content.replace(old, new)
            file.write_bytes(content)
    commit_all(project, "replaced")


def _replaced(seen: Seen) -> str:
    """Each line that was edited is still there, as often."""
    kept = all(
        len(re.findall(word, seen.after[path].content))
        >= len(re.findall(word, seen.before[path].content))
        for path in seen.before
        for word in (rb"Timeout: 29\b", rb"us-east-2\b")
        if path in seen.after
    )
    return f"edits {_kept(kept)}, {_function(seen)}"


def _dirty(project: Path) -> None:
    _append(project, "README.md", f"\n{LINE}\n")


def _after_dirty(seen: Seen) -> str:
    kept = _kept(seen.has(LINE, "README.md"))
    return f"edit {kept}, {_function(seen)}"


def _without_git(project: Path) -> None:
    shutil.rmtree(project / ".git")


FAULTS = (
    Fault("an edited file that the change drops", REMOVE, _edit_dropped, _dropped),
    Fault("a file that git ignores, where one is to come", ADD, _ignored, _coming),
    Fault("an untracked file where one is to come", ADD, _untracked, _coming),
    Fault("the same line edited on both sides", ENLARGE, _conflicting, _conflict, twice=True),
    Fault("a function of the developer's at the end", ADD, _custom_function, _custom),
    Fault("search and replace over all files", ADD, _search_and_replace, _replaced),
    Fault("uncommitted changes", ADD, _dirty, _after_dirty),
    Fault("no git repository", ADD, _without_git, _function),
)
