"""An object store on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The runners of commands refuse output with these words.
KEY, SECRET = "PLANTEDMEMBERKEY", "PLANTEDMEMBERSECRET"
SECRETS = {"VBPMEASURE_KEY": KEY, "VBPMEASURE_SECRET": SECRET}

_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


@dataclass
class Bucket:
    """A bucket of a server on this machine."""

    port: int
    filesystem: Any

    @property
    def endpoint(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def put(self, folder: Path, prefix: str) -> str:
        """Copy a folder into the bucket; return its address."""
        for file in (f for f in sorted(folder.rglob("*")) if f.is_file()):
            self.write(f"{prefix}/{file.relative_to(folder)}", file.read_bytes())
        return f"s3://claims/{prefix}"

    def write(self, key: str, content: bytes) -> None:
        """Write one object."""
        with self.filesystem.open_output_stream(f"claims/{key}") as stream:
            stream.write(content)

    def config(self, folder: Path, more: str = "", port: int | None = None) -> Path:
        """Write a configuration that reaches the server, and more."""
        file = folder / "remote.toml"
        file.write_text(
            f'[storage.s3]\nendpoint = "http://127.0.0.1:{port or self.port}"\n'
            'access_key_id = { env = "VBPMEASURE_KEY" }\n'
            f'secret_access_key = {{ env = "VBPMEASURE_SECRET" }}\n{more}'
        )
        return file

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Let the server look at keys for a while: it knows none."""
        self._check_keys_from(b"0")
        try:
            yield
        finally:
            self._check_keys_from(b"Infinity")

    def _check_keys_from(self, number: bytes) -> None:
        address = f"{self.endpoint}/moto-api/reset-auth"
        ask = urllib.request.Request(address, data=number, method="POST", headers={"Content-Type": "text/plain"})
        urllib.request.urlopen(ask).close()


@contextmanager
def serving() -> Iterator[Bucket]:
    """Run a server with the bucket `claims`, in a process of its own: libraries wait for it with the GIL held."""
    from pyarrow import fs

    words = [sys.executable, "-c", _SERVER]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            system = fs.S3FileSystem(
                access_key=KEY,
                secret_key=SECRET,
                endpoint_override=f"http://127.0.0.1:{port}",
                region="us-east-1",
                allow_bucket_creation=True,
                allow_delayed_open=True,  # one request for a small object in the place of three
                request_timeout=120,
            )
            system.create_dir("claims")
            yield Bucket(port, system)
        finally:
            process.stdin.close()  # it ends when nobody listens any more


def free_port() -> socket.socket:
    """Return a socket that holds a port on which nobody answers."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held
