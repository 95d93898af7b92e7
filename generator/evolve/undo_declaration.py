"""What `gen undo` makes of a gen.toml that was edited since: of what it says, not how.

The developer may have written it anew, with inline tables or other quotes. A merge of its text that
happens to be clean could leave a function declared, or declare one twice over.
"""

from __future__ import annotations

from typing import Any

from generator.evolve.align import aligned_base, aligned_theirs, without_lines
from generator.evolve.decide import THEIRS, Conflict, Decision, File, decide
from generator.merge.style import read, write
from generator.toml_text import parse
from generator.tree import Entry

UNCHANGEABLE = "it is written in a way that gen cannot change"


class _Clash(Exception):
    """Raised where two gen.toml say something else of one value."""


def take_back_declaration(file: File, wrote: Entry, ours: Entry, before: Entry) -> Decision:
    """What becomes of gen.toml, where `wrote` is to be `before` again and `ours` is there now.

    The result says what all three say, merged by value; otherwise it is a conflict, which only
    `--conflict theirs` decides.
    """
    decision = _aligned(file, wrote, ours, before)
    ways = [ours if decision.keep else decision.entry, _without_gone(wrote, ours, before)]
    try:
        wanted = _three_way(_said(wrote), _said(ours), _said(before))
        found = next((way for way in ways if way and _says(way, wanted)), None)
    except (_Clash, ValueError):
        found = None
    if found and not decision.conflict:
        return decision if found is ways[0] else Decision(keep=False, entry=found)
    if file.choice == THEIRS:
        return Decision(keep=False, entry=before, note="dropped")
    conflict = decision.conflict or Conflict(file.path, "declaration", what=UNCHANGEABLE)
    what = conflict.what or "changed by you and by the generator"
    conflict = conflict._replace(kind="declaration", what=what)
    return Decision(keep=True, conflict=conflict)


def _aligned(file: File, wrote: Entry, ours: Entry, before: Entry) -> Decision:
    """The merge of the texts, where tables that say the same are the same."""
    try:
        base = aligned_base(_text(wrote), _text(ours), _text(wrote))
        theirs = aligned_theirs(_text(before), _text(ours))
    except (ValueError, RecursionError):
        base, theirs = _text(wrote), _text(before)
    wanted = file._replace(theirs=before._replace(content=theirs.encode()), choice="")
    return decide(wanted, [wrote._replace(content=base.encode())])


def _without_gone(wrote: Entry, ours: Entry, before: Entry) -> Entry | None:
    """Ours without the functions that go, where these have no table of their own."""
    style = read(ours.content)
    try:
        gone = {*_said(wrote).get("functions", {})} - {*_said(before).get("functions", {})}
    except ValueError:
        return None
    text = without_lines(_text(ours), gone)
    return ours._replace(content=write(text, style[1])) if style and gone else None


def _text(entry: Entry) -> str:
    style = read(entry.content)
    return style[0] if style else ""


def _said(entry: Entry) -> dict[str, Any]:
    return parse(_text(entry))


def _says(entry: Entry, wanted: dict[str, Any]) -> bool:
    try:
        return _said(entry) == wanted
    except ValueError:
        return False


def _three_way(base: Any, ours: Any, theirs: Any) -> Any:
    """Three values merged; None is a key that is not there. Raises _Clash."""
    if ours == base:
        return theirs
    if theirs in (base, ours):
        return ours
    if not all(isinstance(side, dict) for side in (base, ours, theirs)):
        raise _Clash
    keys = dict.fromkeys([*ours, *theirs])
    merged = {key: _three_way(*(side.get(key) for side in (base, ours, theirs))) for key in keys}
    return {key: value for key, value in merged.items() if value is not None}
