"""What changed between two lists of lines, where that is beyond doubt.

A diff is rarely the only shortest one: a blank line or a closing bracket can be matched with this
or with that neighbour, and what two diffs make of one merge may differ. So a line counts as kept
only if *every* shortest diff keeps it. Between such lines lie the changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

MOST_EDITS = 500
"""A longer edit script is not looked for: its search costs the square of its length."""
MOST_STEPS = 2_000_000
NEARBY = 100
"""How far git looks around for lines that are new."""


class Change(NamedTuple):
    """Lines `start` to `end` of the base became lines `low` to `high` of one side."""

    start: int
    end: int
    low: int
    high: int


def common(first: Sequence[object], second: Sequence[object]) -> int:
    """How many lines two lists begin with in common."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def changes(base: Sequence[Hashable], side: Sequence[Hashable]) -> list[Change]:
    """What lies between the lines that every shortest diff keeps."""
    kept = [(-1, -1), *_kept(base, side), (len(base), len(side))]
    found = []
    for (last, side_last), (following, side_following) in pairwise(kept):
        change = Change(last + 1, following, side_last + 1, side_following)
        if change.start < change.end or change.low < change.high:
            found.append(_narrowed(base, side, change))
    return found


def _narrowed(base: Sequence[Hashable], side: Sequence[Hashable], change: Change) -> Change:
    """`change` without equal lines at its ends, where that is sure to be what git does.

    Those ends are in the change because they could also be matched with another line within it. Git
    slides what is inserted or deleted until it meets its neighbour, and else as far down as it can.
    """
    start, end, low, high = change
    old, new = base[start:end], side[low:high]
    shorter = min(len(old), len(new))
    head = common(old, new)
    tail = min(common(old[::-1], new[::-1]), shorter - head)
    rest, side_rest = old[head : len(old) - tail], new[head : len(new) - tail]
    if set(rest).isdisjoint(new) or set(side_rest).isdisjoint(old):
        return Change(start + head, end - tail, low + head, high - tail)
    return change


