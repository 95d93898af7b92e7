"""Runs one function on one event here, without Azure: python scripts/invoke.py FUNCTION [EVENT].

It runs in the worker library that runs it in Azure (scripts/worker.py), with the variables that
local.settings.json says, or local.settings.example.json where there is none.
The result goes to standard output as JSON, and nothing else does; logs go to standard error.
Exit code 1: the function failed or took too long. 2: there is no such function or event.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.worker import ROOT, EventError, FunctionError, IndexingError, Worker, load_settings


def main(arguments: list[str]) -> int:
    given = [argument for argument in arguments if argument]
    if not 1 <= len(given) <= 2:
        stop(f"say which: make invoke FUNCTION={'|'.join(functions())} [EVENT=file.json]")
    name = given[0]
    if name not in functions():
        stop(f'there is no function "{name}"{nearest(name, functions())}')
    sample = ROOT / "events" / name / "sample.json"
    event = read_event(Path(given[1]) if len(given) == 2 else sample, sample.parent)
    local = ROOT / "local.settings.json"
    try:
        load_settings(local if local.exists() else local.with_suffix(".example.json"))
    except ValueError as error:
        stop(f"{local.name} is not valid: {error}")
    with output_on_standard_error():
        show_logs()
        try:
            result = Worker().invoke(name, event, timeout())
        except EventError as error:
            stop(f"the event is not one of {name}: {error}")
        except (FunctionError, IndexingError) as error:
            say(f"{name} failed: {error}")
            sys.stderr.flush()
            os._exit(1)  # does not wait for the thread of a function that takes too long
        except KeyboardInterrupt:
            os._exit(130)
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    return 0


def functions() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "src").glob("*/*/handler.py"))


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


def timeout() -> float | None:
    """Seconds until the host would stop an invocation: functionTimeout, as in 00:05:00."""
    settings = json.loads((ROOT / "host.json").read_text("utf-8"))
    limit: str = settings.get("functionTimeout", "-1")
    if limit == "-1":  # never
        return None
    hours, minutes, seconds = (int(part) for part in limit.split(":"))
    return hours * 3600 + minutes * 60 + seconds


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


def show_logs() -> None:
    """From Information on, as host.json has it in Azure; of the library what goes wrong."""
    logging.basicConfig(level="INFO", format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("azure.functions").setLevel("WARNING")


def say(text: str) -> None:
    print(f"invoke: {text}", file=sys.stderr)


def stop(text: str) -> NoReturn:
    say(text)
    raise SystemExit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
