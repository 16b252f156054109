"""A web server for tests, with the faults that servers have: it serves files from memory."""

import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

POLL_S = 0.02
"""Seconds between looks whether a server is to end: each test with one waits for that."""


@dataclass
class WebServer:
    """Files by their paths, what was asked for, and the faults of the next answers.

    A fault is `500` or `503` (an answer of that status), `cut` (half of the bytes), `hang-up` (no answer),
    `replace` (from now on the file is another one), or `ok`.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: deque[str] = field(default_factory=deque)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """Path with query, and range, of each request."""
    has_ranges: bool = True
    has_tags: bool = True
    needs_query: str = ""
    """A query without which the server answers 403."""
    address: str = ""


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Run a server on this machine, with TLS if given a context; its `address` has no slash at the end."""
    state = WebServer()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
    thread.start()
    state.address = f"http{'s' * (tls is not None)}://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[WebServer]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        state, wanted = self.state, self.headers.get("Range")
        state.requests.append((self.path, wanted))
        path, _, query = self.path.partition("?")
        fault = state.faults.popleft() if state.faults else "ok"
        if fault == "hang-up":
            self.close_connection = True
            return
        if fault in ("500", "503"):
            self._answer(int(fault), b"CANARY-ANSWER")
            return
        if state.needs_query and query != state.needs_query:
            self._answer(403, b"CANARY-ANSWER")
            return
        if fault == "replace":
            state.files[path] = state.files[path][::-1]
        if path not in state.files:
            self._answer(404, b"CANARY-ANSWER")
            return
        body = state.files[path]
        tag = f'"{hash(body)}"'
        if state.has_tags and self.headers.get("If-Match", tag) != tag:
            self._answer(412, b"")
            return
        headers = {"ETag": tag} if state.has_tags else {}
        status = 200
        if wanted and state.has_ranges:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            part = body[int(first) : int(last or len(body)) + 1]
            if not part:
                self._answer(416, b"")
                return
            headers["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
            status, body = 206, part
        self._answer(status, body, headers, is_cut=fault == "cut")

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, is_cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body[: len(body) // 2] if is_cut else body)
        except OSError:
            self.close_connection = True
        if is_cut:
            self.close_connection = True
