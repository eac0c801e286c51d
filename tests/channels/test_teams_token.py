"""The bot's own token: how it is asked for in each way to sign in, how long it is kept, and who waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Mapping

import jwt
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lotsen.channels.teams import config as settings
from lotsen.channels.teams import token as token_module
from lotsen.channels.teams.config import read_teams
from lotsen.channels.teams.http import Http
from lotsen.channels.teams.token import AFTER_FAILURE_SECONDS, MARGIN_SECONDS, BotToken, NoToken
from tests.support.clock import Clock
from tests.support.microsoft import APP_ID, HOUR, SECRET, TENANT, Microsoft, base64url, rsa_key

SCOPE = "https://api.botframework.com/.default"
RESOURCE = "https://api.botframework.com"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def clock() -> Clock:
    """The bot's clock."""
    return Clock()


@pytest.fixture
def microsoft() -> Iterator[Microsoft]:
    """A Microsoft of each test's own."""
    running = Microsoft()
    yield running
    if running.token_hold is not None:
        running.token_hold.set()
    running.close()


Making = Callable[..., BotToken]


@pytest_asyncio.fixture
async def make(microsoft: Microsoft, clock: Clock) -> AsyncIterator[Making]:
    """Makes bots' tokens, of the usual settings with changes."""
    made: List[Any] = []

    def one(environment: Mapping[str, str] = {}, **changes: str) -> BotToken:  # noqa: B006
        config = read_teams({**microsoft.settings(), **changes})
        assert config is not None
        http = Http()
        token = BotToken(config, http, environment, clock)
        made.extend([token, http])
        return token

    yield one
    for each in made:
        await each.close()


def managed(make: Making, environment: Mapping[str, str]) -> BotToken:
    """Return the token of a managed identity that runs in ``environment``."""
    return make(environment, **{settings.SECRET: "", settings.MANAGED_IDENTITY: "yes"})


def nowhere() -> str:
    """Return an address that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


async def until(microsoft: Microsoft, look: Callable[[], Any], what: str) -> None:
    """Wait until the stand-in has seen something, while the bot goes on."""
    await asyncio.get_running_loop().run_in_executor(None, microsoft.wait_for, look, what)


@pytest.mark.asyncio
async def test_a_secret_is_sent_as_entra_id_asks(make: Making, microsoft: Microsoft) -> None:
    """Exactly these fields, as a form."""
    assert await make().get() == "token 1"
    assert microsoft.token_requests == [
        {"grant_type": "client_credentials", "client_id": APP_ID, "client_secret": SECRET, "scope": SCOPE}
    ]
    assert microsoft.token_headers[0]["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.asyncio
async def test_a_secret_with_odd_characters_arrives_whole(make: Making, microsoft: Microsoft) -> None:
    """Secrets of Entra ID hold tildes and dots; others hold more."""
    odd = "a~b.c+d&e=f%20g å"
    await make(**{settings.SECRET: odd}).get()
    assert microsoft.token_requests[0]["client_secret"] == odd


@pytest.mark.asyncio
async def test_a_certificate_signs_for_the_bot(make: Making, microsoft: Microsoft, tmp_path: Path) -> None:
    """The assertion is believed with the certificate alone, is short-lived, and differs each time."""
    key, name = rsa_key("bot"), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lotsen")])
    day = datetime.now(timezone.utc)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(7).not_valid_before(day - timedelta(1)).not_valid_after(day + timedelta(1))
    certificate = built.sign(key, SHA256()).public_bytes(Encoding.PEM)
    (tmp_path / "bot.pem").write_bytes(
        certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    token = make(**{settings.SECRET: "", settings.CERTIFICATE: str(tmp_path / "bot.pem")})
    first = await token.get()
    token.drop(first)
    await token.get()

    thumbprint = base64url(hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.decode())).digest())
    public: Any = x509.load_pem_x509_certificate(certificate).public_key()
    seen = set()
    for asked in microsoft.token_requests:
        assertion = asked.pop("client_assertion")
        assert asked == {
            "grant_type": "client_credentials",
            "client_id": APP_ID,
            "scope": SCOPE,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }
        head = jwt.get_unverified_header(assertion)
        assert (head["alg"], head["x5t#S256"]) == ("PS256", thumbprint)
        claims = jwt.decode(
            assertion,
            public,
            algorithms=["PS256"],
            audience=f"{microsoft.url}/token",
            issuer=APP_ID,
            options={"require": ["exp", "nbf", "iat", "jti", "sub"]},
        )
        assert claims["sub"] == APP_ID
        assert claims["nbf"] <= time.time() < claims["exp"] <= claims["nbf"] + 600
        seen.add(claims["jti"])
    assert len(seen) == 2


@pytest.mark.asyncio
async def test_a_managed_identity_asks_its_app_service(make: Making, microsoft: Microsoft) -> None:
    """The app's own token service is named by the environment, with a header that only the app knows."""
    place = {"IDENTITY_ENDPOINT": f"{microsoft.url}/msi", "IDENTITY_HEADER": "for this app"}
    assert await managed(make, place).get() == "token 1"
    assert microsoft.token_requests == [{"resource": RESOURCE, "client_id": APP_ID, "api-version": "2019-08-01"}]
    assert microsoft.token_headers[0]["X-IDENTITY-HEADER"] == "for this app"
    assert "Metadata" not in microsoft.token_headers[0]


