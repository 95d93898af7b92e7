"""Parses the files whose paths come in, with an interpreter that has pycep. Exit 1: one failed."""

import sys
from pathlib import Path

from pycep import BicepParser

parser = BicepParser()
failed = False
for path in sys.stdin.read().split("\n"):
    try:
        parser.parse(text=Path(path).read_text(encoding="utf-8"))
    except Exception as error:  # lark's, and pycep's own for what it does not know
        failed = True
        print(f"{path}: {error}")
sys.exit(failed)
