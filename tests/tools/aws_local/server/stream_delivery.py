"""DynamoDB streams and Kinesis to Lambda: batches, checkpoints, bisection, retries, given up.

Source: "Configuring partial batch response" and "Retain discarded records" with DynamoDB and with
Kinesis, in the AWS Lambda Developer Guide. What differs: records are delivered when they are put
(all of one `BatchWriteItem`, `TransactWriteItems` or `PutRecords` together, as far as BatchSize
lets), with no polling, no batching window and no wait between retries, so that what fails has gone
to the on-failure destination when the sender's call returns. MaximumRetryAttempts of -1, "until
they expire", is five here. ParallelizationFactor and MaximumRecordAgeInSeconds are ignored.
"""

from __future__ import annotations

import contextlib
import json
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

import moto.awslambda.models as lambda_models
import moto.dynamodb.models.table as table_models
import moto.dynamodb.responses as dynamodb_responses
import moto.kinesis.models as kinesis_models
from moto.core.utils import unix_time
from moto.events.models import EventPattern

from tools.aws_local.partial_batch import failed_ids
from tools.aws_local.sandbox import Invocation
from tools.aws_local.server.context import Context, note
from tools.aws_local.server.execution import Executor, function_by_arn

_UNTIL_THEY_EXPIRE = 5


class Shard(Protocol):
    """A shard as the delivery sees it; `read` gives records as functions get them."""

    stream_arn: str
    id: str
    account: str
    region: str

    def __len__(self) -> int: ...

    def read(self, start: int, count: int) -> list[dict[str, Any]]: ...


class Delivery:
    """Delivers what is new in a shard to its functions, one batch after the other."""

    def __init__(self, context: Context, executor: Executor) -> None:
        self._context = context
        self._executor = executor
        self._lock = threading.RLock()
        self._positions: dict[tuple[str, str], int] = {}
        self._busy: set[tuple[str, str]] = set()
        self._thread = threading.local()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Records that this thread puts meanwhile are delivered together afterwards."""
        waiting: dict[tuple[str, str], Shard] = {}
        self._thread.waiting = waiting
        try:
            yield
        finally:
            self._thread.waiting = None
            for shard in waiting.values():
                self.run(shard)

    def run(self, shard: Shard) -> None:
        """Deliver what each mapping has not had; what is put by its function comes after that."""
        waiting = getattr(self._thread, "waiting", None)
        if waiting is not None:
            first = waiting.setdefault((shard.stream_arn, shard.id), shard)
            self._known(first)
            return
        for mapping, key in self._known(shard):
            with self._lock:
                if key in self._busy:
                    continue
                self._busy.add(key)
            try:
                self._drain(shard, mapping, key)
            except Exception:  # who puts a record never sees its consumer's troubles
                note(f"NOT DELIVERED: {shard.stream_arn}\n{traceback.format_exc()}")
                with self._lock:
                    self._busy.discard(key)

    def _known(self, shard: Shard) -> list[tuple[Any, tuple[str, str]]]:
        """The shard's mappings. A new one starts at the oldest record, or with the newest."""
        backend = lambda_models.lambda_backends[shard.account][shard.region]
        found = []
        for mapping in backend.list_event_source_mappings(shard.stream_arn, ""):
            if mapping.enabled:
                key = (mapping.uuid, shard.id)
                latest = mapping.starting_position == "LATEST"
                with self._lock:
                    self._positions.setdefault(key, len(shard) - 1 if latest else 0)
                found.append((mapping, key))
        return found

    def _drain(self, shard: Shard, mapping: Any, key: tuple[str, str]) -> None:
        while True:
            with self._lock:
                start = self._positions[key]
                batch = shard.read(start, mapping.batch_size)
                self._positions[key] = start + len(batch)
                if not batch:
                    self._busy.discard(key)
                    return
            wanted = [record for record in batch if _matches(mapping, record)]
            if wanted:
                self._deliver(shard, mapping, wanted)

    def _deliver(self, shard: Shard, mapping: Any, batch: list[dict[str, Any]]) -> None:
        function = function_by_arn(mapping.function_arn)
        maximum = int(_or(mapping.max_retry_attempts, -1))
        maximum = _UNTIL_THEY_EXPIRE if maximum < 0 else maximum
        pending = [(batch, 0)]
        while pending:
            part, retries = pending.pop(0)
            result = self._executor.run(function, json.dumps({"Records": part}).encode())
            done = _processed(result, mapping, part)
            if done == len(part):
                continue
            # Only the same batch sent again is a retry: neither what is left of one nor its halves.
            if done:
                pending.insert(0, (part[done:], 0))
            elif str(mapping.bisect_on_error).lower() == "true" and len(part) > 1:
                half = len(part) // 2
                pending[:0] = [(part[:half], 0), (part[half:], 0)]
            elif retries < maximum:
                pending.insert(0, (part, retries + 1))
            else:
                self._give_up(shard, mapping, part, result, retries + 1)

    def _give_up(
        self,
        shard: Shard,
        mapping: Any,
        part: list[dict[str, Any]],
        result: Invocation,
        count: int,
    ) -> None:
        destinations = mapping.destination_config or {}
        target = (destinations.get("OnFailure") or {}).get("Destination")
        note(f"GIVEN UP: {len(part)} records of {shard.stream_arn}, told to {target}")
        if target is None:
            return
        if target.split(":")[2] != "sqs":
            note(f"NOT SENT: only queues are emulated as destinations of streams: {target}")
            return
        sqs = self._context.client("sqs", shard.region)
        url = sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"]
        record = given_up(shard, mapping, part, result, count)
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))