@pytest.mark.parametrize("environment", [{}, {"IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi"}, {"IDENTITY_HEADER": "x"}])
@pytest.mark.asyncio
async def test_a_managed_identity_asks_its_machine(
    environment: Dict[str, str], make: Making, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual machine asks the address that all of Azure's have, unless an app service is named in full."""
    assert token_module.MACHINE_URL == "http://169.254.169.254/metadata/identity/oauth2/token"
    monkeypatch.setattr(token_module, "MACHINE_URL", f"{microsoft.url}/msi")
    assert await managed(make, environment).get() == "token 1"
    assert microsoft.token_requests == [{"resource": RESOURCE, "client_id": APP_ID, "api-version": "2018-02-01"}]
    assert microsoft.token_headers[0]["Metadata"] == "true"
    assert "X-IDENTITY-HEADER" not in microsoft.token_headers[0]


@pytest.mark.asyncio
async def test_only_what_leaves_the_machine_goes_through_a_proxy(
    make: Making, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy must never get an identity of the machine; Entra ID may be reached in no other way."""
    proxy = Microsoft()
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setattr(token_module, "MACHINE_URL", f"{microsoft.url}/msi")
    place = {"IDENTITY_ENDPOINT": f"{microsoft.url}/msi", "IDENTITY_HEADER": "x"}
    await managed(make, {}).get()
    await managed(make, place).get()
    assert (len(microsoft.token_requests), len(proxy.token_requests)) == (2, 0)
    await make().get()
    assert (len(microsoft.token_requests), len(proxy.token_requests)) == (2, 1)
    proxy.close()


@pytest.mark.asyncio
async def test_a_token_is_kept_until_its_margin(make: Making, microsoft: Microsoft, clock: Clock) -> None:
    """The same for all calls until shortly before its end, then a new one."""
    token = make()
    assert await token.get() == "token 1"
    clock.now += HOUR - MARGIN_SECONDS - 1
    assert await token.get() == "token 1"
    clock.now += 1
    assert await token.get() == "token 2"
    assert len(microsoft.token_requests) == 2


@pytest.mark.parametrize(("lifetime", "kept"), [(100, 50), ("100", 50), ("86400", 86100), (600, 300), (601.0, 301)])
@pytest.mark.asyncio
async def test_how_long_a_token_is_kept(
    lifetime: Any, kept: int, make: Making, microsoft: Microsoft, clock: Clock
) -> None:
    """Azure's machines write the seconds as a string; a short life is halved."""
    microsoft.token_answers.append((200, {"access_token": "short", "expires_in": lifetime}))
    token = make()
    assert await token.get() == "short"
    clock.now += kept - 1
    assert await token.get() == "short"
    clock.now += 1
    assert await token.get() == "token 2"


@pytest.mark.parametrize("lifetime", [0, "0", None, "soon", -5, [1], ...])
@pytest.mark.asyncio
async def test_a_token_without_a_lifetime_is_used_once(lifetime: Any, make: Making, microsoft: Microsoft) -> None:
    """It is good now; nobody knows for how long."""
    said = {} if lifetime is ... else {"expires_in": lifetime}
    microsoft.token_answers.append((200, {"access_token": "now", **said}))
    token = make()
    assert [await token.get() for _ in range(3)] == ["now", "token 2", "token 2"]


@pytest.mark.asyncio
async def test_many_who_wait_cause_one_request(make: Making, microsoft: Microsoft, clock: Clock) -> None:
    """200 calls begin while the token is on its way, first and at each renewal: it is fetched once for all."""
    token = make()
    for number in (1, 2, 3):
        hold = microsoft.token_hold = threading.Event()
        waiting = [asyncio.ensure_future(token.get()) for _ in range(200)]
        await until(microsoft, lambda: len(microsoft.token_requests) == number, "the request")  # noqa: B023
        assert not any(one.done() for one in waiting)
        hold.set()
        assert set(await asyncio.gather(*waiting)) == {f"token {number}"}
        assert len(microsoft.token_requests) == number
        clock.now += HOUR


@pytest.mark.asyncio
async def test_who_gives_up_does_not_take_others_along(make: Making, microsoft: Microsoft) -> None:
    """The call that has asked for the token is cancelled: another asks, and all the rest get it."""
    token = make()
    hold = microsoft.token_hold = threading.Event()
    waiting = [asyncio.ensure_future(token.get()) for _ in range(5)]
    await until(microsoft, lambda: len(microsoft.token_requests) == 1, "the request")
    waiting[0].cancel()
    await until(microsoft, lambda: len(microsoft.token_requests) == 2, "the second request")
    hold.set()
    gone, *others = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(gone, asyncio.CancelledError)
    assert set(others) == {"token 2"}


@pytest.mark.asyncio
async def test_a_refused_token_is_fetched_anew_once(make: Making, microsoft: Microsoft) -> None:
    """All whose call was refused say so; the first brings a new one, and late ones do not throw that away."""
    token = make()
    old = await token.get()

    async def refused() -> str:
        token.drop(old)
        return await token.get()

    assert set(await asyncio.gather(*(refused() for _ in range(50)))) == {"token 2"}
    token.drop(old)
    assert await token.get() == "token 2"
    assert len(microsoft.token_requests) == 2


NO_SUCH_APP = {
    "error": "unauthorized_client",
    "error_description": f"AADSTS700016: Application with identifier '{APP_ID}' was not found ({SECRET}). Trace ID: 1",
    "error_codes": [700016],
}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, NO_SUCH_APP, "400 unauthorized_client AADSTS700016"),
        (401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid"}, "401 invalid_client AADSTS7"),
        (400, {"error": "invalid_request", "error_description": ["odd"]}, "400 invalid_request"),
        (500, {}, "500"),
        (503, b"<html>busy</html>", "503"),
        (200, b"<html>log in here</html>", "200"),
        (200, b"[" * 100_000, "200"),
        (200, b"\xff\xfe", "200"),
        (200, [], "200"),
        (200, {}, "200"),
        (200, {"access_token": ""}, "200"),
        (200, {"access_token": 7, "expires_in": 3600}, "200"),
        (500, {"access_token": "not for use", "expires_in": 3600}, "500"),
        (302, {"access_token": "not for use", "expires_in": 3600}, "302"),
    ],
)
@pytest.mark.asyncio
async def test_no_token(status: int, body: Any, said: str, make: Making, microsoft: Microsoft, clock: Clock) -> None:
    """The reason is Microsoft's code without its words; it is not asked again at once, and then all is well."""
    microsoft.token_answers.append((status, body))
    token = make()
    for _ in range(3):
        with pytest.raises(NoToken) as error:
            await token.get()
        assert str(error.value).startswith(said) and SECRET not in str(error.value)
    clock.now += AFTER_FAILURE_SECONDS - 0.1
    with pytest.raises(NoToken):
        await token.get()
    assert len(microsoft.token_requests) == 1
    clock.now += 0.1
    assert await token.get() == "token 2"


