"""`gen doctor` has nothing to say about a service that was just made, of whatever packs."""

from __future__ import annotations

import pytest
from matrix.services import PACKS, Case, main_cases, option_cases, valid

from generator.doctor.knowledge import knowledge
from generator.doctor.pins import check_pins, pins_of
from generator.doctor.secrets import check_secrets
from generator.render import render
from generator.spec import build_spec

KNOWN = knowledge(PACKS)


def _chunks() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in [*main_cases(), *option_cases()]:
        if valid(case):
            found.setdefault(f"{case.answers.provider}-{case.answers.tool}", []).append(case)
    return found


CHUNKS = _chunks()


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_fresh_service_has_no_open_pin_and_no_secret(chunk: str) -> None:
    """Each text once: of two services of a tool most files are the same."""
    seen: set[tuple[str, bytes]] = set()
    for case in CHUNKS[chunk]:
        tree = render(build_spec(case.answers, PACKS), PACKS)
        new = {path: e for path, e in tree.items() if (path, e.content) not in seen}
        seen.update((path, entry.content) for path, entry in new.items())
        texts = {path: entry.content.decode() for path, entry in new.items()}
        told = [
            *check_pins(texts, tree, KNOWN.pins, behind=False),
            *check_secrets(texts, KNOWN.secrets),
        ]
        assert {finding.status for finding in told} == {"ok"}, (case.name, told)
        open_pins = [pin for pin in pins_of(texts, KNOWN.pins) if not pin.exact]
        assert not open_pins, case.name


@pytest.mark.parametrize("chunk", CHUNKS)
def test_its_pins_are_found(chunk: str) -> None:
    """What pins a thing is known: else the doctor would be content with anything."""
    tree = render(build_spec(CHUNKS[chunk][0].answers, PACKS), PACKS)
    texts = {path: entry.content.decode() for path, entry in tree.items()}
    assert {"pytest", "ruff"} <= {pin.name for pin in pins_of(texts, KNOWN.pins)}
