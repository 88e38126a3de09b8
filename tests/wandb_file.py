"""What an offline run of W&B has logged, by its file: LevelDB's log format, whose records are W&B's messages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wandb.proto.wandb_internal_pb2 import Record  # ty: ignore[missing-module-member]  # made as it is imported

HEAD, BLOCK, RECORD = 7, 2**15, 7
"""Bytes: before the first record, of a block, and before each part of a record."""
FULL, LAST = 1, 4
"""Parts that end a record."""


def records(file: Path) -> Iterator[Record]:
    content, at, message = file.read_bytes(), HEAD, b""
    while at + RECORD <= len(content):
        if BLOCK - at % BLOCK < RECORD:  # too few for another part
            at += BLOCK - at % BLOCK
            continue
        size, part = int.from_bytes(content[at + 4 : at + 6], "little"), content[at + 6]
        message += content[at + RECORD : at + RECORD + size]
        at += RECORD + size
        if part in (FULL, LAST):
            yield Record.FromString(message)
            message = b""


def history(file: Path) -> list[dict[str, Any]]:
    """The rows that were logged, each with its ``_step``."""
    rows = [record.history for record in records(file) if record.WhichOneof("record_type") == "history"]
    return [{item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in row.item} for row in rows]


def said(file: Path) -> dict[str, Any]:
    """What a run was called, its config and summary, and the exit code, None where it has none."""
    found: dict[str, Any] = {"config": {}, "summary": {}, "exit_code": None}
    for record in records(file):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run = record.run
            found |= {"id": run.run_id, "name": run.display_name, "group": run.run_group, "job_type": run.job_type}
            found["config"] |= _items(run.config.update)
        elif kind == "summary":
            found["summary"] |= _items(record.summary.update)
        elif kind == "exit":
            found["exit_code"] = record.exit.exit_code
    return found


def of_sweep(folder: Path) -> list[dict[str, Any]]:
    """The same of all offline runs in a folder, by their ids, those of one in their order."""
    files = sorted(folder.glob("wandb/offline-run-*/run-*.wandb"), key=lambda file: (file.stem, file.parent.name))
    return [said(file) for file in files]


def _items(items: Any) -> dict[str, Any]:
    named = {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in items}
    return {name: value for name, value in named.items() if not name.startswith("_")}
