"""The same of Terraform's configuration: checkov reads it as it is."""

from __future__ import annotations

import json
from pathlib import Path

from generated.test_checkov import left_out, scan, service


def test_what_is_left_out_is_just_what_would_fail(tmp_path: Path) -> None:
    """Nothing else fails, and no line is one that nothing needs."""
    made = service(tmp_path / "orders", "terraform")
    # From elsewhere, where checkov does not see the service's `.checkov.yaml`.
    words = ["--framework", "terraform", "--output", "json", "-d", made.folder / "infra"]
    done = scan(words, tmp_path)
    found = json.loads(done.stdout)
    assert found["summary"]["passed"] > 100, done.stdout + done.stderr
    assert found["summary"]["parsing_errors"] == 0
    failed = {check["check_id"] for check in found["results"]["failed_checks"]}
    assert failed == left_out(made)
