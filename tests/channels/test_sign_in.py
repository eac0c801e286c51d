"""The host page's sign-in: only a token that its issuer signed for us names a user; keys are fetched with care."""

from __future__ import annotations

import base64
import concurrent.futures
import hashlib
import hmac
import http.server
import json
import string
import threading
import time
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from lotsen.channels.person import Person
from lotsen.channels.sign_in import AGAIN_SECONDS, BadIdentity, KeysUnavailable, SignIn, sign_in_from
from lotsen.privacy.masking import mask
from lotsen.settings import SettingError, Settings

ISSUER, AUDIENCE = "https://login.example.se", "lotsen"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
EC384 = ec.generate_private_key(ec.SECP384R1())
HOUR = 3600


def jwks(**keys: Any) -> Dict[str, Any]:
    """Return the public halves of keys, by id."""
    made = []
    for kid, key in keys.items():
        kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        made.append({**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "use": "sig"})
    return {"keys": made}


def token(key: Any = RSA, algorithm: str = "RS256", kid: Optional[str] = "a", **changes: Any) -> str:
    """Sign a good token, but for ``changes``; a claim that is None is left out."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 600,
        "name": "Amina",
        "department": "BUP",
        **changes,
    }
    said = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid} if kid is not None else {})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the issuer's keys."""
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_text(json.dumps(jwks(a=RSA, e=EC, f=EC384)))
    return path


@pytest.fixture(scope="module")
def sign_in(file: Path) -> SignIn:
    """What verifies tokens with the keys of the file."""
    return SignIn(ISSUER, AUDIENCE, str(file))


def test_good_tokens(sign_in: SignIn) -> None:
    """Name and unit come from the token, whichever kind of key signed it; either may be missing."""
    assert sign_in.person(token()) == Person("Amina", "BUP")
    for algorithm in ("RS256", "RS384", "RS512", "PS256"):
        assert sign_in.person(token(RSA, algorithm)) == Person("Amina", "BUP")
    assert sign_in.person(token(EC, "ES256", "e")) == Person("Amina", "BUP")
    assert sign_in.person(token(EC384, "ES384", "f")) == Person("Amina", "BUP")
    assert sign_in.person(token(name=None)) == Person("", "BUP")
    assert sign_in.person(token(aud=[AUDIENCE, "other"], azp=AUDIENCE)) == Person("Amina", "BUP")


def test_clocks_may_differ_a_little(sign_in: SignIn) -> None:
    """Half a minute of difference between the issuer's clock and ours refuses nobody."""
    now = int(time.time())
    assert sign_in.person(token(exp=now - 30)).name == "Amina"
    assert sign_in.person(token(iat=now + 30, nbf=now + 30)).name == "Amina"


def test_the_claims_may_have_other_names(file: Path) -> None:
    """An operator names the claims that hold name and unit."""
    verifier = SignIn(ISSUER, AUDIENCE, str(file), "displayName", "unit")
    assert verifier.person(token(displayName="Bo", unit="VUP")) == Person("Bo", "VUP")


def test_what_a_name_may_hold(sign_in: SignIn) -> None:
    """A name is cut, cleaned and masked before it stands in a case; what is no text is none."""
    person = sign_in.person(token(name="A\x00\n b 19121212-1212 " + "x" * 200, department={"a": 1}))
    assert person.name.startswith("A b [personnummer]")
    assert len(person.name) == 100
    assert person.unit == ""
    hidden = sign_in.person(token(name="a\ud800b\u202ec", department="19121212\u200b-1212"))
    assert hidden == Person("abc", "[personnummer]")


def test_a_cut_leaves_no_number(sign_in: SignIn) -> None:
    """A row of digits is no number until it is cut where one would end."""
    person = sign_in.person(token(name="x" * 87 + " 191212121212" + "9" * 20))
    assert "191212121212" not in person.name
    assert len(person.name) <= 100


