"""Signing in with an identity provider: with a real one, and with one that lies."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from lotsen.content.catalogue import Content
from lotsen.desk import services
from lotsen.desk.access.config import OidcConfig
from lotsen.desk.access.oidc import claim, lasting_id, person_name, user_id
from lotsen.desk.access.pending import LASTS, SignIns
from lotsen.desk.access.provider import AGAIN_SECONDS, FRESH_SECONDS, OLDEST_SECONDS, Provider, Unreachable, read_keys
from lotsen.desk.access.sessions import COOKIE, Session
from lotsen.desk.app import create_app
from lotsen.desk.services import Desk
from lotsen.storage.database import open_engine
from tests.support import oidc
from tests.support.desk import made_desk
from tests.support.lying_oidc import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    CODE,
    Later,
    Liar,
    ec_key,
    rsa_key,
    signed_with_secret,
    unsigned,
)

HOME = "http://localhost:5006"
TENANT, OBJECT = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-aaaaaaaaaaaa"
Open = Callable[..., "tuple[Desk, TestClient]"]


@pytest.fixture(scope="module")
def real() -> Iterator[oidc.Provider]:
    """A real provider. Name and roles are at userinfo."""
    if oidc.missing():
        pytest.skip(f"the identity provider is missing: {oidc.missing()}")
    running = oidc.Provider(HOME)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def real_in_token() -> Iterator[oidc.Provider]:
    """A real provider. Name and roles are in the ID token."""
    if oidc.missing():
        pytest.skip(f"the identity provider is missing: {oidc.missing()}")
    running = oidc.Provider(HOME, in_token=True)
    yield running
    running.stop()


@pytest.fixture
def liar() -> Iterator[Liar]:
    """A provider that lies as it is told."""
    running = Liar()
    yield running
    running.close()


@pytest.fixture
def open_at(tmp_path: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a desk with a provider's settings, and a browser at it."""
    monkeypatch.setattr(services, "load_content", lambda folder: content)  # Reading it takes seconds.
    opened: List[Any] = []

    def opener(settings: Dict[str, str], **more: str) -> "tuple[Desk, TestClient]":
        desk = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path, **settings, **more)
        client = TestClient(create_app(desk), base_url=HOME, follow_redirects=False)
        opened.extend((client.close, desk.engine.dispose))
        return desk, client

    yield opener
    for close in opened:
        close()


def session(desk: Desk, client: TestClient) -> "Session | None":
    """Return the browser's session."""
    return desk.sessions.read(client.cookies.get(COOKIE, ""))


def logged(desk: Desk) -> "list[tuple[str, str, str]]":
    """Return the audit log: who, what, and how, the latest first."""
    return [(entry.actor.name, entry.action, entry.detail) for entry in desk.audit.read()]


