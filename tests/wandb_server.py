"""As much of W&B's server as a run talks to, on loopback: says yes to everything and keeps what it was told."""

import gzip
import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

VIEWER = {"viewer": {"id": "v", "entity": "me", "username": "me", "flags": "{}", "teams": {"edges": []}}}


class Server(ThreadingHTTPServer):
    """``runs`` are what runs said of themselves, ``exit_codes`` how they ended, and ``history`` what they logged, by
    their ids; ``views`` are dashboards that were saved, ``sweeps`` what was to be
    searched, and ``trials`` the parameters that agents are still to try."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.runs: dict[str, dict[str, Any]] = {}
        self.exit_codes: dict[str, int] = {}
        self.history: dict[str, list[str]] = {}
        self.views: list[dict[str, Any]] = []
        self.sweeps: list[dict[str, Any]] = []
        self.trials: list[dict[str, Any]] = []

    def handle_error(self, *_: object) -> None:
        """A client that is gone."""

    def answer(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("file_stream"):
            run_id = path.split("/")[-2]
            if rows := said.get("files", {}).get("wandb-history.jsonl"):
                self.history.setdefault(run_id, [])[rows["offset"] :] = rows["content"]
            if said.get("complete"):
                self.exit_codes[run_id] = said["exitcode"]
            return {}
        query, given = said.get("query", ""), said.get("variables") or {}
        if "RunResumeStatus" in query:
            return {"data": {"model": {"name": "p", "bucket": self.status(given["name"])}}}
        if "upsertBucket" in query:
            run = self.runs.setdefault(given["name"], {})
            run |= {key: value for key, value in given.items() if value is not None}
            project = {"id": "p", "name": run["project"], "entity": {"id": "e", "name": "me"}}
            bucket = {"id": "b", "name": run["name"], "displayName": run["displayName"], "project": project}
            return {"data": {"upsertBucket": {"bucket": {**bucket, "config": "{}"}, "inserted": True}}}
        if "createRunFiles" in query:
            files = [{"name": name, "uploadUrl": f"{self.url}/files/{name}"} for name in given["files"]]
            return {"data": {"createRunFiles": {"runID": "b", "uploadHeaders": [], "files": files}}}
        if "upsertView" in query:
            self.views.append(given)
            return {"data": {"upsertView": {"view": {"id": "v", "name": given["name"]}, "inserted": True}}}
        if answer := self.of_sweep(query, given):
            return {"data": answer}
        return {"data": VIEWER if "viewer" in query else {}}

    def of_sweep(self, query: str, given: dict[str, Any]) -> dict[str, Any] | None:
        """What ``wandb sweep`` and ``wandb agent`` ask."""
        project = {"id": "p", "name": "p", "entity": {"id": "e", "name": "me"}}
        if "upsertSweep" in query:
            self.sweeps.append(given)
            return {"upsertSweep": {"sweep": {"name": "s1", "project": project}, "configValidationWarnings": []}}
        if "SweepWithRuns" in query:
            sweep = {"id": "s", "name": "s1", "state": "RUNNING", "runs": {"edges": []}}
            return {"project": {"sweep": {**sweep, "config": self.sweeps[-1]["config"]}}}
        if "createAgent" in query:
            return {"createAgent": {"agent": {"id": "a"}}}
        if "agentHeartbeat" in query:
            commands: list[dict[str, Any]] = []
            if not any(json.loads(given["runState"]).values()):  # one after another
                commands = [{"type": "exit"}]
                if self.trials:
                    args = {key: {"value": value} for key, value in self.trials.pop().items()}
                    commands = [{"type": "run", "run_id": f"trial{len(self.trials)}", "program": "", "args": args}]
            return {"agentHeartbeat": {"agent": {"id": "a"}, "commands": json.dumps(commands)}}
        return None

    def status(self, run_id: str) -> dict[str, Any] | None:
        """Of a run that may go on: how much of it there is."""
        if run_id not in self.runs:
            return None
        rows = self.history.get(run_id, [])
        counts = {"historyLineCount": len(rows), "eventsLineCount": 0, "logLineCount": 0}
        tails = {"historyTail": json.dumps(rows[-1:]), "eventsTail": "[]", "summaryMetrics": (rows or ["{}"])[-1]}
        begun = {"wandbConfig": json.dumps({"t": {}})}  # without it a run counts as not yet begun, and nothing goes on
        return {"id": "b", "name": run_id, "displayName": "", "config": "{}", "tags": [], **counts, **tails, **begun}


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        if self.headers["content-encoding"] == "gzip":
            body = gzip.decompress(body)
        said = json.loads(body) if self.path.endswith(("graphql", "file_stream")) else None
        assert isinstance(self.server, Server)
        answer = json.dumps(self.server.answer(self.path, said) if said else {}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_PUT = do_POST

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Generator[Server, None, None]:
    with Server() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
