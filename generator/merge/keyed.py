"""Merges YAML and TOML files key by key. Text is spliced as it was written, never dumped.

A parser finds which lines each key has (`yaml_spans`, `toml_spans`). Three trees of such entries
are merged (`entries`, `siblings`), and what comes out is parsed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from generator.merge import entries
from generator.merge.abridge import abridged, is_whole, restored
from generator.merge.hunks import Merged, settled
from generator.merge.renaming import renamed_keys
from generator.merge.spans import Inside, Node, Odd, Path


def merge(kind: str, base: str, ours: str, theirs: str) -> Merged | None:
    """What becomes of a "yaml" or "toml" file that both sides changed.

    None where something is odd, so that another step has to decide.
    """
    spans = _spans(kind)
    try:
        if ours == base:
            return [theirs]
        if theirs in (base, ours):
            return [ours]
        merged = _merged(spans, base, ours, theirs)
    except (Odd, RecursionError):
        return None
    text = settled(merged)
    return merged if spans.parses(ours if text is None else text) else None


def renamed(kind: str, text: str, theirs: str, names: Mapping[str, str]) -> str:
    """`text` with those keys in their new name that theirs has so: old name -> new name.

    Done to base and ours before a merge, what the developer wrote below a key goes with it. The
    text as it is where it is not understood.
    """
    try:
        return renamed_keys(_spans(kind).read, text, theirs, names)
    except (Odd, RecursionError):
        return text


def parses(kind: str, text: str) -> bool:
    """Whether `text` is a "yaml" or "toml" file. One with a key twice is not."""
    return bool(_spans(kind).parses(text))


def _spans(kind: str) -> ModuleType:
    if kind == "toml":
        from generator.merge import toml_spans

        return toml_spans
    from generator.merge import yaml_spans  # which imports PyYAML

    return yaml_spans


def _merged(spans: ModuleType, base: str, ours: str, theirs: str) -> Merged:
    """The merge of files that differ. Raises Odd."""
    shorter = abridged(base, ours, theirs)
    merged = restored(_merged_trees(spans, shorter.texts), shorter)
    return merged if is_whole(merged, shorter) else _merged_trees(spans, (base, ours, theirs))


def _merged_trees(spans: ModuleType, texts: Sequence[str]) -> Merged:
    was, mine, other = (_held(spans.read(text)) for text in texts)
    if not was.shape == mine.shape == other.shape:
        raise Odd("a mapping and a sequence")
    if _is_uneven(was, mine, other):
        raise Odd("arrays of different lengths")
    return entries.merge_inside(was, mine, other, (), 1)


def _held(root: Node) -> Inside:
    inside = root.inside()
    if inside is None:
        raise Odd("nothing inside")
    return inside


def _is_uneven(base: Inside, ours: Inside, theirs: Inside) -> bool:
    """Whether both sides changed how many tables an array has, or what they are while their number
    changed: they are told apart by their places only."""
    was, mine, other = (_arrays(inside) for inside in (base, ours, theirs))
    return any(
        not len(was.get(name, ())) == len(mine.get(name, ())) == len(other.get(name, ()))
        and was.get(name) not in (mine.get(name), other.get(name))
        for name in was.keys() | mine.keys() | other.keys()
    )


def _arrays(inside: Inside) -> dict[Path, list[str]]:
    """The texts of the tables in each array of tables."""
    found: dict[Path, list[str]] = {}
    for child in inside.children:
        place = next((at for at, part in enumerate(child.path) if part.startswith("[")), None)
        if place is not None and inside.shape == "mapping" and child.style == "exact":
            found.setdefault(child.path[:place], []).append(child.text)
    return found
