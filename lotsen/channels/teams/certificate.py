"""Signing in with a certificate: a short-lived assertion in place of a secret that has to travel.

As Entra ID asks for: PS256, the certificate named by its SHA-256 thumbprint, ten minutes at most.
"""

from __future__ import annotations

import base64
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

LIFETIME_SECONDS = 300


class BadCertificate(Exception):
    """A certificate cannot be used; the message says why and holds nothing of the key."""


@dataclass(frozen=True)
class Certificate:
    """A certificate's private key, and its thumbprint."""

    key: RSAPrivateKey = field(repr=False)
    thumbprint: str

    @classmethod
    def read(cls, path: Path) -> Certificate:
        """Read a PEM file that has both.

        Raises:
            BadCertificate: if it cannot be read, lacks one, or they do not belong together.
        """
        try:
            written = path.read_bytes()
        except OSError as error:
            raise BadCertificate(f"{path} cannot be read ({error.strerror})") from error
        try:
            certificate = x509.load_pem_x509_certificate(written)
        except ValueError as error:
            raise BadCertificate(f"{path} has no certificate (-----BEGIN CERTIFICATE-----)") from error
        try:
            key = load_pem_private_key(written, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadCertificate(f"{path} has no private key that can be read without a password") from error
        if not isinstance(key, RSAPrivateKey):
            raise BadCertificate(f"{path}: the key is no RSA key, which Entra ID asks for")
        if key.public_key() != certificate.public_key():
            raise BadCertificate(f"{path}: the private key is not that of the certificate")
        thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).rstrip(b"=").decode()
        return cls(key, thumbprint)

    def assertion(self, app_id: str, token_url: str) -> str:
        """Return a signed word that we are the app, for the place that gives tokens."""
        now = int(time.time())
        claims = {
            "aud": token_url,
            "iss": app_id,
            "sub": app_id,
            "jti": str(uuid.uuid4()),
            "nbf": now,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self.key, algorithm="PS256", headers={"x5t#S256": self.thumbprint})
