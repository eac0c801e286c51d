"""Every way that we know to be wrong at the door of the Teams channel, tried on the running bot: refused, and no more.

Each attack is a good request of a new user that is wrong in one way. ``docs/teams-attacks.md`` is held to the lists.
"""

from __future__ import annotations

import contextlib
import copy
import gzip
import hashlib
import hmac
import http.client
import json
import re
import threading
import time
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, Iterator, List, Tuple
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms

from lotsen.channels.teams.incoming import MAX_TOKEN
from lotsen.runtime.hardening import MAX_BYTES
from lotsen.settings import ROOT
from tests.support.microsoft import APP_ID, HOUR, ISSUER, TENANT, base64url, jwk, rsa_key
from tests.support.running import RunningLotsen
from tests.support.teams import BOT, SECONDS, TeamsUser

PAGE = ROOT / "docs" / "teams-attacks.md"
WITHIN, BEYOND = 240, 360
"""Seconds that clocks differ by; five minutes are allowed, and a slow machine must not turn one into the other."""
OTHER = "99999999-8888-4777-8666-555555555555"
EMULATOR = "d6d49420-f39b-4df7-a1dc-d59a935871db"
ENTRA, STS, EVIL = "https://login.microsoftonline.com", "https://sts.windows.net", "https://evil.example"
SPKI, PKCS1 = PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1
TEAMS = rsa_key("teams")
DEEP = b"[" * 20_000 + b"]" * 20_000
SERVERS_OWN = (404, 405, 413)
"""Answered by the server before the channel sees it, with a page of its own."""


class Trap:
    """A server of the attacker's, with keys to be believed: whatever comes here was lured."""

    def __init__(self) -> None:
        """Listen on this machine; ``localhost`` is not in the bot's LOTSEN_TEAMS_HOSTS."""
        self.caught: List[str] = []
        caught, keys = self.caught, json.dumps({"keys": [jwk(rsa_key("attacker"), "teams")]}).encode()

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Note what came, and answer with the keys."""
                caught.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(keys)))
                self.end_headers()
                self.wfile.write(keys)

            do_POST = do_GET

            def log_message(self, *arguments: Any) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._server.server_port
        self.url = f"http://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


class Attempt:
    """A good request, which an attack makes wrong before it is sent."""

    def __init__(self, user: TeamsUser, trap: Trap) -> None:
        """Say something as ``user`` that nobody else says."""
        self.user, self.trap, self.service = user, trap, user.microsoft.service
        self.words = "hemligt" + uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
        self.activity: Dict[str, Any] = user.activity(text=self.words)
        self.claims: Dict[str, Any] = user.microsoft.claims()
        self.header: Dict[str, Any] = {"typ": "JWT", "alg": "RS256", "kid": "teams"}
        self.spell: Callable[[bytes], bytes] = bytes
        self.sign: Callable[[bytes], bytes] = signer("RS256", TEAMS)
        self.reshape: Callable[[List[str]], str] = ".".join
        self.token = ""
        self.authorization: Callable[[str], List[Any]] = lambda token: [f"Bearer {token}"]
        self.method, self.path = "POST", "{path}"
        self.headers: Dict[str, str] = {}
        self.rewrite: Callable[[bytes], bytes] = bytes

    def send(self) -> Tuple[int, str]:
        """Send it as it is now; return status and body of the answer."""
        parts = [encoded(self.header), base64url(self.spell(json.dumps(self.claims).encode()))]
        self.token = self.reshape([*parts, base64url(self.sign(".".join(parts).encode()))])
        body = self.rewrite(json.dumps(self.activity).encode())
        where, length = urlsplit(self.user.endpoint), str(len(body))
        lines = {"Content-Type": "application/json", "Content-Length": length, **self.headers}
        with contextlib.closing(http.client.HTTPConnection(where.netloc, timeout=SECONDS)) as connection:
            connection.putrequest(self.method, self.path.format(path=where.path, token=self.token))
            for name, value in lines.items():
                connection.putheader(name, value.format(token=self.token))
            for authorization in self.authorization(self.token):
                connection.putheader("Authorization", authorization)
            connection.endheaders(body if lines["Content-Length"] == length else None)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


Wrong = Callable[[Attempt], None]
Attack = Tuple[str, int, Wrong]
"""Its name, the status that it gets, and what it does."""


def encoded(part: Any) -> str:
    """Return a part of a token, written."""
    return base64url(json.dumps(part).encode())


def signer(algorithm: str, key: Any) -> Callable[[bytes], bytes]:
    """Return what signs with a key."""
    return lambda data: get_default_algorithms()[algorithm].sign(data, key)


def both(*wrongs: Wrong) -> Wrong:
    """Be wrong in several ways at once."""

    def wrong(sent: Attempt) -> None:
        for one in wrongs:
            one(sent)

    return wrong


def changed(what: str, **changes: Any) -> Wrong:
    """Change some of a part of the request; what is ``...`` is left out."""

    def wrong(sent: Attempt) -> None:
        values = {**getattr(sent, what), **changes}
        setattr(sent, what, {name: value for name, value in values.items() if value is not ...})

    return wrong


def header(**changes: Any) -> Wrong:
    """Change the token's header, and sign it well."""
    return changed("header", **changes)


