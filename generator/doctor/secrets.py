"""What looks like a secret in generated files: a key that was typed in instead of being stored.

Few patterns, each of a form that nothing else has. The value itself is never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from generator.doctor.findings import FAILURE, OK, Finding
from generator.doctor.knowledge import SecretKind

CHECK = "secrets"
HINT = (
    "revoke it where it was issued, then take it out of the file; "
    "functions read secrets by reference: gen list providers"
)
AT_MOST = 20


def check_secrets(texts: Mapping[str, str], kinds: Iterable[SecretKind]) -> Iterator[Finding]:
    """A finding for each line of `texts` with a secret in it."""
    found = [*_found(texts, tuple(kinds))]
    for path, line, what in found[:AT_MOST]:
        yield Finding(CHECK, FAILURE, f"this looks like {what}", f"{path}:{line}", HINT)
    if len(found) > AT_MOST:
        more = f"{len(found) - AT_MOST} more lines look like secrets"
        yield Finding(CHECK, FAILURE, more, hint=HINT)
    if not found:
        message = f"nothing looks like a secret in {len(texts)} generated files"
        yield Finding(CHECK, OK, message)


def _found(
    texts: Mapping[str, str], kinds: tuple[SecretKind, ...]
) -> Iterator[tuple[str, int, str]]:
    """Path, line, and what it looks like; one a line."""
    for path, text in texts.items():
        lines: dict[int, str] = {}
        for kind in kinds:
            for match in kind.pattern.finditer(text):
                if not kind.harmless or not kind.harmless.search(match[0]):
                    lines.setdefault(text.count("\n", 0, match.start()) + 1, kind.what)
        yield from ((path, line, lines[line]) for line in sorted(lines))