def begin(client: TestClient, to: str = "/") -> str:
    """Return the provider's address that a browser is sent to."""
    sent = client.get("/sign-in/oidc", params={"next": to})
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def go(client: TestClient, address: str) -> httpx.Response:
    """Open an address of the desk that the provider leads to."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == HOME
    return client.get(f"{parts.path}?{parts.query}")


def try_liar(client: TestClient, liar: Liar, **more: str) -> httpx.Response:
    """Sign in with the provider that lies."""
    return client.get("/sign-in/callback", params=liar.callback(begin(client, "/queue"), **more))


# With the real one


@pytest.mark.parametrize("where", ["real", "real_in_token"])
@pytest.mark.parametrize(
    ("user", "name", "roles"),
    [
        ("agnes", "Agnes Agent", {"agent"}),
        ("linnea", "Linnéa Ledare", {"lead"}),
        ("olle", "Olle Ägare", {"owner"}),
        ("rut", "Rut Revisor", {"auditor"}),
        ("vera", "Vera Flera", {"agent", "owner"}),
    ],
)
def test_sign_in(
    request: pytest.FixtureRequest, open_at: Open, where: str, user: str, name: str, roles: "set[str]"
) -> None:
    """Users come in with their own name and roles and where they were going, wherever the provider tells of them."""
    desk, client = open_at(request.getfixturevalue(where).settings())
    answer = oidc.sign_in(client, user, "/queue?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?x=1")
    found = session(desk, client)
    assert found is not None and found.way == "oidc"
    assert (found.who.name, {role.value for role in found.who.roles}) == (name, roles)
    assert found.who.id == f"oidc:{user}@{request.getfixturevalue(where).issuer}"
    assert logged(desk) == [(name, "signed_in", "oidc")]


def test_cookie(real: oidc.Provider, open_at: Open) -> None:
    """The session's cookie cannot be read by scripts nor sent by other sites' forms; that of the sign-in is gone."""
    _, client = open_at(real.settings())
    answer = oidc.sign_in(client, "agnes")
    ours, gone = answer.headers.get_list("set-cookie")
    assert ours.startswith(f"{COOKIE}=") and "HttpOnly" in ours and "SameSite=lax" in ours and "Path=/" in ours
    assert gone.startswith(f"{COOKIE}_in=") and "Max-Age=0" in gone


def test_cookies_over_https(open_at: Open, liar: Liar) -> None:
    """With https all cookies are for this host and for https only."""
    _, client = open_at(liar.settings(), LOTSEN_TRIAGE_URL="https://triage.example.se")
    client.base_url = httpx.URL("https://triage.example.se")
    (known,) = client.get("/sign-in/oidc").headers.get_list("set-cookie")
    assert known.startswith("__Host-lotsen_desk_in=") and "Secure" in known and "HttpOnly" in known
    sent = client.get("/sign-in/oidc")
    ours = client.get("/sign-in/callback", params=liar.callback(sent.headers["location"])).headers.get_list(
        "set-cookie"
    )[0]
    assert ours.startswith("__Host-lotsen_desk=") and "Secure" in ours and "Path=/" in ours and "Domain" not in ours
    assert "redirect_uri=https%3A%2F%2Ftriage.example.se%2Fsign-in%2Fcallback" in sent.headers["location"]


def test_no_fixation(real: oidc.Provider, open_at: Open) -> None:
    """A sign-in has a token of its own, and ends the session that the browser had."""
    desk, client = open_at(real.settings())
    oidc.sign_in(client, "agnes")
    first = client.cookies[COOKIE]
    oidc.sign_in(client, "abel")
    assert client.cookies[COOKIE] != first
    assert desk.sessions.read(first) is None
    found = session(desk, client)
    assert found is not None and found.who.name == "Abel Agent"


def test_replayed_callback(real: oidc.Provider, open_at: Open) -> None:
    """The address with which one came back opens nothing the second time, in the same browser or another."""
    desk, client = open_at(real.settings())
    back = oidc.at_provider(begin(client), "agnes")
    browser = client.cookies[f"{COOKIE}_in"]
    assert go(client, back).status_code == 303
    client.cookies.clear()
    client.cookies.set(f"{COOKIE}_in", browser)
    again = go(client, back)
    assert again.status_code == 400 and "Logga in igen" in again.text
    assert session(desk, client) is None
    assert logged(desk)[0] == ("Okänd", "sign_in_refused", "oidc: stale")


def test_stolen_callback(real: oidc.Provider, open_at: Open) -> None:
    """A callback is of use in the browser that began only, and that one is not hindered by the theft."""
    desk, client = open_at(real.settings())
    back = oidc.at_provider(begin(client), "agnes")
    thief = TestClient(client.app, base_url=HOME, follow_redirects=False)
    begin(thief)
    assert go(thief, back).status_code == 400
    assert session(desk, thief) is None
    assert go(client, back).status_code == 303


def test_expired_sign_in(real: oidc.Provider, open_at: Open) -> None:
    """Who comes back too late begins again."""
    desk, client = open_at(real.settings())
    back = oidc.at_provider(begin(client), "agnes")
    change(desk, expires=datetime.now(timezone.utc) - timedelta(seconds=1))
    assert go(client, back).status_code == 400
    assert session(desk, client) is None


@pytest.mark.parametrize("field", ["verifier", "nonce"])
def test_another_sign_in_s_code(real: oidc.Provider, open_at: Open, field: str) -> None:
    """A code that was not given for this verifier, and a token that was not given for this nonce, are refused."""
    desk, client = open_at(real.settings())
    back = oidc.at_provider(begin(client), "agnes")
    change(desk, **{field: "x" * 43})
    answer = go(client, back)
    assert answer.status_code == 400 and "kunde inte kontrollera" in answer.text
    assert session(desk, client) is None
    assert logged(desk) == [("Okänd", "sign_in_refused", "oidc: not_believed")]


def test_wrong_state(real: oidc.Provider, open_at: Open) -> None:
    """An answer to a question that we did not ask is refused."""
    desk, client = open_at(real.settings())
    back = urlsplit(oidc.at_provider(begin(client), "agnes"))
    code = parse_qs(back.query)["code"][0]
    for query in ({"code": code}, {"code": code, "state": ""}, {"code": code, "state": "guessed"}):
        assert client.get("/sign-in/callback", params=query).status_code == 400
    assert session(desk, client) is None


def test_two_tabs(real: oidc.Provider, open_at: Open) -> None:
    """Two sign-ins that begin in one browser do not disturb each other."""
    desk, client = open_at(real.settings())
    first, second = begin(client, "/queue"), begin(client, "/text")
    assert go(client, oidc.at_provider(first, "agnes")).headers["location"] == "/queue"
    client.cookies.clear()
    third = begin(client, "/text")
    assert go(client, oidc.at_provider(third, "agnes")).headers["location"] == "/text"
    assert second != third


def test_cancelled(real: oidc.Provider, open_at: Open) -> None:
    """Who cancels at the provider is told so, kindly."""
    desk, client = open_at(real.settings())
    answer = oidc.sign_in(client, "")
    assert answer.status_code == 400 and "avbröts" in answer.text
    assert logged(desk) == [("Okänd", "sign_in_refused", "oidc: denied")]


def test_no_roles(real: oidc.Provider, open_at: Open) -> None:
    """Who has no role of ours is told what to ask for, and has no session; the log knows who it was."""
    desk, client = open_at(real.settings())
    answer = oidc.sign_in(client, "nils")
    assert answer.status_code == 403 and "Nils Nykomling" in answer.text and "/session/end" in answer.text
    assert session(desk, client) is None
    assert logged(desk) == [("Nils Nykomling", "sign_in_refused", "oidc: no_roles")]


def test_roles_by_other_names(real: oidc.Provider, open_at: Open) -> None:
    """The provider may call the roles what it likes."""
    desk, client = open_at(
        real.settings(), LOTSEN_TRIAGE_ROLE_AUDITOR="something-else, another", LOTSEN_TRIAGE_ROLE_AGENT="x"
    )
    oidc.sign_in(client, "vera")
    found = session(desk, client)
    assert found is not None and {role.value for role in found.who.roles} == {"auditor", "owner"}


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/sign-out",
    ],
)
def test_no_open_redirect(real: oidc.Provider, open_at: Open, to: str) -> None:
    """After signing in one is at the desk, whatever the address said."""
    _, client = open_at(real.settings())
    assert oidc.sign_in(client, "agnes", to).headers["location"] == "/"


def test_sign_out(real: oidc.Provider, open_at: Open) -> None:
    """Signing out ends the session here and, by way of the provider, there: the next sign-in asks who it is."""
    desk, client = open_at(real.settings())
    with httpx.Client() as browser:
        oidc.sign_in(client, "agnes", browser=browser)
        found = session(desk, client)
        assert found is not None
        token = client.cookies[COOKIE]
        page = client.post("/sign-out", data={"csrf": found.csrf})
        assert page.status_code == 200 and desk.sessions.read(token) is None and COOKIE not in client.cookies
        assert logged(desk)[0] == ("Agnes Agent", "signed_out", "oidc")
        back = oidc.sign_out(page.text, browser)
        assert back == f"{HOME}/signed-out"
        assert "Du är utloggad" in go(client, back).text
        oidc.sign_in(client, "linnea", browser=browser)
        again = session(desk, client)
        assert again is not None and again.who.name == "Linnéa Ledare"


def test_sign_out_needs_our_form(real: oidc.Provider, open_at: Open) -> None:
    """Another site cannot sign anybody out."""
    desk, client = open_at(real.settings())
    oidc.sign_in(client, "agnes")
    assert client.post("/sign-out", data={"csrf": "guessed"}).status_code == 403
    assert session(desk, client) is not None


def test_down_at_discovery(open_at: Open, liar: Liar) -> None:
    """A provider that is not there is said in a sentence, at sign-in and at sign-out."""
    desk, client = open_at(liar.settings())
    liar.close()
    answer = client.get("/sign-in/oidc")
    assert answer.status_code == 503 and "svarar inte just nu" in answer.text
    assert logged(desk) == [("Okänd", "sign_in_refused", "oidc: unreachable")]


def test_down_at_the_token(real_in_token: oidc.Provider, open_at: Open) -> None:
    """A provider that goes away in the middle lets nobody in; when it is back one signs in as before."""
    desk, client = open_at(real_in_token.settings())
    back = oidc.at_provider(begin(client), "agnes")
    real_in_token.stop()
    try:
        answer = go(client, back)
        assert answer.status_code == 503 and "svarar inte just nu" in answer.text
        assert session(desk, client) is None
    finally:
        real_in_token.start()
    _, later = open_at(real_in_token.settings())
    assert oidc.sign_in(later, "agnes").status_code == 303


def test_down_at_sign_out(open_at: Open, liar: Liar) -> None:
    """A session ends here also when the provider cannot be reached."""
    desk, client = open_at(liar.settings())
    try_liar(client, liar)
    found = session(desk, client)
    assert found is not None
    liar.status["openid-configuration"] = 500
    answer = client.post("/sign-out", data={"csrf": found.csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert session(desk, client) is None


# With the one that lies


def test_the_liar_can_tell_the_truth(open_at: Open, liar: Liar) -> None:
    """What it says is believed when nothing about it is wrong; it gets secret, verifier and address."""
    desk, client = open_at(liar.settings())
    address = begin(client, "/queue")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256" and asked["scope"] == "openid profile"
    answer = client.get("/sign-in/callback", params=liar.callback(address))
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    (traded,) = liar.traded
    assert traded["code"] == CODE and len(traded["code_verifier"]) >= 43 and "client_secret" not in traded
    assert traded["redirect_uri"] == f"{HOME}/sign-in/callback"
    assert liar.asked["userinfo"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another"]},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": Later(-120)},
        {"exp": None},
        {"exp": "2099"},
        {"exp": True},
        {"iat": Later(600)},
        {"iat": None},
        {"nbf": Later(600)},
        {"nbf": "soon"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 7},
        {"at_hash": "another"},
        {"at_hash": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_wrong_claims(open_at: Open, liar: Liar, wrong: Dict[str, Any]) -> None:
    """A token that is not for us, not of now, not of this sign-in or of nobody lets nobody in."""
    desk, client = open_at(liar.settings())
    liar.claims = wrong
    assert try_liar(client, liar).status_code == 400
    assert session(desk, client) is None
    assert logged(desk) == [("Okänd", "sign_in_refused", "oidc: not_believed")]


@pytest.mark.parametrize(
    "fine",
    [
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"exp": Later(-30)},
        {"iat": Later(30)},
        {"at_hash": None},
    ],
    ids=str,
)
def test_unusual_claims(open_at: Open, liar: Liar, fine: Dict[str, Any]) -> None:
    """What the standard allows is taken, and so are clocks that differ a little."""
    _, client = open_at(liar.settings())
    liar.claims = fine
    assert try_liar(client, liar).status_code == 303


def lie_none(liar: Liar) -> None:
    liar.sign = unsigned


def lie_secret(liar: Liar) -> None:
    liar.sign = signed_with_secret(CLIENT_SECRET.encode(), "one")


def lie_public_key_as_secret(liar: Liar) -> None:
    liar.sign = signed_with_secret(liar.key.as_pem(private=False), "one")


def lie_other_key(liar: Liar) -> None:
    liar.key = rsa_key("one")


def lie_unknown_key(liar: Liar) -> None:
    liar.key = rsa_key("two")


def lie_key_in_the_token(liar: Liar) -> None:
    liar.key = rsa_key("one")
    liar.header = {"jwk": liar.key.as_dict(private=False)}


def lie_longer_hash(liar: Liar) -> None:
    liar.algorithm = "RS512"


def lie_critical(liar: Liar) -> None:
    liar.header = {"crit": ["b64"], "b64": True}


def lie_key_for_encryption(liar: Liar) -> None:
    written = {**liar.key.as_dict(private=True), "use": "enc"}
    liar.published = [type(liar.key).import_key(written)]


def lie_key_of_another_algorithm(liar: Liar) -> None:
    liar.published = [type(liar.key).import_key({**liar.key.as_dict(private=True), "alg": "PS256"})]


def lie_weak_key(liar: Liar) -> None:
    liar.key = rsa_key("one", 1024)
    liar.published = [liar.key]


def lie_changed_afterwards(liar: Liar) -> None:
    def changed(claims: Dict[str, Any]) -> str:
        liar.sign = None
        head, _, tail = liar.token().split(".")
        return f"{head}.{unsigned({**claims, 'roles': ['lead', 'auditor']}).split('.')[1]}.{tail}"

    liar.sign = changed


@pytest.mark.parametrize(
    "lie",
    [
        lie_none, lie_secret, lie_public_key_as_secret, lie_other_key, lie_unknown_key, lie_key_in_the_token,
        lie_longer_hash, lie_critical, lie_key_for_encryption, lie_key_of_another_algorithm, lie_weak_key,
        lie_changed_afterwards,
    ],
)  # fmt: skip
def test_wrong_signature(open_at: Open, liar: Liar, lie: Callable[[Liar], None]) -> None:
    """A token that the provider has not signed with a key of its own, in a way of ours, lets nobody in."""
    desk, client = open_at(liar.settings())
    lie(liar)
    assert try_liar(client, liar).status_code == 400
    assert session(desk, client) is None


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "....", "e30.e30.", 7, None, "x" * 20_001], ids=lambda token: repr(token)[:20]
)
def test_no_token_at_all(open_at: Open, liar: Liar, token: Any) -> None:
    """What is no token is refused like a wrong one."""
    desk, client = open_at(liar.settings())
    liar.sign = lambda claims: token
    assert try_liar(client, liar).status_code == 400
    assert session(desk, client) is None


@pytest.mark.parametrize(("algorithm", "make"), [("RS256", rsa_key), ("PS256", rsa_key), ("ES256", ec_key)])
def test_algorithms(open_at: Open, liar: Liar, algorithm: str, make: Callable[[str], Any]) -> None:
    """Three ways to sign are taken, also without the key's id where there is only one that fits."""
    _, client = open_at(liar.settings())
    liar.key, liar.algorithm, liar.header = make("only"), algorithm, {"kid": None}
    liar.published = [liar.key, ec_key("other", "P-384")]
    assert try_liar(client, liar).status_code == 303


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"issuer": None},
        {"token_endpoint": "http://login.example.se/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
    ids=str,
)
def test_wrong_metadata(open_at: Open, liar: Liar, metadata: Dict[str, Any]) -> None:
    """Metadata of another issuer, and addresses that secrets must not go to, are as good as none."""
    _, client = open_at(liar.settings())
    liar.metadata = metadata
    answer = client.get("/sign-in/oidc")
    assert answer.status_code == 503 and "svarar inte" in answer.text


