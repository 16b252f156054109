"""A proxy before an object store, with the faults of networks and servers. Signatures stay valid."""

import http.client
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

from tests.support.web_server import POLL_S

_EXPIRED = b'<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>CANARY-ANSWER</Message></Error>'


@dataclass
class StoreProxy:
    """What the next answers become, and how many requests there were.

    A fault is `500` or `503` (an answer of that status), `cut` (half of the body), `slow` (it comes in
    pieces with pauses), `tag` (another ETag than the object's), `hang-up` (no answer), `expired` (403, as
    of keys that have expired), or `ok`.
    """

    store: str
    faults: deque[str] = field(default_factory=deque)
    always: str = "ok"
    """What happens when the list of faults is at its end."""
    requests: int = 0
    endpoint: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self) -> str:
        """Return what the next answer becomes."""
        with self.lock:
            self.requests += 1
            return self.faults.popleft() if self.faults else self.always


@contextmanager
def store_proxy(endpoint: str) -> Iterator[StoreProxy]:
    """Run a proxy before the store at an endpoint."""
    state = StoreProxy(endpoint)
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
    thread.start()
    state.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[StoreProxy]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.state.next_fault()
        if fault == "hang-up":
            self.close_connection = True
            return
        if fault in ("500", "503"):
            self._answer(int(fault), {}, b"CANARY-ANSWER")
            return
        if fault == "expired":
            self._answer(403, {"Content-Type": "application/xml"}, _EXPIRED)
            return
        target = urlsplit(self.state.store)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        try:
            # The signature is of the host that the client has asked.
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        headers = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server")
        }
        if fault == "tag":
            headers = {name: value for name, value in headers.items() if name.lower() != "etag"}
            headers["ETag"] = '"0123456789abcdef"'
        length = answer.getheader("Content-Length")
        self._answer(answer.status, headers, data, length=length, fault=fault)

    def _answer(
        self,
        status: int,
        headers: dict[str, str],
        body: bytes,
        *,
        length: str | None = None,
        fault: str = "",
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        is_head = self.command == "HEAD"
        self.send_header("Content-Length", length if is_head and length else str(len(body)))
        self.end_headers()
        try:
            if fault == "cut" and not is_head:
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            elif fault == "slow" and not is_head:
                for start in range(0, len(body), max(1, len(body) // 20)):
                    self.wfile.write(body[start : start + max(1, len(body) // 20)])
                    self.wfile.flush()
                    time.sleep(0.02)
            elif not is_head:
                self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        self._forward()

    def do_HEAD(self) -> None:
        self._forward()

    def do_PUT(self) -> None:
        self._forward()

    def do_POST(self) -> None:
        self._forward()

    def do_DELETE(self) -> None:
        self._forward()
