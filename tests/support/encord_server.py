"""A local Encord API for tests: the unmodified SDK talks to it, it checks signatures, and fails on demand.

What it answers has the shapes of Encord's SDK and of its fixtures; nothing was recorded from Encord.
"""

import base64
import hashlib
import json
import re
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tests.support.web_server import POLL_S

PROJECT = "00000000-0000-4000-8000-000000000001"
ONTOLOGY: dict[str, Any] = {
    "objects": [
        {
            "id": "1",
            "name": "Car",
            "color": "#D33115",
            "shape": "bounding_box",
            "featureNodeHash": "carcarca",
            "required": False,
            "attributes": [],
        }
    ],
    "classifications": [],
}
EDITED = "2026-11-20T11:51:19.785354"
ANNOTATE = {"uuid": str(uuid.UUID(int=99)), "title": "Annotate"}
COMPLETE = {"uuid": str(uuid.UUID(int=100)), "title": "Complete"}
Json = dict[str, Any]


def label_row(number: int, labels: int = 3, edited: str = EDITED) -> Json:
    """Return a label row of one image, as the platform gives it."""
    data_hash = str(uuid.UUID(int=1_000_000 + number))
    return {
        "label_hash": str(uuid.UUID(int=2_000_000 + number)),
        "branch_name": "main",
        "created_at": "2026-11-20 10:25:48",
        "last_edited_at": edited.replace("T", " ").partition(".")[0],
        "dataset_hash": str(uuid.UUID(int=7)),
        "dataset_title": "harbour",
        "data_title": f"image {number}.jpg",
        "data_hash": data_hash,
        "data_type": "image",
        "label_status": "LABELLED",
        "is_valid": True,
        "object_answers": {
            hash_of(number, label): {"objectHash": hash_of(number, label), "classifications": []}
            for label in range(labels)
        },
        "object_actions": {},
        "classification_answers": {},
        "data_units": {
            data_hash: {
                "data_hash": data_hash,
                "data_title": f"image {number}.jpg",
                "data_type": "image/jpeg",
                "data_sequence": 0,
                "data_link": f"https://storage.example.com/{data_hash}",
                "width": 400,
                "height": 200,
                "labels": {
                    "objects": [box(number, label) for label in range(labels)],
                    "classifications": [],
                },
            }
        },
    }


def hash_of(number: int, label: int) -> str:
    """Return the objectHash of a label: eight characters."""
    return base64.b64encode(hashlib.sha256(f"{number} {label}".encode()).digest())[:8].decode()


def box(number: int, label: int) -> Json:
    """Return a label of one frame."""
    return {
        "objectHash": hash_of(number, label),
        "featureHash": "carcarca",
        "name": "Car",
        "value": "car",
        "color": "#D33115",
        "shape": "bounding_box",
        "confidence": 1,
        "createdBy": "annotator@example.com",
        "createdAt": "Fri, 20 Nov 2026 11:03:24 GMT",
        "manualAnnotation": True,
        "boundingBox": {"x": 0.25, "y": 0.5, "w": 0.125, "h": (label + 1) / 16},
    }


@dataclass
class EncordServer:
    """What the account holds, which keys may read it, what was asked, and what fails next.

    A fault is a dict: `status`, `headers`, `body`, `cut` (half an answer), `wait` (seconds), `path` (only
    requests of that kind: "metadata", "rows" or "project").
    """

    keys: set[str] = field(default_factory=set)
    rows: dict[str, Json] = field(default_factory=dict)
    metadata: list[Json] = field(default_factory=list)
    faults: deque[Json] = field(default_factory=deque)
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    """Kind and method of each request, and the number of rows that it asks for."""
    limit: int = 1_000
    most_bytes: int = 1 << 30
    """Rows of more bytes are a 504, as that of a gateway that waits no longer."""
    domain: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, number: int, labels: int = 3, **values: Any) -> Json:
        """Add a row, opened unless `label_hash` is None; return its line in the list."""
        row = label_row(number, labels, values.get("last_edited_at") or EDITED)
        listed: Json = {
            **{name: row[name] for name in ("label_hash", "branch_name", "label_status", "data_hash")},
            **{name: row[name] for name in ("dataset_hash", "dataset_title", "data_title")},
            "created_at": "2026-11-20T10:25:48.821571",
            "last_edited_at": EDITED,
            "data_type": "IMAGE",
            "data_link": None,
            "annotation_task_status": "COMPLETED",
            "workflow_graph_node": COMPLETE,
            "number_of_frames": 1,
            "height": 200,
            "width": 400,
            "task_uuid": str(uuid.UUID(int=3_000_000 + number)),
            "priority": 0.5,
            "is_valid": True,
            "spaces": {},
            **values,
        }
        self.metadata.append(listed)
        if listed["label_hash"] is not None:
            self.rows[listed["label_hash"]] = {**row, "branch_name": listed["branch_name"]}
        return listed

    def edit(self, number: int, labels: int, edited: str) -> None:
        """Change the labels of a row."""
        row = label_row(number, labels, edited)
        self.rows[row["label_hash"]] = row
        self.line(number)["last_edited_at"] = edited

    def line(self, number: int) -> Json:
        """Return the line of a row in the list."""
        wanted = label_row(number)["data_hash"]
        return next(line for line in self.metadata if line["data_hash"] == wanted)

    def delete(self, number: int) -> None:
        """Delete a row."""
        line = self.line(number)
        self.metadata.remove(line)
        self.rows.pop(line["label_hash"], None)

    def asked(self, kind: str) -> list[int]:
        """Return the number of rows of each request of a kind."""
        return [count for asked, _, count in self.requests if asked == kind]

    @property
    def writes(self) -> list[str]:
        """The requests that would change something."""
        return [kind for kind, method, _ in self.requests if method not in ("GET",)]

    def answer(self, query: str, method: str, uid: Any, payload: Json) -> Any:
        """Answer a question of the older endpoint, or return the name of its error."""
        if (query, method) == ("labelrowmetadata", "GET"):
            branch = payload.get("branch_name") or "main"
            takes_all = payload.get("include_all_label_branches")
            return [
                line
                for line in self.metadata
                if (takes_all or line["branch_name"] == branch)
                and (line["label_hash"] or payload.get("include_uninitialised_labels"))
            ]
        if (query, method) == ("labelrow", "GET") and isinstance(uid, list):
            if len(uid) > self.limit:
                return _Error(["MULTI_LABEL_LIMIT_ERROR"], {"maximum_labels_allowed": self.limit})
            rows = [self.rows.get(hash_) for hash_ in uid]
            if payload.get("get_signed_url"):
                return _Error(["CANARY: signed addresses are secrets, and no pull needs them"])
            # The order of the answer is not that of the question.
            return _Error(["RESOURCE_NOT_FOUND_ERROR"]) if None in rows else rows[::-1]
        return _Error(["METHOD_NOT_ALLOWED_ERROR"])


