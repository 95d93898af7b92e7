"""`python -m benchmarks [startup|new|coldstart]...`"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks import HERE, coldstart, new, startup
from benchmarks.report import Table, machine

BENCHMARKS: dict[str, Callable[[], list[Table]]] = {
    "startup": startup.run,
    "new": new.run,
    "coldstart": coldstart.run,
}
HEADER = """\
# Benchmarks

Written by `make bench`. {machine}. Peers are pinned in [requirements.txt](requirements.txt).
"""


def main() -> None:
    names = sys.argv[1:]
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        sys.exit(
            f"error: no benchmark is called {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}"
        )
    texts = []
    for name in names or BENCHMARKS:
        print(f"measuring {name} ...", file=sys.stderr)
        for table in BENCHMARKS[name]():
            texts.append(table.text())
            print(texts[-1], flush=True)
    if not names:
        header = HEADER.format(machine=machine())
        (HERE / "results.md").write_text("\n".join([header, *texts]), "utf-8")


if __name__ == "__main__":
    main()