@pytest.mark.parametrize("name", ["openid-configuration", "keys", "token"])
def test_no_redirects_and_no_floods(open_at: Open, liar: Liar, name: str) -> None:
    """A redirect is not followed, and what is too long or no JSON is not read."""
    desk, client = open_at(liar.settings())
    for lie in ("redirect", "flood", "page"):
        liar.status, liar.bodies = {}, {}
        if lie == "redirect":
            liar.status[name] = 307
        else:
            liar.bodies[name] = b" " * 400_000 + b"{}" if lie == "flood" else b"<h1>Hej</h1>"
        sent = client.get("/sign-in/oidc")
        if sent.status_code == 303:
            sent = client.get("/sign-in/callback", params=liar.callback(sent.headers["location"]))
        assert sent.status_code == 503
        assert session(desk, client) is None
    assert liar.asked["elsewhere"] == 0


def test_issuer_beside_the_code(open_at: Open, liar: Liar) -> None:
    """Where the provider says that it names itself beside the code, it must, and always with the right name."""
    _, client = open_at(liar.settings())
    assert try_liar(client, liar, iss="https://another.example").status_code == 400
    assert try_liar(client, liar, iss=liar.issuer).status_code == 303
    liar.metadata = {"authorization_response_iss_parameter_supported": True}
    _, strict = open_at(liar.settings())
    assert try_liar(strict, liar).status_code == 400
    assert try_liar(strict, liar, iss=liar.issuer).status_code == 303