@dataclass(frozen=True)
class _Error:
    name: list[str]
    payload: Any = None


@contextmanager
def encord_server() -> Iterator[EncordServer]:
    """Run a server on this machine; `domain` is what the SDK takes."""
    state = EncordServer()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
    thread.start()
    state.domain = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def new_key() -> tuple[str, str]:
    """Return a private key in OpenSSH's format, and its public key as the server knows it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return text.decode(), public.hex()


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[EncordServer]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, method: str, body: bytes) -> None:
        state, path = self.state, urlsplit(self.path).path
        asked = json.loads(body) if body else {}
        values = asked.get("values", {})
        uid = values.get("uid")
        kind = {"labelrowmetadata": "metadata", "labelrow": "rows"}.get(
            asked.get("query_type", ""), "project"
        )
        with state.lock:
            count = len(uid) if isinstance(uid, list) else 0
            state.requests.append((kind, asked.get("query_method", method), count))
            fault = next((f for f in state.faults if f.get("path", kind) == kind), None)
            if fault is not None:
                state.faults.remove(fault)
        if fault is not None:
            self._fail(fault)
        elif path == "/public":
            self._send(200, self._legacy(asked, values, body), kind)
        elif not self._is_signed(method, body):
            self._send(401, {"message": "CANARY-ANSWER"})
        elif path == f"/v2/public/projects/{PROJECT}":
            self._send(200, _project())
        else:
            self._send(404, {"message": "CANARY-ANSWER"})

    def _legacy(self, asked: Json, values: Json, body: bytes) -> Json:
        key, _, signature = self.headers.get("Authorization", "").partition(":")
        if key not in self.state.keys or not _verifies(key, signature, hashlib.sha256(body).digest()):
            return {"status": 401, "response": ["SSH_KEY_NOT_FOUND_ERROR"]}
        if self.headers["ResourceID"] != PROJECT:
            return {"status": 403, "response": ["AUTHORISATION_ERROR"]}
        with self.state.lock:
            answer = self.state.answer(
                asked["query_type"], asked["query_method"], values["uid"], values["payload"] or {}
            )
        if isinstance(answer, _Error):
            return {"status": 400, "response": answer.name, "payload": answer.payload}
        return {"status": 200, "response": answer}

    def _is_signed(self, method: str, body: bytes) -> bool:
        parameters = self.headers.get("Signature-Input", "")
        key = re.search(r'keyid="([0-9a-f]{64})"', parameters)
        digest = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
        signature = re.fullmatch(r"encord-sig=:(.*):", self.headers.get("Signature", ""))
        if key is None or key[1] not in self.state.keys or signature is None:
            return False
        base = (
            f'"@method": {method}\n"@request-target": {self.path}\n"content-digest": {digest}\n'
            f'"@signature-params": {parameters.removeprefix("encord-sig=")}'
        )
        return self.headers.get("Content-Digest") == digest and _verifies(
            key[1], base64.b64decode(signature[1]).hex(), base.encode()
        )

    def _fail(self, fault: Json) -> None:
        time.sleep(fault.get("wait", 0))
        if fault.get("hang_up"):
            self.close_connection = True
            return
        text = fault.get("body", '{"message": "CANARY-ANSWER"}').encode()
        self.send_response(fault.get("status", 200))
        for name, value in fault.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text) * (2 if fault.get("cut") else 1)))
        self.end_headers()
        self._write(text)
        self.close_connection = self.close_connection or bool(fault.get("cut"))

    def _send(self, status: int, value: Any, kind: str = "") -> None:
        text = json.dumps(value).encode()
        if kind == "rows" and len(text) > self.state.most_bytes:
            status, text = 504, b"<html>CANARY-ANSWER"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self._write(text)

    def _write(self, text: bytes) -> None:
        try:
            self.wfile.write(text)
        except OSError:
            self.close_connection = True


def _project() -> Json:
    return {
        "projectHash": PROJECT,
        "projectType": "workflow",
        "status": "in_progress",
        "title": "harbour",
        "description": "",
        "createdAt": "2026-11-01T08:00:00Z",
        "lastEditedAt": "2026-11-27T08:00:00Z",
        "creatorEmail": "admin@example.com",
        "ontologyHash": str(uuid.UUID(int=2)),
        "editorOntology": ONTOLOGY,
        "userRole": 0,
        "sourceProjects": None,
        "workflow": {
            "stages": [{"stageType": "ANNOTATION", **ANNOTATE}, {"stageType": "DONE", **COMPLETE}]
        },
    }


def _verifies(key: str, signature: str, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