@pytest.mark.asyncio
async def test_many_who_wait_in_vain_cause_one_request(make: Making, microsoft: Microsoft) -> None:
    """A place that gives no tokens is not asked once for each who needs one."""
    microsoft.token_answers.extend([(500, {})] * 200)
    token = make()
    failed = await asyncio.gather(*(token.get() for _ in range(200)), return_exceptions=True)
    assert all(isinstance(one, NoToken) for one in failed)
    assert len(microsoft.token_requests) == 1


@pytest.mark.asyncio
async def test_a_dead_host(make: Making, microsoft: Microsoft, clock: Clock) -> None:
    """Nobody answers, and then too late: no token, and the reason is no riddle."""
    token = make(**{settings.TOKEN_URL: f"{nowhere()}/token"})
    with pytest.raises(NoToken, match="ClientConnectorError"):
        await token.get()
    config = read_teams(microsoft.settings())
    assert config is not None
    microsoft.token_hold = threading.Event()
    http = Http(timeout=0.2)
    with pytest.raises(NoToken, match=r"no answer in 0\.2 s"):
        await BotToken(config, http, {}, clock).get()
    await http.close()


@pytest.mark.asyncio
async def test_a_secret_follows_no_redirect(make: Making, microsoft: Microsoft) -> None:
    """It is for the address of the settings only."""
    other = Microsoft()
    microsoft.token_location = f"{other.url}/token"
    microsoft.token_answers.append((307, {}))
    with pytest.raises(NoToken, match="307"):
        await make().get()
    assert (len(microsoft.token_requests), other.token_requests) == (1, [])
    other.close()