def test_parameters_twice(open_at: Open, liar: Liar) -> None:
    """An answer with something in it twice is refused."""
    _, client = open_at(liar.settings())
    said = liar.callback(begin(client))
    assert client.get("/sign-in/callback", params=[*said.items(), ("code", "another")]).status_code == 400


def test_userinfo_of_another_user(open_at: Open, liar: Liar) -> None:
    """Roles at userinfo count for the token's user only; what the token says counts before them."""
    desk, client = open_at(liar.settings())
    liar.claims, liar.userinfo = {"roles": None}, {"sub": "other", "roles": ["lead"]}
    assert try_liar(client, liar).status_code == 403
    liar.userinfo = {"sub": "anna", "roles": ["lead"], "name": "Another"}
    assert try_liar(client, liar).status_code == 303
    found = session(desk, client)
    assert found is not None and (found.who.name, {role.value for role in found.who.roles}) == ("Anna Berg", {"lead"})
    liar.claims = {"roles": ["agent"], "name": None}
    try_liar(client, liar)
    found = session(desk, client)
    assert found is not None and (found.who.name, {role.value for role in found.who.roles}) == ("Another", {"agent"})


@pytest.mark.parametrize(
    "roles", [None, [], ["Agent"], ["admin"], {"agent": True}, 7, [7, None, ["agent"]], "agents"], ids=str
)
def test_no_role_of_ours(open_at: Open, liar: Liar, roles: Any) -> None:
    """Only a role by its exact name is one."""
    desk, client = open_at(liar.settings())
    liar.claims = {"roles": roles}
    assert try_liar(client, liar).status_code == 403
    assert session(desk, client) is None


