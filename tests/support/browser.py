"""Drive a headless Chromium through its debugging pipe; nothing is needed but the browser."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
Event = dict[str, Any]


def chromium() -> str | None:
    """Return the path of the browser, or None: on Debian, `apt-get install chromium` brings it."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class Page:
    """One tab, with everything that it logged and asked the network for."""

    def __init__(self, process: "subprocess.Popen[bytes]", to_browser: int, from_browser: int) -> None:
        self._process, self._to, self._from = process, to_browser, from_browser
        self._rest, self._number, self._session = b"", 0, ""
        self.events: list[Event] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: object) -> Any:
        """Call a method of the DevTools protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self._to, text) :]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            # All of what came is taken: events that follow the answer would be lost otherwise.
            for answer in [
                message for message in list(self._receive(1)) if message.get("id") == self._number
            ]:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
        raise TimeoutError(f"the browser did not answer {method}")

    def size(self, width: int, height: int, *, mobile: bool = False) -> None:
        """Give the page a viewport in CSS pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if mobile else 1,
            mobile=mobile,
        )

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression on the page."""
        done = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait_until(self, script: str, seconds: float) -> None:
        """Return once an expression is true on the page; raises TimeoutError."""
        end = time.monotonic() + seconds
        while not self.evaluate(script):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds:.0f} s: {script}")
            list(self._receive(0.25))

    def wait_until_quiet(self, seconds: float, quiet_s: float = 1.0) -> None:
        """Return once nothing has been asked of the network for a while and nothing is outstanding."""
        end = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() - last < quiet_s or self.outstanding():
            if time.monotonic() > end:
                waiting = [
                    r["request"]["url"] for r in self.requests() if r["requestId"] in self.outstanding()
                ]
                raise TimeoutError(f"requests still outstanding after {seconds:.0f} s: {waiting}")
            if list(self._receive(0.25)):
                last = time.monotonic()

    def wait_until_still(self, seconds: float) -> None:
        """Return once the viewport shows the same twice: whatever was animated has come to its end."""
        end = time.monotonic() + seconds
        before = None
        while before != (before := self._picture()):
            if time.monotonic() > end:
                raise TimeoutError(f"the page still moves after {seconds:.0f} s")
            list(self._receive(0.5))

    def outstanding(self) -> set[str]:
        """Return the requests of scripts that have not ended."""
        sent = {
            request["requestId"] for request in self.requests() if request.get("type") in ("XHR", "Fetch")
        }
        ended = self._all("Network.loadingFinished") + self._all("Network.loadingFailed")
        return sent - {e["params"]["requestId"] for e in ended}

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write what the viewport shows as a PNG, or the whole page down to 8,000 pixels."""
        beyond: dict[str, object] = {}
        if whole:
            width, height = self.evaluate(
                "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
            )
            clip = {"x": 0, "y": 0, "width": width, "height": min(height, 8000), "scale": 1}
            beyond = {"captureBeyondViewport": True, "clip": clip}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._picture(**beyond))

    def prefer_dark(self) -> None:
        """Let the page be read by people who prefer dark pages."""
        features = [{"name": "prefers-color-scheme", "value": "dark"}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def printed(self) -> bytes:
        """Return the page as it is printed on A4, a PDF."""
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
        return base64.b64decode(self.send("Page.printToPDF", printBackground=True, **paper)["data"])

    def errors(self) -> list[str]:
        """Return uncaught exceptions, errors logged to the console, and requests that failed."""
        errors = [str(e["params"]["exceptionDetails"]) for e in self._all("Runtime.exceptionThrown")]
        for event in self._all("Runtime.consoleAPICalled"):
            if event["params"]["type"] in ("error", "assert"):
                errors.append(str([a.get("value", a.get("description")) for a in event["params"]["args"]]))
        for event in self._all("Log.entryAdded"):
            if event["params"]["entry"]["level"] == "error":
                errors.append(str(event["params"]["entry"]))
        for event in self._all("Network.responseReceived"):
            if event["params"]["response"]["status"] >= 400:
                errors.append(
                    f"{event['params']['response']['status']} {event['params']['response']['url']}"
                )
        return errors

    def requests(self) -> list[Event]:
        """Return every request that the page made: `requestId`, `type` and `request` of each."""
        return [event["params"] for event in self._all("Network.requestWillBeSent")]

    def answered(self) -> list[Event]:
        """Return the requests that were answered in full."""
        ended = {event["params"]["requestId"] for event in self._all("Network.loadingFinished")}
        return [request for request in self.requests() if request["requestId"] in ended]

    def body(self, request_id: str) -> bytes:
        """Return what a request was answered."""
        answer = self.send("Network.getResponseBody", requestId=request_id)
        return base64.b64decode(answer["body"]) if answer["base64Encoded"] else str(answer["body"]).encode()

    def _picture(self, **beyond: object) -> bytes:
        return base64.b64decode(self.send("Page.captureScreenshot", format="png", **beyond)["data"])

    def _all(self, method: str) -> list[Event]:
        return [event for event in self.events if event["method"] == method]

    def _receive(self, timeout: float) -> Iterator[Event]:
        """Yield the messages that come within the time; keeps those that are events."""
        if not select.select([self._from], [], [], timeout)[0]:
            return
        data = os.read(self._from, 1 << 20)
        assert data, f"the browser ended: {self._process.poll()}"
        *messages, self._rest = (self._rest + data).split(b"\0")
        for message in map(json.loads, messages):
            if "method" in message:
                self.events.append(message)
            yield message


@contextmanager
def open_page(width: int = 1440, height: int = 900) -> Iterator[Page]:
    """Start the browser with an empty profile and give a tab."""
    program = chromium()
    assert program, (
        "no Chromium here; install one (Debian: apt-get install chromium) or name it in $CHROMIUM"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # Chromium reads 3 and writes 4; ours lie above, so that none is overwritten while they are moved.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for pipe in (os.pipe(), os.pipe()) for end in pipe]
        its_input, to_browser, from_browser, its_output = ends
        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]

        def _place() -> None:
            os.dup2(its_input, 3)
            os.dup2(its_output, 4)

        process = subprocess.Popen(
            command,
            close_fds=False,  # Python's own are not inherited; 3 and 4 are
            preexec_fn=_place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_input)
        os.close(its_output)
        try:
            page = Page(process, to_browser, from_browser)
            page.size(width, height)
            yield page
        finally:
            process.terminate()
            process.wait(timeout=30)
            os.close(to_browser)
            os.close(from_browser)
