"""Measures `gen` beside its peers, and what it generates beside an empty handler.

    python -m benchmarks            everything, and writes benchmarks/results.md
    python -m benchmarks startup    only that, and writes its sections anew; there are startup,
                                    new, coldstart, evolve, fleet, faults, conflicts, kills

Every figure is compared with one from the same run on the same machine; nothing here is a test.
"""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent

# `tools`, which provisions environments and plays Lambda's runtime, belongs to the tests.
sys.path.insert(0, str(REPOSITORY / "tests"))
