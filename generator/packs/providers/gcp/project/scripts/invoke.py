"""Runs one function on one event here, without Google Cloud: python scripts/invoke.py FUNCTION [EVENT].

It runs in the framework that runs it in the cloud (scripts/functions.py), with the variables that .env
says, or .env.example where there is none.
The result goes to standard output as JSON, and nothing else does; logs go to standard error.
Exit code 1: the function failed. 2: there is no such function or event.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.functions import ROOT, EventError, load, load_settings, names, send


def main(arguments: list[str]) -> int:
    given = [argument for argument in arguments if argument]
    if not 1 <= len(given) <= 2:
        stop(f"say which: make invoke FUNCTION={'|'.join(names())} [EVENT=file.json]")
    name = known(given[0])
    sample = ROOT / "events" / name / "sample.json"
    event = read_event(Path(given[1]) if len(given) == 2 else sample, sample.parent)
    load_settings(settings())
    with output_on_standard_error():
        result = run(name, event)
    if result is None:
        return 1
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    return 0


def run(name: str, event: object) -> dict[str, Any] | None:
    """What the function answers, or None where it fails; then why is said."""
    try:
        result = answer(name, event)
    except EventError as error:
        stop(f"the event is not one of {name}: {error}")
    except KeyboardInterrupt:
        os._exit(130)  # does not wait for the function's threads
    except SystemExit as ended:
        say(f"{name} failed: it ended its process, with {ended.code!r}")
        return None
    if result is not None and result["status"] >= 500:
        say(f"{name} failed: status {result['status']}")
        return None
    return result


def answer(name: str, event: object) -> dict[str, Any] | None:
    try:
        app = load(name)
    except Exception:
        say(f"{name} cannot be loaded:\n{traceback.format_exc()}")
        return None
    return send(app, event)  # the framework catches what the function raises


def known(name: str) -> str:
    if name not in names():
        stop(f'there is no function "{name}"{nearest(name, names())}')
    return name


def settings() -> Path:
    own = ROOT / ".env"
    return own if own.exists() else ROOT / ".env.example"


def nearest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f': did you mean "{close[0]}"?'
    return f"; there are: {', '.join(known)}" if known else ""


def read_event(path: Path, samples: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        known = [str(sample.relative_to(ROOT)) for sample in sorted(samples.glob("*.json"))]
        stop(f'there is no event file "{path}"{nearest(str(path), known)}')
    except OSError as error:
        stop(f'cannot read the event file "{path}": {error.strerror}')
    except ValueError as error:
        stop(f'the event file "{path}" is not JSON: {error}')


@contextlib.contextmanager
def output_on_standard_error() -> Iterator[None]:
    """What the function prints, and the programs that it starts, is no part of the result."""
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def say(text: str) -> None:
    print(f"invoke: {text}", file=sys.stderr)


def stop(text: str) -> NoReturn:
    say(text)
    raise SystemExit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
