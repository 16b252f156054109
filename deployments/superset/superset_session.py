"""Talk to a Superset's API as a user who has logged in."""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from http.cookiejar import CookieJar
from typing import Any


class SupersetSession:
    """A session of a user, with the cookie and the token that Superset wants for changes."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Log in; raises RuntimeError if the password is wrong."""
        self.url = url.rstrip("/")
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        page = self._send("/login/").decode()
        token = re.search(r'csrf_token&#34;: ?&#34;([^&]+)|name="csrf_token"[^>]*value="([^"]+)"', page)
        form = {
            "username": user,
            "password": password,
            "csrf_token": next(filter(None, token.groups())) if token else "",
        }
        self._send("/login/", urllib.parse.urlencode(form).encode())
        if not any(cookie.name == "session" for cookie in self.cookies):
            raise RuntimeError("Superset gave no session")
        self._token = self.get("/api/v1/security/csrf_token/")["result"]

    def get(self, path: str) -> Any:
        """Return what the API answers."""
        return json.loads(self._send(path))

    def post_json(self, path: str, value: object) -> Any:
        """Send a value and return what the API answers."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token, "Referer": self.url}
        return json.loads(self._send(path, json.dumps(value).encode(), headers))

    def post_file(self, path: str, field: str, name: str, content: bytes) -> Any:
        """Send a file as a form does and return what the API answers."""
        boundary = uuid.uuid4().hex
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            "Content-Type: application/zip\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "X-CSRFToken": self._token,
            "Referer": self.url,
        }
        return json.loads(self._send(path, body, headers))

    def _send(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        request = urllib.request.Request(self.url + path, body, headers or {})
        try:
            with self._opener.open(request, timeout=120) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read().decode()[:2000]}") from None


def wait_for(url: str, seconds: float) -> None:
    """Return once the server is up; raises TimeoutError if it is not in time."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with opener.open(f"{url}/health", timeout=10):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
    raise TimeoutError(f"no Superset at {url} within {seconds:.0f} s")