def confused() -> str:
    """Sign with HS256, the public key for a secret: what a verifier that trusts the token's algorithm would accept."""
    head, body, _ = token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"a","typ":"JWT"}').rstrip(b"=").decode()
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    digest = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: token(OTHER_RSA), id="another key under the same id"),
        pytest.param(lambda: token(iss="https://evil.example"), id="another issuer"),
        pytest.param(lambda: token(aud="payroll"), id="another audience"),
        pytest.param(lambda: token(aud=[AUDIENCE, "payroll"]), id="several audiences without azp"),
        pytest.param(lambda: token(azp="payroll"), id="meant for another party"),
        pytest.param(lambda: token(exp=int(time.time()) - 120), id="expired"),
        pytest.param(lambda: token(nbf=int(time.time()) + HOUR), id="not yet valid"),
        pytest.param(lambda: token(iat=int(time.time()) + HOUR), id="signed in the future"),
        pytest.param(lambda: token(iat=int(time.time()) - 25 * HOUR), id="too old"),
        pytest.param(lambda: token(iat=-(10**400)), id="older than a float can say"),
        pytest.param(lambda: token(iat="now"), id="a beginning that is no number"),
        pytest.param(lambda: token(exp=None), id="no end"),
        pytest.param(lambda: token(iat=None), id="no beginning"),
        pytest.param(lambda: token(aud=None), id="no audience"),
        pytest.param(lambda: token("", "none"), id="unsigned"),
        pytest.param(lambda: token("s" * 64, "HS256"), id="signed with a secret"),
        pytest.param(lambda: token(RSA, "PS512"), id="an algorithm that is not on the list"),
        pytest.param(lambda: token(RSA, "RS256", "e"), id="a key of the other kind"),
        pytest.param(lambda: token(EC, "ES256", "f"), id="a key on another curve"),
        pytest.param(lambda: confused(), id="the public key taken for a secret"),
        pytest.param(lambda: token(kid="z"), id="unknown key"),
        pytest.param(lambda: token(kid=None), id="no key named among several"),
        pytest.param(lambda: token(EC, "ES256", "a"), id="a key of another kind"),
        pytest.param(lambda: token(name="x" * 9000), id="too long"),
        pytest.param(lambda: "", id="empty"),
        pytest.param(lambda: "a.b.c", id="garbage"),
        pytest.param(lambda: "åäö.\ud800.x", id="no token's letters"),
        pytest.param(lambda: token()[:-6] + "AAAAAA", id="signature changed"),
    ],
)
def test_refused(made: Callable[[], str], sign_in: SignIn) -> None:
    """Anything else shows nobody, and the reason holds nothing of the token."""
    written = made()
    with pytest.raises(BadIdentity) as error:
        sign_in.person(written)
    assert not written or written not in str(error.value)
    assert len(str(error.value)) < 60


@pytest.mark.parametrize("written", [None, 5, b"a.b.c", ["a.b.c"]])
def test_what_is_no_text_is_refused(written: Any, sign_in: SignIn) -> None:
    """A page may send any JSON."""
    with pytest.raises(BadIdentity):
        sign_in.person(written)


@given(
    st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1")), st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]*"))
)
def test_any_text_is_refused(sign_in: SignIn, written: str) -> None:
    """No text makes it fail in another way."""
    with pytest.raises(BadIdentity):
        sign_in.person(written)


GOOD = token()
GOOD_CLAIMS = jwt.decode(GOOD, options={"verify_signature": False})
_LETTERS = string.ascii_letters + string.digits + "-_.="


@given(
    st.integers(0, len(GOOD)), st.integers(0, 3), st.one_of(st.text(alphabet=_LETTERS, max_size=5), st.text(max_size=2))
)
def test_a_changed_token_is_refused_or_says_what_was_signed(
    sign_in: SignIn, place: int, length: int, written: str
) -> None:
    """However a good token is changed, nobody becomes somebody else."""
    try:
        person = sign_in.person(GOOD[:place] + written + GOOD[place + length :])
    except BadIdentity:
        return
    assert person == Person("Amina", "BUP")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["iss", "aud", "iat", "exp", "nbf", "azp", "sub", "jti"]), JSON, max_size=2), JSON
)
def test_whatever_the_issuer_signs_is_refused_or_read(sign_in: SignIn, claims: Dict[str, Any], name: Any) -> None:
    """The issuer's own oddities do not make it fail either, and what comes out may stand in a case."""
    signed = jwt.api_jws.encode(
        json.dumps({**GOOD_CLAIMS, **claims, "name": name}).encode(), RSA, "RS256", {"kid": "a"}
    )
    try:
        person = sign_in.person(signed)
    except BadIdentity:
        return
    assert person.unit == "BUP"
    assert len(person.name) <= 100
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in person.name)
    assert mask(person.name) == person.name
    if isinstance(name, str) and name.isascii() and name.isalpha() and len(name) <= 100:
        assert person.name == name