def _kept(base: Sequence[Hashable], side: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pairs of equal lines that every shortest diff keeps, or some of them where that is dear."""
    shared = set(base) & set(side)  # a line that only one has changes no choice, only the cost
    first = [index for index, line in enumerate(base) if line in shared]
    second = [index for index, line in enumerate(side) if line in shared]
    pairs = _forced_among(base, first, side, second)
    if pairs is None:
        return _head_and_tail(base, side)
    noise, side_noise = _noise(base, side), _noise(side, base)
    if not noise and not side_noise:
        return pairs
    first = [index for index in first if index not in noise]
    second = [index for index in second if index not in side_noise]
    also = set(_forced_among(base, first, side, second) or ())
    return [pair for pair in pairs if pair in also]


def _forced_among(
    base: Sequence[Hashable], first: list[int], side: Sequence[Hashable], second: list[int]
) -> list[tuple[int, int]] | None:
    """What `_forced` finds when only those lines count."""
    pairs = _forced([base[index] for index in first], [side[index] for index in second])
    return None if pairs is None else [(first[one], second[other]) for one, other in pairs]


def _noise(lines: Sequence[Hashable], other: Sequence[Hashable]) -> set[int]:
    """Frequent lines amid new ones: git's diff leaves them out, so it may find another way.

    A blank line in a rewritten passage says nothing about what it was before. Frequent is what the
    other text has about as often as the root of the number of lines; a passage has few of them.
    """
    counts = Counter(other)
    limit = 1 << (len(lines).bit_length() + 1) // 2
    head = common(lines, other)
    end = len(lines) - min(common(lines[::-1], other[::-1]), min(len(lines), len(other)) - head)
    found: set[int] = set()
    run: list[int] = []  # neighbours that are either new or frequent
    for index in range(head, end + 1):
        if index < end and not 0 < counts[lines[index]] < limit:
            run.append(index)
            continue
        found.update(_few_amid_new(run, [counts[lines[at]] == 0 for at in run]))
        run = []
    return found


def _few_amid_new(run: list[int], new: list[bool]) -> Iterator[int]:
    """Those of `run` that are not new, have new ones on both sides, and are few among them."""
    before = [0, *accumulate(new)]  # how many new ones come before each place
    for place, index in enumerate(run):
        low, high = max(0, place - NEARBY), min(len(run), place + NEARBY + 1)
        left, right = before[place] - before[low], before[high] - before[place]
        frequent = high - low - left - right
        if not new[place] and left and right and 3 * (frequent + 1) < left + right:
            yield index


def _head_and_tail(base: Sequence[Hashable], side: Sequence[Hashable]) -> list[tuple[int, int]]:
    """What both begin and end with, up to a line that is there only once: no diff moves that."""
    counts, side_counts = Counter(base), Counter(side)
    head = common(base, side)
    tail = min(common(base[::-1], side[::-1]), len(base) - head, len(side) - head)
    while head and max(counts[base[head - 1]], side_counts[base[head - 1]]) > 1:
        head -= 1
    while tail and max(counts[base[-tail]], side_counts[base[-tail]]) > 1:
        tail -= 1
    pairs = [(index, index) for index in range(head)]
    return pairs + [(len(base) - left, len(side) - left) for left in range(tail, 0, -1)]


def _forced(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]] | None:
    """The matches through which all shortest ways from (0, 0) to (len(a), len(b)) go.

    A way steps over a line of `a`, or of `b` (an edit each), or over a match of both (free).
    A point is on a shortest way if the edits before it and after it add up to the shortest.
    None where that takes too long.
    """
    before = _reach(a, b)
    if before is None:
        return None
    after = _reach(a[::-1], b[::-1])
    if after is None:
        return None
    edits, n, skew = len(before) - 1, len(a), len(a) - len(b)
    ways = [0] * n  # how many steps of shortest ways lead over a line of `a`; 2 means several
    partner = [0] * n
    spans: dict[int, tuple[int, int]] = {}
    for used in range(edits + 1):
        left, earlier, spans = edits - used, spans, {}
        for k in range(max(-used, skew - left), min(used, skew + left) + 1, 2):
            low, high = n - after[left][(skew - k + left) // 2], before[used][(k + used) // 2]
            if low > high:
                continue
            spans[k] = (low, high)
            for x in range(low, high):
                if a[x] == b[x - k]:
                    ways[x] += 1
                    partner[x] = x - k
            if k - 1 in earlier:
                for x in range(
                    max(low - 1, earlier[k - 1][0]), min(high - 1, earlier[k - 1][1]) + 1
                ):
                    ways[x] += 2
    return [(x, partner[x]) for x in range(n) if ways[x] == 1]


def _reach(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[list[int]] | None:
    """How far one comes: `[d][(k + d) // 2]` is the largest x where d edits reach (x, x - k).

    -1 where they reach nothing on that diagonal. This is the greedy search of Myers (1986),
    with all its steps kept.
    """
    n, m, steps = len(a), len(b), 0
    rows: list[list[int]] = []
    for d in range(MOST_EDITS + 1):
        row: list[int] = []
        for index in range(d + 1):
            k = 2 * index - d
            x = start = _entry(rows, d, index, k, n, m)
            if x >= 0:
                while x < n and x - k < m and a[x] == b[x - k]:
                    x += 1
            steps += x - start
            row.append(x)
        rows.append(row)
        if abs(n - m) <= d and (n - m + d) % 2 == 0 and row[(n - m + d) // 2] == n:
            return rows
        if steps > MOST_STEPS:
            break
    return None


def _entry(rows: list[list[int]], d: int, index: int, k: int, n: int, m: int) -> int:
    """The largest x on diagonal k that one more edit leads to, before any match."""
    if d == 0:
        return 0
    x = -1
    if index > 0 and 0 <= rows[-1][index - 1] < n:
        x = rows[-1][index - 1] + 1
    if index < d and rows[-1][index] >= 0 and rows[-1][index] - k <= m:
        x = max(x, rows[-1][index])
    if 0 < index < d:
        x = max(x, rows[-2][index - 1])
    return x
