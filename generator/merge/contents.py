"""Merges the contents of one path: each way of merging in turn, until one decides.

    style aside -> by key (YAML, TOML) -> by lines -> conflict

A result counts only if an independent check finds that it still parses and that no line of the
developer's is gone; otherwise the next way decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from generator.merge import lines, style
from generator.merge.difference import changes
from generator.merge.hunks import Hunk, Merged, hunks, settled

Kind = Literal["yaml", "toml", "json", "python"]
KINDS: dict[str, Kind] = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".toml": "toml",
    ".json": "json",
    ".py": "python",
}
"""What a path's ending says about its syntax. Other files have none that is checked."""

UNMARKED = ("binary", "encoding", "markers")
"""Steps after which there is no place for marks."""


class Outcome(NamedTuple):
    """What became of one path's contents.

    `step` says what decided, or why nothing could:

    - "same": one side as a whole: the other changed nothing, or both say the same;
    - "keyed", "lines": that way of merging; with hunks where both sides changed one place;
    - "check": no way had a result that stands; one hunk;
    - "new": there is no base, and both have a file of that name; one hunk;
    - "markers": marks of an earlier conflict are left in ours; one hunk, at the first mark;
    - "binary", "encoding": the sides cannot be mixed. No hunks.
    """

    step: str
    ours: bytes
    theirs: bytes
    merged: Merged = ()
    style: style.Style = style.Style()
    content: bytes | None = None
    """The result, or None where there is a conflict."""

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        return hunks(self.merged)


def decide(outcome: Outcome, how: Literal["markers", "ours", "theirs"]) -> bytes | None:
    """The contents with all that is not settled decided for one side, or marked.

    None where marks are not possible: in a binary, among two encodings, and within other marks.
    """
    if outcome.content is not None:
        return outcome.content
    if how == "markers":
        if outcome.step in UNMARKED:
            return None
        return style.write(lines.markers(outcome.merged), outcome.style)
    if not outcome.merged:
        return outcome.ours if how == "ours" else outcome.theirs
    return style.write(_for_side(outcome.merged, how), outcome.style)


def _for_side(merged: Merged, side: Literal["ours", "theirs"]) -> str:
    pieces = [(piece, piece) if isinstance(piece, str) else piece[1:3] for piece in merged]
    return "".join(ours if side == "ours" else theirs for ours, theirs in pieces)


def merge_contents(
    path: str,
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    renamed: Mapping[str, str] | None = None,
    forms: Mapping[str, Sequence[str]] | None = None,
) -> Outcome:
    """What becomes of the file at `path`, in the developer's style.

    `base` is None where the generator wrote no such file before. `renamed` says which keys have
    another name in theirs, and `forms` which function (`following.Forms`): old -> new. Never raises
    for what files contain.
    """
    if ours in (theirs, base) or base == theirs:
        return Outcome("same", ours, theirs, content=theirs if ours == base else ours)
    texts = [None if side is None else style.read(side) for side in (base, ours, theirs)]
    old, mine, new = texts
    if mine is None or new is None or (base is not None and old is None):
        return Outcome("binary", ours, theirs)
    (text, own), (new_text, new_style) = mine, new
    conflict = Outcome("", ours, theirs, style=own)
    if text == new_text or (old and old[0] == new_text):
        return conflict._replace(step="same", content=ours)
    if old and old[0] == text:
        return conflict._replace(step="same", content=style.write(new_text, own))
    if _clash(text, own, new_text, new_style):
        return conflict._replace(step="encoding")
    marks = lines.marker_lines(text)
    if marks:
        before = old[0] if old else ""
        return conflict._replace(step="markers", merged=[Hunk(before, text, new_text, marks[0])])
    if old is None:
        return conflict._replace(step="new", merged=[Hunk("", text, new_text, 1)])
    step, merged = _merge_texts(path, Texts(old[0], text, new_text), renamed or {}, forms or {})
    result = settled(merged)
    content = None if result is None else style.write(result, own)
    return conflict._replace(step=step, merged=merged, content=content)