def test_nested_roles(open_at: Open, liar: Liar) -> None:
    """Roles may stand deeper in the token."""
    _, client = open_at(liar.settings(), LOTSEN_TRIAGE_OIDC_ROLES_CLAIM="realm_access.roles")
    liar.claims = {"roles": None, "realm_access": {"roles": ["lead"]}}
    assert try_liar(client, liar).status_code == 303


def test_secret_in_the_form(open_at: Open, liar: Liar) -> None:
    """A provider that takes no HTTP Basic gets the client's secret in the form."""
    _, client = open_at(liar.settings())
    liar.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert try_liar(client, liar).status_code == 303
    assert liar.traded[0]["client_secret"] == CLIENT_SECRET


def test_entra_user(open_at: Open, tmp_path: Path) -> None:
    """A user of Entra is known by tenant and object, and stays the same with another subject, name and address."""
    liar = Liar(f"/{TENANT}/v2.0")
    try:
        desk, client = open_at(liar.settings())
        ids = set()
        for sub, name in (("first", "Anna Berg"), ("second", "Anna Lund")):
            liar.claims = {"tid": TENANT, "oid": OBJECT, "sub": sub, "name": name, "email": f"{sub}@example.se"}
            assert try_liar(client, liar).status_code == 303
            found = session(desk, client)
            assert found is not None
            ids.add(found.who.id)
        assert ids == {f"entra:{TENANT}:{OBJECT}"}
    finally:
        liar.close()


