"""An identity provider that lies as it is told to: wrong tokens, wrong keys, wrong metadata, no answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Optional
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "lotsen", "a-secret-of-the-client"
CODE, ACCESS_TOKEN = "the-code", "the-access-token"
Claims = Dict[str, Any]


class Later(float):
    """A time in a token: so many seconds from when it is made."""


def rsa_key(id: str, bits: int = 2048) -> RSAKey:
    """Return a new key with an id."""
    return RSAKey.generate_key(bits, {"kid": id, "use": "sig"})


def encoded(part: bytes) -> str:
    """Return a part of a token."""
    return urlsafe_b64encode(part).rstrip(b"=").decode()


class Liar:
    """The provider. Tests set what they want to be wrong; what they do not set is right."""

    def __init__(self, path: str = "") -> None:
        """Serve at a port of its own; ``path``: what stands behind it in the issuer."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._path = path
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}{path}"
        self.key: Any = rsa_key("one")
        self.published: List[Any] = [self.key]
        self.algorithm = "RS256"
        self.claims: Claims = {}
        """Claims in place of the right ones; None leaves one out."""
        self.metadata: Dict[str, Any] = {}
        self.header: Dict[str, Any] = {}
        self.sign: Optional[Callable[[Claims], str]] = None
        self.userinfo: Dict[str, Any] = {"sub": "anna"}
        self.status: Dict[str, int] = {}
        """What to answer at the last part of a path, in place of 200."""
        self.bodies: Dict[str, bytes] = {}
        self.nonce = ""
        self.traded: List[Dict[str, str]] = []
        self.asked: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def settings(self) -> Dict[str, str]:
        """Return the settings with which a desk signs in here."""
        return {
            "LOTSEN_TRIAGE_OIDC_ISSUER": self.issuer,
            "LOTSEN_TRIAGE_OIDC_CLIENT_ID": CLIENT_ID,
            "LOTSEN_TRIAGE_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }

    def callback(self, address: str, **more: str) -> Dict[str, str]:
        """Return the parameters with which the user comes back who was sent to ``address``."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce = query["nonce"]
        return {"code": CODE, "state": query["state"], **more}

    def token(self) -> str:
        """Return an ID token: right, but for what was set."""
        half = hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16]
        right: Claims = {
            "iss": self.issuer,
            "sub": "anna",
            "aud": CLIENT_ID,
            "exp": int(time.time()) + 300,
            "iat": int(time.time()),
            "nonce": self.nonce,
            "at_hash": encoded(half),
            "name": "Anna Berg",
            "roles": ["agent"],
        }
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        claims = {
            name: int(time.time() + value) if isinstance(value, Later) else value for name, value in claims.items()
        }
        if self.sign is not None:
            return self.sign(claims)
        header = {"alg": self.algorithm, "kid": self.key.kid, **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])

    def answer(self, path: str) -> Any:
        """Return what is at a path."""
        if path.endswith("/openid-configuration"):
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                **self.metadata,
            }
        if path.endswith("/keys"):
            return {"keys": [key.as_dict(private=False) for key in self.published]}
        if path.endswith("/token"):
            return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": self.token()}
        return self.userinfo

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.split("/")[-1]
                liar.asked[name] += 1
                status = liar.status.get(name, 200)
                body = liar.bodies.get(name) or json.dumps(liar.answer(self.path)).encode()
                self.send_response(status)
                if status in (302, 307):
                    self.send_header("Location", f"{liar.issuer}/elsewhere")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                liar.traded.append({name: values[0] for name, values in sent.items()})
                self.do_GET()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def unsigned(claims: Claims) -> str:
    """Return a token with the algorithm ``none``."""
    return f"{encoded(json.dumps({'alg': 'none'}).encode())}.{encoded(json.dumps(claims).encode())}."


def signed_with_secret(secret: bytes, id: str) -> Callable[[Claims], str]:
    """Return what signs with HS256: with a secret, or with a public key as if it were one."""

    def sign(claims: Claims) -> str:
        header = encoded(json.dumps({"alg": "HS256", "kid": id}).encode())
        signed = f"{header}.{encoded(json.dumps(claims).encode())}"
        return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"

    return sign


def ec_key(id: str, curve: str = "P-256") -> ECKey:
    """Return a new key on a curve."""
    return ECKey.generate_key(curve, {"kid": id, "use": "sig"})