@contextmanager
def server(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Serve keys; give the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{served.server_port}/keys"
    finally:
        served.shutdown()
        served.server_close()


def reply(request: http.server.BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """Answer a request."""
    request.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def test_keys_are_fetched_again_for_a_new_one_but_not_for_each() -> None:
    """When the issuer changes its key the new one is found; unknown keys cause one request a minute, no more."""
    keys = jwks(a=RSA)
    asked: List[int] = []

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(1)
        reply(request, 200, json.dumps(keys).encode())

    now = [0.0]
    with server(answer) as address:
        verifier = SignIn(ISSUER, AUDIENCE, address, clock=lambda: now[0])
        for _ in range(5):
            assert verifier.person(token()).name == "Amina"
            with pytest.raises(BadIdentity):
                verifier.person(token(OTHER_RSA, kid="b"))
        assert len(asked) == 1
        keys = jwks(a=RSA, b=OTHER_RSA)
        now[0] += AGAIN_SECONDS
        assert verifier.person(token(OTHER_RSA, kid="b")).name == "Amina"
        assert len(asked) == 2


@pytest.mark.parametrize("named", [True, False], ids=["an id in the list only", "no id at all"])
def test_keys_without_an_id_are_asked_for_again(named: bool) -> None:
    """A key that the token does not name is found to have changed within a minute."""

    def listed(key: rsa.RSAPrivateKey) -> bytes:
        keys = jwks(a=key)
        if not named:
            del keys["keys"][0]["kid"]
        return json.dumps(keys).encode()

    body = listed(RSA)
    now = [0.0]
    with server(lambda request: reply(request, 200, body)) as address:
        verifier = SignIn(ISSUER, AUDIENCE, address, clock=lambda: now[0])
        assert verifier.person(token(kid=None)).name == "Amina"
        body = listed(OTHER_RSA)
        now[0] += AGAIN_SECONDS
        assert verifier.person(token(OTHER_RSA, kid=None)).name == "Amina"


def test_a_known_key_holds_while_its_issuer_is_down() -> None:
    """A list that cannot be had again takes nothing from the keys that there are."""
    up = [True]
    now = [0.0]

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        reply(request, 200 if up[0] else 500, json.dumps(jwks(a=RSA)).encode())

    with server(answer) as address:
        verifier = SignIn(ISSUER, AUDIENCE, address, clock=lambda: now[0])
        assert verifier.person(token()).name == "Amina"
        up[0] = False
        now[0] += AGAIN_SECONDS
        with pytest.raises(KeysUnavailable):
            verifier.person(token(OTHER_RSA, kid="b"))
        assert verifier.person(token()).name == "Amina"
        with pytest.raises(BadIdentity):
            verifier.person(token(OTHER_RSA, kid="b"))


def test_a_flood_is_one_request_and_keeps_nobody_waiting() -> None:
    """Many unknown keys at once cause one request, and who has a known key does not wait for it."""
    asked: List[int] = []
    waits, go_on = threading.Event(), threading.Event()
    now = [0.0]

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(1)
        if len(asked) > 1:
            waits.set()
            go_on.wait(30)
        reply(request, 200, json.dumps(jwks(a=RSA)).encode())

    with server(answer) as address, concurrent.futures.ThreadPoolExecutor(8) as pool:
        verifier = SignIn(ISSUER, AUDIENCE, address, clock=lambda: now[0], timeout=30)
        assert verifier.person(token()).name == "Amina"
        now[0] += AGAIN_SECONDS
        flood = [pool.submit(verifier.person, token(OTHER_RSA, kid=f"z{n}")) for n in range(8)]
        try:
            assert waits.wait(10)
            assert verifier.person(token()).name == "Amina"
            assert not any(one.done() for one in flood)
        finally:
            go_on.set()
        assert all(isinstance(one.exception(10), BadIdentity) for one in flood)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda request: reply(request, 500), id="a fault"),
        pytest.param(
            lambda request: reply(request, 200, json.dumps(jwks(a=RSA)).encode() + b" " * 200_000), id="too long"
        ),
        pytest.param(lambda request: reply(request, 200, b"{"), id="no JSON"),
        pytest.param(lambda request: reply(request, 200, b'{"keys":' + b"[" * 90_000), id="too deep"),
        pytest.param(lambda request: reply(request, 200, b'{"keys": 5}'), id="no keys"),
        pytest.param(lambda request: request.wfile.write(b"SSH-2.0-OpenSSH\r\n"), id="no HTTP"),
        pytest.param(lambda request: None, id="nothing"),
        pytest.param(
            lambda request: reply(request, 200, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]}'),
            id="a secret",
        ),
    ],
)
def test_keys_that_cannot_be_had(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> None:
    """It is said that the keys are missing, for the token may be good; and they are not asked for each time."""
    asked: List[int] = []

    def counted(request: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(1)
        answer(request)

    with server(counted) as address:
        verifier = SignIn(ISSUER, AUDIENCE, address)
        for _ in range(3):
            with pytest.raises(KeysUnavailable) as error:
                verifier.person(token())
            assert "OpenSSH" not in str(error.value)
    assert len(asked) == 1


def test_a_redirect_is_not_followed() -> None:
    """Not even to where good keys are."""
    asked: List[str] = []

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        if request.path == "/keys":
            reply(request, 302, Location="/elsewhere")
        else:
            reply(request, 200, json.dumps(jwks(a=RSA)).encode())

    with server(answer) as address, pytest.raises(KeysUnavailable):
        SignIn(ISSUER, AUDIENCE, address).person(token())
    assert asked == ["/keys"]


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.0 200 OK\r\n\r\n"], ids=["head", "body"])
def test_a_slow_server_is_given_up(begins: bytes) -> None:
    """The time-out is for the whole list: a letter now and then does not prolong it."""
    over = threading.Event()

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.wfile.write(begins)
        for _ in range(400):  # 20 s, if nobody gives up.
            if over.wait(0.05):
                return
            try:
                request.wfile.write(b" " if begins else b"H")
            except OSError:
                return

    with server(answer) as address:
        began = time.monotonic()
        with pytest.raises(KeysUnavailable):
            SignIn(ISSUER, AUDIENCE, address, timeout=0.5).person(token())
        took = time.monotonic() - began
        over.set()
    assert took < 5


def test_nobody_answers() -> None:
    """An address where nothing listens, and a file that has gone, are no crash."""
    for where in ("http://127.0.0.1:1/keys", "/nowhere/keys.json"):
        with pytest.raises(KeysUnavailable):
            SignIn(ISSUER, AUDIENCE, where).person(token())


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys come from the address that the operator wrote, as with the desks."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with server(lambda request: reply(request, 200, json.dumps(jwks(a=RSA)).encode())) as address:
        assert SignIn(ISSUER, AUDIENCE, address).person(token()).name == "Amina"


def test_keys_of_other_kinds_are_passed_over() -> None:
    """One odd key in the list does not take the others away; one for encryption signs nothing."""
    keys = jwks(a=RSA, b=OTHER_RSA)
    keys["keys"][1]["use"] = "enc"
    keys["keys"] += [{"kty": "EC", "crv": "P-256", "kid": "c"}, {"kty": "OKP", "crv": "Ed25519", "kid": "d"}]
    with server(lambda request: reply(request, 200, json.dumps(keys).encode())) as address:
        verifier = SignIn(ISSUER, AUDIENCE, address)
        assert verifier.person(token()).name == "Amina"
        for kid in ("b", "c", "d"):
            with pytest.raises(BadIdentity):
                verifier.person(token(OTHER_RSA, kid=kid))


def settings(**values: str) -> Settings:
    """Read the sign-in's settings."""
    return Settings.read({f"LOTSEN_SIGN_IN_{name}": value for name, value in values.items()})


def test_settings(file: Path) -> None:
    """None is none; a part, an open address or a missing file is named."""
    assert sign_in_from(settings()) is None
    assert sign_in_from(settings(ISSUER=ISSUER, AUDIENCE=AUDIENCE, KEYS=str(file))) is not None
    assert sign_in_from(settings(ISSUER=ISSUER, AUDIENCE=AUDIENCE, KEYS="https://login.example.se/keys")) is not None
    assert sign_in_from(settings(ISSUER=ISSUER, AUDIENCE=AUDIENCE, KEYS="http://[::1]:8080/keys")) is not None
    whole = {"ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "KEYS": str(file)}
    for missing in whole:
        with pytest.raises(SettingError, match=f"^LOTSEN_SIGN_IN_{missing} "):
            sign_in_from(settings(**{name: value for name, value in whole.items() if name != missing}))


@pytest.mark.parametrize(
    "keys",
    [
        "http://login.example.se/keys",
        "ftp://login.example.se/keys",
        "https://",
        "https://[login/keys",
        "https://login.example.se:99999/keys",
        "https://user:geheim@login.example.se/keys",
        "nowhere.json",
        "data",
    ],
)
def test_keys_that_cannot_be_where_it_says(keys: str) -> None:
    """What cannot be is said at the start; a password is not repeated."""
    with pytest.raises(SettingError, match="^LOTSEN_SIGN_IN_KEYS ") as error:
        sign_in_from(settings(ISSUER=ISSUER, AUDIENCE=AUDIENCE, KEYS=keys))
    assert "geheim" not in str(error.value)
