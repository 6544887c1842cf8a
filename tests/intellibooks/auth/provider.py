"""An identity provider on this machine: it publishes keys and signs what it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.example"
AUDIENCE = "studio"


class Provider:
    """``url`` is where its keys are; ``rotate`` makes a new one and forgets the old."""

    def __init__(self) -> None:
        self.fetches = 0
        self.rotate("first")
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.fetches += 1
                body = json.dumps({"keys": provider.publish()}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/keys"

    def rotate(self, key_id: str) -> None:
        self.key_id = key_id
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())

    def publish(self) -> list[dict[str, Any]]:
        rsa_key = RSAAlgorithm.to_jwk(self.rsa.public_key(), as_dict=True)
        ec_key = ECAlgorithm.to_jwk(self.ec.public_key(), as_dict=True)
        return [
            {**rsa_key, "kid": self.key_id, "use": "sig", "alg": "RS256"},
            {**ec_key, "kid": f"{self.key_id}-ec", "use": "sig", "alg": "ES256"},
        ]

    def public_pem(self) -> bytes:
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, algorithm: str = "RS256", **changes: Any) -> str:
        """A token for Alice; a change to None leaves the claim out."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 60}
        kept = {name: value for name, value in (claims | changes).items() if value is not None}
        key: Any = self.rsa if algorithm == "RS256" else self.ec
        key_id = self.key_id if algorithm == "RS256" else f"{self.key_id}-ec"
        return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": key_id})


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
        thread.join()