def given_up(
    shard: Shard, mapping: Any, part: list[dict[str, Any]], result: Invocation, count: int
) -> dict[str, Any]:
    """What the destination gets: where the records are in the stream, not what they are."""
    kind = "KinesisBatchInfo" if "kinesis" in part[0] else "DDBStreamBatchInfo"
    response: dict[str, Any] = {"statusCode": 200, "executedVersion": "$LATEST"}
    if result.failed:
        response["functionError"] = "Unhandled"
    return {
        "requestContext": {
            "requestId": result.request_id,
            "functionArn": mapping.function_arn,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": count,
        },
        "responseContext": response,
        "version": "1.0",
        "timestamp": _time(datetime.now(UTC).timestamp()),
        kind: {
            "shardId": shard.id,
            "startSequenceNumber": _number(part[0]),
            "endSequenceNumber": _number(part[-1]),
            "approximateArrivalOfFirstRecord": _time(_arrival(part[0])),
            "approximateArrivalOfLastRecord": _time(_arrival(part[-1])),
            "batchSize": len(part),
            "streamArn": shard.stream_arn,
        },
    }


def _processed(result: Invocation, mapping: Any, part: list[dict[str, Any]]) -> int:
    """How many records the checkpoint is past: those before the first that is reported."""
    if result.failed:
        return 0
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return len(part)
    numbers = [_number(record) for record in part]
    failed = failed_ids(result.payload, numbers)
    return next((at for at, number in enumerate(numbers) if number in failed), len(part))


def _matches(mapping: Any, record: dict[str, Any]) -> bool:
    filters = (mapping.filter_criteria or {}).get("Filters") or []
    patterns = [EventPattern.load(item["Pattern"]) for item in filters]
    return not patterns or any(pattern.matches_event(record) for pattern in patterns)


def _number(record: dict[str, Any]) -> str:
    if "kinesis" in record:
        return str(record["kinesis"]["sequenceNumber"])
    return str(record["dynamodb"]["SequenceNumber"])


def _arrival(record: dict[str, Any]) -> float:
    if "kinesis" in record:
        return float(record["kinesis"]["approximateArrivalTimestamp"])
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def _time(seconds: float) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def install(delivery: Delivery) -> None:
    """Replace moto's delivery: each record alone, and never again whatever the function said."""
    _install_tables(delivery)
    _install_streams(delivery)


class _TableShard:
    """The one shard that moto's tables have."""

    def __init__(self, shard: Any) -> None:
        table = shard.table
        self.stream_arn = f"{table.table_arn}/stream/{table.latest_stream_label}"
        self.id = shard.id
        self.account, self.region = table.account_id, table.region_name
        self._items = shard.items

    def __len__(self) -> int:
        return len(self._items)

    def read(self, start: int, count: int) -> list[dict[str, Any]]:
        return [self._record(item.to_json()) for item in self._items[start : start + count]]

    def _record(self, record: dict[str, Any]) -> dict[str, Any]:
        change = dict(record["dynamodb"])
        change["ApproximateCreationDateTime"] = unix_time(change["ApproximateCreationDateTime"])
        place = {"awsRegion": self.region, "eventSourceARN": self.stream_arn}
        return {**record, **place, "dynamodb": change}


class _StreamShard:
    """A shard of a Kinesis stream."""

    def __init__(self, stream: Any, shard: Any) -> None:
        self.stream_arn = stream.arn
        self.id = shard.shard_id
        self.account, self.region = stream.account_id, stream.region
        self._records = shard.records

    def __len__(self) -> int:
        return len(self._records)

    def read(self, start: int, count: int) -> list[dict[str, Any]]:
        records = list(self._records.values())[start : start + count]
        return [self._record(record) for record in records]

    def _record(self, record: Any) -> dict[str, Any]:
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.partition_key,
                "sequenceNumber": str(record.sequence_number),
                "data": record.data,
                "approximateArrivalTimestamp": round(record.created_at, 3),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{self.id}:{record.sequence_number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "EXAMPLE",
            "awsRegion": self.region,
            "eventSourceARN": self.stream_arn,
        }


def _install_tables(delivery: Delivery) -> None:
    shard_class, responses = table_models.StreamShard, dynamodb_responses.DynamoHandler
    plain = shard_class.add

    def add(self: Any, old: Any, new: Any) -> None:
        # moto invokes what it finds here, and then forgets the records.
        self.table.lambda_event_source_mappings = {}
        plain(self, old, new)
        delivery.run(_TableShard(self))

    def together(method: Any) -> Any:
        def called(self: Any) -> Any:
            with delivery.held():
                return method(self)

        return called

    shard_class.add = add
    for name in ("batch_write_item", "transact_write_items"):
        setattr(responses, name, together(getattr(responses, name)))


def _install_streams(delivery: Delivery) -> None:
    stream_class, backend_class = kinesis_models.Stream, kinesis_models.KinesisBackend
    put_records = backend_class.put_records

    def put_record(
        self: Any, partition_key: str, explicit_hash_key: str, data: str
    ) -> tuple[str, str]:
        shard = self.get_shard_for_key(partition_key, explicit_hash_key)
        number = shard.put_record(partition_key, data, explicit_hash_key)
        delivery.run(_StreamShard(self, shard))
        return number, shard.shard_id

    def together(self: Any, *arguments: Any, **named: Any) -> Any:
        with delivery.held():
            return put_records(self, *arguments, **named)

    stream_class.put_record = put_record
    backend_class.put_records = together
