from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyKeyError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from billing import _idempotency

SOURCE = Path(__file__).parent.parent / "src"


class Store(BasePersistenceLayer):
    """Stands in for the table."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.records: dict[str, DataRecord] = {}

    def _get_record(self, idempotency_key: str) -> DataRecord:
        return self.records[idempotency_key]

    def _put_record(self, data_record: DataRecord) -> None:
        if data_record.idempotency_key in self.records:
            raise IdempotencyItemAlreadyExistsError
        self._update_record(data_record)

    def _update_record(self, data_record: DataRecord) -> None:
        self.records[data_record.idempotency_key] = data_record

    def _delete_record(self, data_record: DataRecord) -> None:
        del self.records[data_record.idempotency_key]


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    stand_in = Store()
    monkeypatch.delenv("POWERTOOLS_IDEMPOTENCY_DISABLED")
    monkeypatch.setattr(_idempotency, "_store", lambda days: stand_in)
    return stand_in


def test_what_comes_twice_is_done_once_and_has_the_same_result(context: Any) -> None:
    done: list[str] = []

    def work(*, order: str) -> dict[str, int]:
        done.append(order)
        return {"number": len(done)}

    results = [
        _idempotency.once(work, key="order", context=context)(order=order) for order in "aba"
    ]
    assert done == ["a", "b"]
    assert results == [{"number": 1}, {"number": 2}, {"number": 1}]


def test_what_failed_is_done_again(context: Any, store: Store) -> None:
    def fail(*, order: str) -> None:
        raise RuntimeError("no luck")

    for _ in range(2):
        with pytest.raises(RuntimeError):
            _idempotency.once(fail, key="order", context=context)(order="a")
    assert not store.records


def test_what_has_no_key_is_not_done(context: Any) -> None:
    def work(*, order: str) -> None:
        pytest.fail("it would be done each time that it comes")

    with pytest.raises(IdempotencyKeyError):
        _idempotency.once(work, key="order", context=context)(order="")


def test_a_start_does_not_wait_for_boto3() -> None:
    code = f"import sys, {_idempotency.__name__}; sys.exit('boto3' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=SOURCE, check=True)  # noqa: S603