def _clash(ours: str, own: style.Style, theirs: str, new: style.Style) -> bool:
    """Whether one is UTF-8, and not just ASCII, and the other is something else."""
    if own.utf8 == new.utf8:
        return False
    return own.bom or new.bom or not (ours if own.utf8 else theirs).isascii()


# The ways, one after the other


class Texts(NamedTuple):
    """The three sides without their style."""

    base: str
    ours: str
    theirs: str


def _merge_texts(
    path: str, texts: Texts, renamed: Mapping[str, str], forms: Mapping[str, Sequence[str]]
) -> tuple[str, Merged]:
    """What decided, and its result. Hunks of the keyed way are final.

    Where two sides mean different things by one key, a merge of lines that happens to be clean
    would hide it.
    """
    kind = KINDS.get(path[path.rfind(".") :])
    if kind in ("yaml", "toml"):
        from generator.merge import keyed  # parsers take long to import

        if renamed:
            base, ours = (keyed.renamed(kind, text, texts.theirs, renamed) for text in texts[:2])
            texts = Texts(base, ours, texts.theirs)
        texts = _followed(texts, forms)
        merged = keyed.merge(kind, *texts)
        if merged is not None:
            if _stands(kind, texts, merged):
                return "keyed", merged
            if hunks(merged):
                return "check", lines.one_hunk(*texts)
    else:
        texts = _followed(texts, forms)
    merged = lines.merge(*texts)
    if _stands(kind, texts, merged):
        return "lines", merged
    return "check", lines.one_hunk(*texts)


def _followed(texts: Texts, forms: Mapping[str, Sequence[str]]) -> Texts:
    """The three sides with a function's new name in all of them."""
    if not forms:
        return texts
    from generator.merge.following import followed

    base, ours = followed(*texts, forms)
    return texts._replace(base=base, ours=ours)


def _stands(kind: Kind | None, texts: Texts, merged: Merged) -> bool:
    """Whether a result can be trusted. One with hunks need not parse: a person looks at it."""
    if not keeps_lines(texts, _for_side(merged, "ours")):
        return False
    return bool(hunks(merged)) or _still_parses(kind, texts, _for_side(merged, "ours"))


def keeps_lines(texts: Texts, result: str) -> bool:
    """Whether each line that ours adds to base is in `result`, as often as it has to be.

    A line may be there less often than in ours only as far as theirs has it less often than base,
    and once for two where both added the same. Indentation does not count, nor do blank lines.
    """
    base, ours, theirs, got = (_counted(text) for text in (*texts, result))
    missing = [line for line in ours if ours[line] > base[line] and got[line] < ours[line]]
    if not missing:
        return True
    inserted = _inserted(texts.base, texts.theirs)
    for line in missing:
        both = min(ours[line] - base[line], inserted[line])
        if got[line] < ours[line] + min(0, theirs[line] - base[line] - both):
            return False
    return True


def _counted(text: str) -> Counter[str]:
    counts = Counter(line.strip() for line in text.split("\n"))
    del counts[""]
    return counts


def _inserted(base: str, side: str) -> Counter[str]:
    """How often each line is in what `side` changed."""
    before, after = lines.split(base), lines.split(side)
    return Counter(
        line.strip()
        for change in changes(before, after)
        for line in after[change.low : change.high]
    )


# What still parses


def _still_parses(kind: Kind | None, texts: Texts, result: str) -> bool:
    """Whether `result` parses, if both sides do."""
    if kind is None:
        return True
    parses = _parser(kind)
    return parses(result) or not (parses(texts.ours) and parses(texts.theirs))


def _parser(kind: Kind) -> Callable[[str], bool]:
    if kind == "json":
        return _is_json
    if kind == "python":
        return _is_python
    from generator.merge import keyed

    return lambda text: keyed.parses(kind, text)


def _is_json(text: str) -> bool:
    import json

    try:
        json.loads(text, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError):
        return False
    return True


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _is_python(text: str) -> bool:
    import ast
    import warnings

    with warnings.catch_warnings():  # an odd escape in a string is the linter's business
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