@pytest.mark.asyncio
async def test_the_old_token_is_used_while_there_is_no_new_one(
    make: Making, microsoft: Microsoft, clock: Clock
) -> None:
    """The margin is time for Entra ID to come back: until the end the old token is good."""
    token = make()
    assert await token.get() == "token 1"
    clock.now += HOUR - MARGIN_SECONDS
    microsoft.token_answers.extend([(503, {})] * 2)
    assert [await token.get() for _ in range(5)] == ["token 1"] * 5
    assert len(microsoft.token_requests) == 2
    clock.now += MARGIN_SECONDS - 0.1
    assert await token.get() == "token 1"
    assert len(microsoft.token_requests) == 3
    clock.now += 0.1
    with pytest.raises(NoToken, match="503"):
        await token.get()
    clock.now += AFTER_FAILURE_SECONDS
    assert await token.get() == "token 4"


@pytest.mark.asyncio
async def test_a_refused_token_is_not_used_for_want_of_a_new_one(make: Making, microsoft: Microsoft) -> None:
    """Refused is refused."""
    token = make()
    token.drop(await token.get())
    microsoft.token_answers.append((503, {}))
    with pytest.raises(NoToken):
        await token.get()


@pytest.mark.asyncio
async def test_passwords_of_a_netrc_are_not_sent(
    make: Making, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a machine's user keeps for other programs is not for Microsoft."""
    (tmp_path / "netrc").write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    await make().get()
    assert "Authorization" not in microsoft.token_headers[0]


def test_the_tenant_is_asked_by_default() -> None:
    """Multi-tenant bots' place gives none to today's bots."""
    config = read_teams({settings.APP_ID: APP_ID, settings.TENANT: TENANT, settings.SECRET: SECRET})
    assert config is not None and f"/{TENANT}/" in config.token_url
