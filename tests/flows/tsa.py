"""A timestamp authority: `openssl ts` behind HTTP on loopback."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[tsa]
default_tsa = it
[it]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
certs = {folder}/root.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
"""


def openssl(*arguments: str | Path) -> bytes:
    done = subprocess.run(["openssl", *arguments], check=True, capture_output=True)
    return done.stdout


class Tsa:
    """What the authority answers, and how its clients know it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.asked = 0
        self.spoil: bytes | None = None
        """Sent instead of an answer."""

    @property
    def root(self) -> bytes:
        """The DER of its root certificate."""
        return openssl("x509", "-in", self.folder / "root.pem", "-outform", "DER")

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        if self.spoil is not None:
            return self.spoil
        number = self.folder / f"{self.asked}"
        number.with_suffix(".tsq").write_bytes(query)
        reply = number.with_suffix(".tsr")
        openssl(
            "ts", "-reply", "-config", self.folder / "tsa.cnf", "-section", "it",
            "-queryfile", number.with_suffix(".tsq"), "-out", reply,
        )  # fmt: skip
        return reply.read_bytes()


def _certify(folder: Path) -> None:
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    for name in ("root", "signer"):
        openssl(
            "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / f"{name}.key"
        )
        openssl(
            "req", "-new", "-key", folder / f"{name}.key", "-subj", f"/CN={name}",
            "-out", folder / f"{name}.csr",
        )  # fmt: skip
    common = ("x509", "-req", "-days", "3650", "-extfile", folder / "tsa.cnf")
    openssl(
        *common, "-in", folder / "root.csr", "-signkey", folder / "root.key",
        "-extensions", "root", "-out", folder / "root.pem",
    )  # fmt: skip
    openssl(
        *common, "-in", folder / "signer.csr", "-CA", folder / "root.pem",
        "-CAkey", folder / "root.key", "-set_serial", "2", "-extensions", "signer",
        "-out", folder / "signer.pem",
    )  # fmt: skip


@contextmanager
def running_tsa(folder: Path) -> Iterator[Tsa]:
    """Run an authority whose keys are in a new folder."""
    folder.mkdir()
    _certify(folder)
    tsa = Tsa(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["content-type"] == "application/timestamp-query"
            reply = tsa.answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tsa.url = f"http://127.0.0.1:{server.server_port}/tsa"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield tsa
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