def claims(**changes: Any) -> Wrong:
    """Change what the token says, and sign it well."""
    return changed("claims", **changes)


def spelled(spell: Callable[[bytes], bytes]) -> Wrong:
    """Write what the token says in another way, and sign it well."""
    return lambda sent: setattr(sent, "spell", spell)


def at(**seconds: int) -> Wrong:
    """Change times that the token says to some seconds from now."""
    return lambda sent: claims(**{name: int(time.time()) + value for name, value in seconds.items()})(sent)


def padded(characters: int) -> Wrong:
    """Make a good token longer than that, with a claim that means nothing."""
    return claims(pad="x" * (characters * 3 // 4))


def meant(place: Callable[[str], Any]) -> Wrong:
    """Give the token for another spelling of the place."""
    return lambda sent: claims(serviceurl=place(sent.service))(sent)


def forged(algorithm: str, sign: Callable[[bytes], bytes], **changes: Any) -> Wrong:
    """Sign in another way, and say so in the header."""
    return both(header(alg=algorithm, **changes), lambda sent: setattr(sent, "sign", sign))


def by_attacker(**changes: Any) -> Wrong:
    """Sign with a key of the attacker's, and change the header."""
    return forged("RS256", signer("RS256", rsa_key("attacker")), **changes)


def by_signer(kid: str, *bits: int) -> Wrong:
    """Sign with another key of the right signer's."""
    return forged("RS256", signer("RS256", rsa_key(kid, *bits)), kid=kid)


def keyed(*written: Any) -> Wrong:
    """Sign with HS256; the secret is what everybody may read of the right signer's key."""
    secret = TEAMS.public_key().public_bytes(*written) if len(written) == 2 else json.dumps(*written).encode()
    return forged("HS256", lambda data: hmac.new(secret, data, hashlib.sha256).digest())


def lured(name: str) -> Wrong:
    """Point to the attacker's server in the header, and sign with the key that is there."""
    return lambda sent: by_attacker(**{name: f"{sent.trap.url}/{name}"})(sent)


def reshaped(reshape: Callable[[List[str]], str]) -> Wrong:
    """Put the three parts of a good token together in another way."""
    return lambda sent: setattr(sent, "reshape", reshape)


def headed(part: Any) -> Wrong:
    """Put another header before claims and signature of a good token."""
    written = base64url(part) if isinstance(part, bytes) else encoded(part)
    return reshaped(lambda parts: ".".join([written, *parts[1:]]))


def relabelled(**changes: Any) -> Wrong:
    """Change what a good token says, and keep its signature."""

    def wrong(sent: Attempt) -> None:
        said = encoded({**sent.claims, **changes})
        sent.reshape = lambda parts: ".".join([parts[0], said, parts[2]])

    return wrong


def saying(authorization: Callable[[str], List[Any]]) -> Wrong:
    """Send other ``Authorization`` headers than the one with the good token."""
    return lambda sent: setattr(sent, "authorization", authorization)


def elsewhere(name: str, value: str) -> Wrong:
    """Send the good token in another header."""
    return both(saying(lambda token: []), headers(**{name: value}))


def seen(sent: Attempt) -> None:
    """Use the token of a request that was let in before."""
    first = copy.copy(sent)
    first.activity = {**sent.activity, "type": "typing"}
    assert first.send() == (200, "{}")
    sent.authorization = lambda token: [f"Bearer {first.token}"]


def headers(**changes: str) -> Wrong:
    """Add headers to the request; ``_`` is ``-`` in their names."""
    return changed("headers", **{name.replace("_", "-"): value for name, value in changes.items()})


def asked(method: str = "POST", path: str = "{path}") -> Wrong:
    """Send it with another method, or elsewhere."""
    return both(lambda sent: setattr(sent, "method", method), lambda sent: setattr(sent, "path", path))


def activity(**changes: Any) -> Wrong:
    """Change what happened."""
    return changed("activity", **changes)


def tenants(conversation: Any, channel_data: Any) -> Wrong:
    """Change the tenant in the two places where Teams names it; what is ``...`` is left out."""

    def wrong(sent: Attempt) -> None:
        place = {**sent.activity["conversation"], "tenantId": conversation}
        data = {} if channel_data is ... else {"tenant": {"id": channel_data}}
        kept = {name: value for name, value in place.items() if value is not ...}
        activity(conversation=kept, channelData=data)(sent)

    return wrong


def served_from(place: str) -> Wrong:
    """Name one and the same place in token and activity."""

    def wrong(sent: Attempt) -> None:
        url = place.format(service=sent.service, trap=sent.trap.url, port=sent.trap.port)
        both(claims(serviceurl=url), activity(serviceUrl=url))(sent)

    return wrong


def rewritten(rewrite: Callable[[bytes], bytes]) -> Wrong:
    """Send another body."""
    return lambda sent: setattr(sent, "rewrite", rewrite)


def twice_in_body(name: str, value: str) -> Wrong:
    """Write a part of the activity a second time, at the end."""
    return rewritten(lambda body: body[:-1] + f', "{name}": {json.dumps(value)}}}'.encode())


ATTACKS: Dict[str, List[Attack]] = {
    "Without a token": [
        ("no Authorization header", 401, saying(lambda token: [])),
        ("an empty header", 401, saying(lambda token: [""])),
        ("the scheme alone", 401, saying(lambda token: ["Bearer"])),
        ("the scheme and a space", 401, saying(lambda token: ["Bearer "])),
        ("no scheme", 401, saying(lambda token: [token])),
        ("scheme Basic", 401, saying(lambda token: [f"Basic {token}"])),
        ("scheme Token", 401, saying(lambda token: [f"Token {token}"])),
        ("two schemes", 401, saying(lambda token: [f"Bearer Bearer {token}"])),
        ("two spaces", 401, saying(lambda token: [f"Bearer  {token}"])),
        ("a tab", 401, saying(lambda token: [f"Bearer\t{token}"])),
        ("a token in quotes", 401, saying(lambda token: [f'Bearer "{token}"'])),
        ("two tokens", 401, saying(lambda token: [f"Bearer {token} {token}"])),
        ("two tokens with a comma", 401, saying(lambda token: [f"Bearer {token}, Bearer {token}"])),
        ("two headers, the good one last", 401, saying(lambda token: ["Bearer x", f"Bearer {token}"])),
        ("the token in the address", 401, both(saying(lambda token: []), asked(path="{path}?access_token={token}"))),
        ("the token in a cookie", 401, elsewhere("Cookie", "Authorization=Bearer {token}")),
        ("the token in Proxy-Authorization", 401, elsewhere("Proxy_Authorization", "Bearer {token}")),
        ("the token in X-Forwarded-Authorization", 401, elsewhere("X_Forwarded_Authorization", "Bearer {token}")),
    ],
    "What is no token": [
        ("garbage", 401, saying(lambda token: ["Bearer xyzzy"])),
        ("two dots", 401, saying(lambda token: ["Bearer .."])),
        ("three dots", 401, saying(lambda token: ["Bearer ..."])),
        ("bytes that are no text", 401, saying(lambda token: [b"Bearer \xff\xfe.\xff.\xff"])),
        ("two parts", 401, reshaped(lambda parts: ".".join(parts[:2]))),
        ("four parts", 401, reshaped(lambda parts: ".".join([*parts, parts[2]]))),
        ("five parts, as if encrypted", 401, reshaped(lambda parts: ".".join([*parts, "e30", "e30"]))),
        ("a header that is a list", 401, headed(["RS256"])),
        ("a header that is no JSON", 401, headed(b"RS256")),
        ("a header of deep nesting", 401, headed(b"[" * 3_000)),
        ("claims that are a list", 401, spelled(lambda said: b"[" + said + b"]")),
        ("claims that are no JSON", 401, spelled(lambda said: said[:-1])),
        ("claims of deep nesting", 401, spelled(lambda said: b"[" * 3_000)),
        ("a token of over 6,000 characters", 401, padded(MAX_TOKEN)),
        ("a token of over 20,000 characters", 413, padded(20_000)),
    ],
    "Other ways to sign": [
        ("alg none, unsigned", 401, forged("none", lambda data: b"")),
        ("alg None, unsigned", 401, forged("None", lambda data: b"")),
        ("alg NONE, unsigned", 401, forged("NONE", lambda data: b"")),
        ("alg nOnE, unsigned", 401, forged("nOnE", lambda data: b"")),
        ("alg none, with a good signature", 401, header(alg="none")),
        ("alg empty, unsigned", 401, forged("", lambda data: b"")),
        ("alg missing", 401, header(alg=...)),
        ("alg null", 401, header(alg=None)),
        ("alg in small letters", 401, header(alg="rs256")),
        ("alg a list", 401, header(alg=["RS256"])),
        ("HS256 with the public key as PEM", 401, keyed(Encoding.PEM, SPKI)),
        ("HS256 with the public key as PKCS #1 PEM", 401, keyed(Encoding.PEM, PKCS1)),
        ("HS256 with the public key as DER", 401, keyed(Encoding.DER, SPKI)),
        ("HS256 with the public key as JWK", 401, keyed(jwk(TEAMS, "teams"))),
        ("RS384 with the right key", 401, forged("RS384", signer("RS384", TEAMS))),
        ("RS512 with the right key", 401, forged("RS512", signer("RS512", TEAMS))),
        ("PS256 with the right key", 401, forged("PS256", signer("PS256", TEAMS))),
        ("PS256 under the name RS256", 401, forged("RS256", signer("PS256", TEAMS))),
        ("ES256", 401, forged("ES256", signer("ES256", ec.generate_private_key(ec.SECP256R1())))),
    ],
    "Signatures and keys": [
        ("another key under the known kid", 401, by_attacker()),
        ("no signature", 401, forged("RS256", lambda data: b"")),
        ("a signature of zeros", 401, forged("RS256", lambda data: bytes(256))),
        ("a signature that is cut short", 401, forged("RS256", lambda data: signer("RS256", TEAMS)(data)[:-1])),
        ("another token's signature", 401, forged("RS256", lambda data: signer("RS256", TEAMS)(b"e30.e30"))),
        ("a later expiry, after signing", 401, relabelled(exp=4_000_000_000)),
        ("another place, after signing", 401, both(activity(serviceUrl=EVIL), relabelled(serviceurl=EVIL))),
        ("another header, after signing", 401, headed({"alg": "RS256", "kid": "teams"})),
        ("a key that is endorsed for web chat only", 403, by_signer("webchat-only")),
        ("a key without endorsements", 403, by_signer("unendorsed")),
        ("a key of 1,024 bits", 401, by_signer("short", 1024)),
    ],
    "The token's header": [
        ("kid missing", 401, header(kid=...)),
        ("kid null", 401, header(kid=None)),
        ("kid empty", 401, header(kid="")),
        ("kid unknown", 401, by_attacker(kid="attacker")),
        ("kid in capitals", 401, header(kid="TEAMS")),
        ("kid a number", 401, header(kid=7)),
        ("kid a list", 401, header(kid=["teams"])),
        ("kid an object", 401, header(kid={"teams": True})),
        ("kid a path", 401, header(kid="../../../../../../dev/null")),
        ("kid SQL", 401, header(kid="x' UNION SELECT 'teams' --")),
        ("kid the attacker's address", 401, lured("kid")),
        ("kid with a NUL", 401, header(kid="teams\0")),
        ("kid with half a character", 401, header(kid="\ud800")),
        ("jwk: the attacker's key", 401, by_attacker(jwk=jwk(rsa_key("attacker"), "teams"))),
        ("jwk: the attacker's key, without a kid", 401, by_attacker(jwk=jwk(rsa_key("attacker"), "teams"), kid=...)),
        ("jku: the attacker's keys", 401, lured("jku")),
        ("jku: the attacker's keys, under an unknown kid", 401, both(lured("jku"), header(kid="attacker"))),
        ("x5u: the attacker's certificate", 401, lured("x5u")),
        ("x5c: the attacker's certificate", 401, by_attacker(x5c=["MIIB"], x5t="teams")),
        ("crit with something unknown", 401, header(crit=["teams"], teams=True)),
        ("crit with a claim's name", 401, header(crit=["exp"])),
        ("crit empty", 401, header(crit=[])),
        ("b64: claims that are not encoded", 401, header(b64=False, crit=["b64"])),
    ],
    "Who sent it, and to whom": [
        ("iss missing", 401, claims(iss=...)),
        ("iss null", 401, claims(iss=None)),
        ("iss empty", 401, claims(iss="")),
        ("iss with a slash at the end", 401, claims(iss=f"{ISSUER}/")),
        ("iss with http", 401, claims(iss=ISSUER.replace("https", "http"))),
        ("iss in capitals", 401, claims(iss=ISSUER.upper())),
        ("iss that begins like the right one", 401, claims(iss=f"{ISSUER}.evil.example")),
        ("iss a list", 401, claims(iss=[ISSUER])),
        ("iss of Entra ID, version 1", 401, claims(iss=f"{STS}/{TENANT}/")),
        ("iss of Entra ID, version 2", 401, claims(iss=f"{ENTRA}/{TENANT}/v2.0")),
        ("iss of the Bot Framework Emulator", 401, claims(iss=f"{ENTRA}/{EMULATOR}/v2.0")),
        ("iss of Microsoft's cloud for the US government", 401, claims(iss="https://api.botframework.us")),
        ("aud missing", 401, claims(aud=...)),
        ("aud null", 401, claims(aud=None)),
        ("aud empty", 401, claims(aud="")),
        ("aud another bot", 401, claims(aud=OTHER)),
        ("aud a list of us", 401, claims(aud=[APP_ID])),
        ("aud a list of another bot and us", 401, claims(aud=[OTHER, APP_ID])),
        ("aud an object", 401, claims(aud={APP_ID: True})),
        ("aud as Teams writes our id", 401, claims(aud=BOT)),
        ("the bot's own token", 401, saying(lambda token: ["Bearer token 1"])),
        ("a token of the outgoing kind", 401, claims(iss=f"{STS}/{TENANT}/", aud=ISSUER, appid=APP_ID)),
    ],
    "Times": [
        ("expired", 401, at(exp=-HOUR)),
        ("expired, beyond the leeway", 401, at(exp=-BEYOND)),
        ("exp missing", 401, claims(exp=...)),
        ("exp null", 401, claims(exp=None)),
        ("exp a word", 401, claims(exp="never")),
        ("exp empty", 401, claims(exp="")),
        ("exp a number in quotes", 401, claims(exp="4000000000")),
        ("exp a list", 401, claims(exp=[4_000_000_000])),
        ("exp true", 401, claims(exp=True)),
        ("exp NaN", 401, claims(exp=float("nan"))),
        ("exp Infinity", 401, claims(exp=float("inf"))),
        ("exp 1e999", 401, spelled(lambda said: said[:-1] + b', "exp": 1e999}')),
        ("exp below zero", 401, claims(exp=-1)),
        ("not yet valid, beyond the leeway", 401, at(nbf=BEYOND)),
        ("nbf a word", 401, claims(nbf="yesterday")),
        ("nbf NaN", 401, claims(nbf=float("nan"))),
        ("made in the future, beyond the leeway", 401, at(iat=BEYOND)),
    ],
    "The place": [
        ("serviceurl missing", 401, claims(serviceurl=...)),
        ("serviceurl null", 401, claims(serviceurl=None)),
        ("serviceurl empty", 403, claims(serviceurl="")),
        ("serviceurl another", 403, claims(serviceurl=f"{EVIL}/")),
        ("serviceurl without the slash at the end", 403, meant(lambda service: service[:-1])),
        ("serviceurl in capitals", 403, meant(str.upper)),
        ("serviceurl a list", 403, meant(lambda service: [service])),
        ("serviceurl true", 403, claims(serviceurl=True)),
        ("serviceUrl missing", 403, activity(serviceUrl=...)),
        ("serviceUrl null", 403, activity(serviceUrl=None)),
        ("serviceUrl a list", 403, activity(serviceUrl=[EVIL])),
        ("serviceUrl another, under a token that was seen", 403, both(seen, activity(serviceUrl=f"{EVIL}/"))),
        ("serviceUrl written twice, the other one last", 403, twice_in_body("serviceUrl", f"{EVIL}/")),
        ("both empty", 403, served_from("")),
        ("both the attacker's, on this machine", 403, served_from("{trap}/")),
        ("both the attacker's, with https", 403, served_from(f"{EVIL}/")),
        ("both another cloud's Teams", 403, served_from("https://smba.infra.gov.teams.microsoft.us/")),
        ("both our host as user name", 403, served_from("http://127.0.0.1@localhost:{port}/")),
        ("both our host, with an empty user name", 403, served_from("http://@127.0.0.1:{port}/")),
        ("both our host, with user name and password", 403, served_from("http://a:b@127.0.0.1:{port}/")),
        ("both our host as sub-domain", 403, served_from("http://127.0.0.1.evil.example/")),
        ("both our host after a backslash", 403, served_from("http://localhost:{port}\\@127.0.0.1/")),
        ("both our host after a fragment's mark", 403, served_from("http://localhost:{port}#@127.0.0.1/")),
        ("both our host as path", 403, served_from("{trap}/127.0.0.1/")),
        ("both our host with a dot at the end", 403, served_from("http://127.0.0.1.:{port}/")),
        ("both our host as one number", 403, served_from("http://2130706433:{port}/")),
        ("both our host in short", 403, served_from("http://127.1:{port}/")),
        ("both our host as IPv6", 403, served_from("http://[::ffff:127.0.0.1]:{port}/")),
        ("both our host, https on another port", 403, served_from("https://127.0.0.1:{port}/")),
        ("both our host, a port that is none", 403, served_from("http://127.0.0.1:99999/")),
        ("both our host, by ftp", 403, served_from("ftp://127.0.0.1/")),
        ("both our host, without a scheme", 403, served_from("//127.0.0.1/")),
        ("both our host, with a query", 403, served_from("{service}?to={trap}")),
        ("both our host, with a fragment", 403, served_from("{service}#x")),
        ("both a file", 403, served_from("file://127.0.0.1/etc/passwd")),
        ("both the cloud's own service for machines", 403, served_from("http://169.254.169.254/metadata/identity/")),
    ],
    "The tenant": [
        ("a tenant that is not in the list", 403, tenants(OTHER, OTHER)),
        ("another tenant in conversation", 403, tenants(OTHER, TENANT)),
        ("another tenant in channelData", 403, tenants(TENANT, OTHER)),
        ("no tenant", 403, tenants(..., ...)),
        ("tenants null", 403, tenants(None, None)),
        ("tenants empty", 403, tenants("", "")),
        ("an empty tenant in conversation", 403, tenants("", TENANT)),
        ("a tenant in conversation that is a list", 403, tenants([TENANT], TENANT)),
        ("a tenant in channelData that is a list", 403, tenants(TENANT, [TENANT, OTHER])),
        ("a tenant in channelData that is a number", 403, tenants(TENANT, 7)),
        ("a tenant in capitals", 403, tenants(TENANT.upper(), TENANT.upper())),
        ("a tenant with a space", 403, tenants(f"{TENANT} ", f"{TENANT} ")),
        ("the tenant in other places", 403, both(tenants(..., ...), activity(tenantId=TENANT, tenant={"id": TENANT}))),
        ("texts where the tenant's places are", 403, activity(conversation=TENANT, channelData=TENANT)),
    ],
    "The bot and the channel": [
        ("for another bot", 403, activity(recipient={"id": f"28:{OTHER}"})),
        ("for a user with our id", 403, activity(recipient={"id": f"29:{APP_ID}"})),
        ("for our id without 28:", 403, activity(recipient={"id": APP_ID})),
        ("for a list with us", 403, activity(recipient={"id": [BOT]})),
        ("for nobody", 403, activity(recipient=...)),
        ("for a text", 403, activity(recipient=BOT)),
        ("channelId emulator", 403, activity(channelId="emulator")),
        ("channelId webchat", 403, activity(channelId="webchat")),
        ("channelId directline", 403, activity(channelId="directline")),
        ("channelId in capitals", 403, activity(channelId="MSTEAMS")),
        ("channelId missing", 403, activity(channelId=...)),
        ("channelId null", 403, activity(channelId=None)),
        ("channelId a list", 403, activity(channelId=["msteams"])),
        ("channelId written twice, the other one last", 403, twice_in_body("channelId", "emulator")),
    ],
    "The request": [
        ("no body", 400, rewritten(lambda body: b"")),
        ("no JSON", 400, rewritten(lambda body: b"hej")),
        ("JSON that breaks off", 400, rewritten(lambda body: body[:-1])),
        ("two activities in one body", 400, rewritten(lambda body: body + body)),
        ("a NUL at the end", 400, rewritten(lambda body: body + b"\0")),
        ("a list", 400, rewritten(lambda body: b"[" + body + b"]")),
        ("a text", 400, rewritten(lambda body: json.dumps(body.decode()).encode())),
        ("null", 400, rewritten(lambda body: b"null")),
        ("an empty object", 403, rewritten(lambda body: b"{}")),
        ("deep nesting", 400, rewritten(lambda body: DEEP)),
        ("deep nesting inside an activity", 400, rewritten(lambda body: body[:-1] + b', "x": ' + DEEP + b"}")),
        ("a form", 400, rewritten(lambda body: b"activity=" + body)),
        ("bytes that are no text, as body", 400, rewritten(lambda body: b"\xff\xff" + body)),
        ("a packed body", 400, both(headers(Content_Encoding="gzip"), rewritten(gzip.compress))),
        ("a body of over 100,000 bytes", 413, rewritten(lambda body: body + b" " * MAX_BYTES)),
        ("a body that says it is a gigabyte", 413, headers(Content_Length="1000000000")),
        ("no JSON and no token", 401, both(saying(lambda token: []), rewritten(lambda body: b"hej"))),
        ("GET", 405, asked("GET")),
        ("PUT", 405, asked("PUT")),
        ("DELETE", 405, asked("DELETE")),
        ("Rasa's own channel for Teams", 404, asked(path="/webhooks/botframework/webhook")),
        ("Rasa's own REST channel", 404, asked(path="/webhooks/rest/webhook")),
    ],
}  # fmt: skip
LET_IN: List[Attack] = [
    ("a good request", 200, both()),
    ("the scheme in small letters", 200, saying(lambda token: [f"bearer {token}"])),
    ("expired, within the leeway", 200, at(exp=-WITHIN)),
    ("not yet valid, within the leeway", 200, at(nbf=WITHIN)),
    ("nbf missing", 200, claims(nbf=...)),
    ("valid for a thousand years", 200, at(exp=1_000 * 366 * 24 * HOUR)),
    ("two headers, the good one first", 200, saying(lambda token: [f"Bearer {token}", "Bearer x"])),
    ("the tenant in conversation only", 200, tenants(TENANT, ...)),
    ("the tenant in channelData only", 200, tenants(..., TENANT)),
    ("jwk: the attacker's key, beside a good signature", 200, header(jwk=jwk(rsa_key("attacker"), "teams"))),
    ("a token that came with another activity", 200, seen),
]  # fmt: skip

ALL: List[Attack] = [attack for group in ATTACKS.values() for attack in group]


def named(attacks: List[Attack]) -> List[Any]:
    """Return attacks as a test's parameters."""
    return [pytest.param(*attack[1:], id=attack[0]) for attack in attacks]


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    """The attacker's server, which does hear who comes."""
    trap = Trap()
    with contextlib.closing(http.client.HTTPConnection("localhost", trap.port, timeout=SECONDS)) as connection:
        connection.request("GET", "/heard")
        connection.getresponse().read()
    assert trap.caught == ["/heard"]
    trap.caught.clear()
    yield trap
    trap.close()


def heard(lotsen: RunningLotsen, words: str) -> int:
    """Return how often the bot has kept what somebody said."""
    return lotsen.query(f"SELECT count(*) FROM chat_messages WHERE body LIKE '%{words}%'")[0][0]


def known(lotsen: RunningLotsen, user: TeamsUser) -> int:
    """Return in how many conversations the bot knows a user."""
    known = f"SELECT count(*) FROM teams_conversations WHERE teams_conversation = '{user.conversation}'"
    return lotsen.query(known)[0][0]


def calls(user: TeamsUser) -> List[str]:
    """Return the calls that the bot made to Microsoft for a user, whatever came of them."""
    return [call.path for call in user.microsoft.calls if call.conversation == user.conversation]


@pytest.mark.parametrize(("status", "wrong"), named(ALL))
def test_attack(status: int, wrong: Wrong, user: TeamsUser, lotsen: RunningLotsen, trap: Trap) -> None:
    """It is refused, nothing is kept, nobody is called; put right it is taken, and answered once."""
    bad, good = Attempt(user, trap), Attempt(user, trap)
    wrong(bad)
    got, body = bad.send()
    assert got == status
    assert body == "{}" or status in SERVERS_OWN
    assert bad.words not in body and not (bad.token and bad.token in body)
    assert (known(lotsen, user), calls(user)) == (0, [])
    assert good.send() == (200, "{}")
    assert user.hear()
    assert (known(lotsen, user), heard(lotsen, good.words), heard(lotsen, bad.words)) == (1, 1, 0)
    assert trap.caught == []


@pytest.mark.parametrize(("status", "wrong"), named(LET_IN))
def test_let_in(status: int, wrong: Wrong, user: TeamsUser, lotsen: RunningLotsen, trap: Trap) -> None:
    """It is taken; sent again, whole, it is taken and means nothing: it is kept once, and answered once."""
    sent = Attempt(user, trap)
    wrong(sent)
    assert sent.send() == (status, "{}")
    answer = user.hear()
    assert answer
    assert sent.send() == (status, "{}")
    assert user.hear() == []
    assert (known(lotsen, user), heard(lotsen, sent.words)) == (1, 1)
    assert trap.caught == []


def test_no_token_and_no_text_is_logged_or_kept(user: TeamsUser, lotsen: RunningLotsen, trap: Trap) -> None:
    """The log tells of each attack that the channel refused, with nothing of its token or its text in it."""
    before = Counter(lotsen.rasa_log().splitlines())
    tried = [(Attempt(user, trap), status, wrong) for _, status, wrong in ALL]
    for sent, _, wrong in tried:
        wrong(sent)
        sent.send()
    logged = "\n".join((Counter(lotsen.rasa_log().splitlines()) - before).elements())
    assert {"chat_messages", "teams_conversations", "events"} <= set(lotsen.tables())
    kept = lotsen.dump()
    refused = [status for _, status, _ in tried if status in (401, 403)]
    assert logged.count("A request to /teams/messages was refused: ") == len(refused)
    assert "Traceback" not in logged
    for sent, _, _ in tried:
        assert sent.words not in logged + kept
        parts = [part for part in sent.token.split(".") if len(part) > 40]
        assert not [part for part in [sent.token, *parts] if part and part in logged + kept]
    assert known(lotsen, user) == 0


def test_the_page_tells_of_each_attack() -> None:
    """docs/teams-attacks.md has the same attacks under the same headings, in the same order, with the same answers."""
    page = PAGE.read_text(encoding="utf-8")
    sections = re.findall(r"^## ([^\n]+)$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    rows = {title: re.findall(r"^\| (.+?) \| (\d+) \| .+ \|$", text, re.MULTILINE) for title, text in sections}
    told = {title: [(name, int(status)) for name, status in found] for title, found in rows.items() if found}
    tried = {**ATTACKS, "What is let in": LET_IN}
    assert told == {title: [(name, status) for name, status, _ in group] for title, group in tried.items()}
    assert list(told) == list(tried)
    assert f"{len(ALL)} attacks" in page