def test_nothing_secret_is_logged(open_at: Open, liar: Liar, caplog: pytest.LogCaptureFixture) -> None:
    """Codes, tokens, states and secrets are in no log, when it goes well and when it does not."""
    caplog.set_level(logging.DEBUG, logger="lotsen")
    _, client = open_at(liar.settings())
    hidden = {CODE, ACCESS_TOKEN, CLIENT_SECRET}
    for claims in ({}, {"aud": "another"}, {"roles": []}):
        liar.claims = claims
        said = liar.callback(begin(client))
        client.get("/sign-in/callback", params=said)
        hidden |= {said["state"], liar.nonce, liar.token().split(".")[1]}
    liar.status["token"] = 500
    try_liar(client, liar)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("lotsen"))
    assert "aud" in ours and "500" in ours
    assert not [secret for secret in hidden if secret in ours]


# The parts


def test_user_ids() -> None:
    """An id is lasting: Entra's only for a token of that tenant's issuer, else issuer and subject."""
    entra = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    claims = {"sub": "s", "tid": TENANT, "oid": OBJECT}
    assert user_id(claims, entra, "k") == f"entra:{TENANT}:{OBJECT}"
    assert user_id(claims, "https://other.example", "k") == "oidc:s@https://other.example"
    assert user_id({**claims, "oid": "me"}, entra, "k") == f"oidc:s@{entra}"


def test_ids_that_are_hidden() -> None:
    """An id that is a personal identity number or too long becomes a hash that cannot be guessed without the secret."""
    number, long = lasting_id("oidc", "19121212-1212@https://a.se", "k"), lasting_id("oidc", "x" * 300, "k")
    assert "1212" not in number and len(number) == len(long) == len("oidc:") + 64
    assert number != lasting_id("oidc", "19121212-1212@https://a.se", "another")
    assert number == lasting_id("oidc", "19121212-1212@https://a.se", "k")


def test_names() -> None:
    """A name is short and masked, and there is always something to call a person."""
    assert person_name("  Åsa \n Öst ", "oidc:12345678") == "Åsa Öst"
    assert "19121212-1212" not in person_name("Åsa 19121212-1212", "x")
    assert len(person_name("x" * 500, "x")) == 200
    assert person_name(None, "oidc:12345678") == person_name(" ", "oidc:12345678") == "Utan namn (12345678)"


def test_claims() -> None:
    """A claim's whole name counts before the dots in it."""
    assert claim({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert claim({"https://x.se/roles": [1]}, "https://x.se/roles") == [1]
    assert claim({"a": 3}, "a.b") is None


def test_sign_ins_on_every_database(database_url: str) -> None:
    """A sign-in under way is taken once, by its browser, in time, and leaves nothing behind."""
    time = [datetime(2026, 11, 27, 12, tzinfo=timezone.utc)]
    engine = open_engine(database_url)
    try:
        sign_ins = SignIns(engine, lambda: time[0])
        begun = sign_ins.begin("browser", "/queue")
        assert SignIns(engine, lambda: time[0]).take(begun.state, "another") is None
        assert sign_ins.take(begun.state, "browser") == begun
        assert sign_ins.take(begun.state, "browser") is None
        late = sign_ins.begin("browser", "/")
        time[0] += LASTS
        assert sign_ins.take(late.state, "browser") is None
        sign_ins.begin("browser", "/")
        with engine.connect() as connection:
            kept = connection.execute(sa.text("SELECT state, browser FROM desk_sign_ins")).all()
        assert len(kept) == 1 and "browser" not in tuple(kept[0])
    finally:
        engine.dispose()


def test_new_keys(liar: Liar) -> None:
    """A new key is fetched when a token names it, at most once in a minute; old ones are used meanwhile."""
    time = [0.0]
    config = OidcConfig(liar.issuer, CLIENT_ID, CLIENT_SECRET, "openid", "name", "roles")
    provider = Provider(config, lambda: time[0])
    assert provider.key("one", "RS256") is not None
    liar.published = [rsa_key("two")]
    assert provider.key("two", "RS256") is None and liar.asked["keys"] == 1
    time[0] += AGAIN_SECONDS
    assert provider.key("two", "RS256") is not None and liar.asked["keys"] == 2
    assert provider.key("three", "RS256") is None and provider.key("four", "RS256") is None
    assert liar.asked["keys"] == 2
    liar.status = {"keys": 500, "openid-configuration": 500}
    time[0] += FRESH_SECONDS
    assert provider.key("two", "RS256") is not None
    time[0] += OLDEST_SECONDS
    with pytest.raises(Unreachable):
        provider.key("two", "RS256")


def test_a_provider_that_is_down_is_left_alone(liar: Liar) -> None:
    """After a failure nothing is asked for some seconds, so that nobody waits for what does not answer."""
    time = [0.0]
    provider = Provider(OidcConfig(liar.issuer, CLIENT_ID, CLIENT_SECRET, "openid", "name", "roles"), lambda: time[0])
    liar.close()
    for said in ("ConnectError", "it failed a moment ago"):
        with pytest.raises(Unreachable, match=said):
            provider.places()
    time[0] += 60
    with pytest.raises(Unreachable, match="ConnectError"):
        provider.places()


@pytest.mark.parametrize("written", [None, [], {}, {"keys": None}, {"keys": {}}], ids=str)
def test_no_list_of_keys(written: Any) -> None:
    """What is no list of keys is an error, not an empty one."""
    with pytest.raises(Unreachable):
        read_keys(written)


@pytest.mark.parametrize(
    "key",
    [
        None,
        7,
        {},
        {"kty": "RSA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    ],
    ids=str,
)
def test_unusable_keys_are_passed_over(key: Any) -> None:
    """A key that cannot be used does not hide one that can."""
    good = rsa_key("good").as_dict(private=False)
    assert [found.id for found in read_keys({"keys": [key, good]})] == ["good"]


def change(desk: Desk, **values: Any) -> None:
    """Change the sign-ins that are under way."""
    table = sa.Table("desk_sign_ins", sa.MetaData(), autoload_with=desk.engine)
    with desk.engine.begin() as connection:
        assert connection.execute(table.update().values(**values)).rowcount == 1
