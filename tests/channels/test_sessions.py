"""Chat sessions: only our own unexpired tokens open a conversation, and the key is kept safe."""

from __future__ import annotations

import os
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict

import jwt
import pytest

from lotsen.channels.web.sessions import (
    ALGORITHM,
    RENEW_SECONDS,
    SESSION_SECONDS,
    TOKEN_SECONDS,
    InvalidToken,
    Sessions,
)
from lotsen.storage.secret import read_or_make_key

KEY = "k" * 64
OTHER_KEY = "o" * 64


def token(key: str = KEY, algorithm: str = ALGORITHM, **changes: Any) -> str:
    """Sign a token as Sessions does, but for ``changes``; a claim that is None is left out."""
    claims: Dict[str, Any] = {
        "sid": "abc",
        "iat": int(time.time()),
        "exp": int(time.time()) + TOKEN_SECONDS,
        **changes,
    }
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm=algorithm)


def test_a_token_opens_its_conversation_again() -> None:
    """The conversation of a token is the same each time and in every process with the same key."""
    issued = Sessions(KEY).issue()
    assert Sessions(KEY).read(issued).conversation == Sessions(KEY).read(issued).conversation


def test_each_token_has_a_conversation_of_its_own() -> None:
    """No two visitors share a conversation."""
    sessions = Sessions(KEY)
    assert len({sessions.read(sessions.issue()).conversation for _ in range(100)}) == 100


def test_a_conversation_does_not_tell_its_token() -> None:
    """The sender id names the channel and holds nothing of the token's random part."""
    issued = Sessions(KEY).issue()
    sid = jwt.decode(issued, KEY, algorithms=[ALGORITHM])["sid"]
    conversation = Sessions(KEY).read(issued).conversation
    assert conversation.startswith("web-")
    assert sid not in conversation


def test_the_same_random_part_under_another_key_is_another_conversation() -> None:
    """A sender id cannot be worked out without the key."""
    assert Sessions(KEY).read(token(KEY)).conversation != Sessions(OTHER_KEY).read(token(OTHER_KEY)).conversation


def test_a_token_lives_for_its_lifetime() -> None:
    """A token expires, and says when."""
    claims = jwt.decode(Sessions(KEY).issue(), KEY, algorithms=[ALGORITHM])
    assert claims["exp"] - claims["iat"] == TOKEN_SECONDS


def test_a_token_signed_with_our_key_is_ours() -> None:
    """What the refused tokens below differ from is accepted."""
    assert Sessions(KEY).read(token()).conversation == Sessions(KEY).read(token()).conversation


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(token(OTHER_KEY), id="another key"),
        pytest.param(token(exp=int(time.time()) - 1), id="expired"),
        pytest.param(token(exp=None), id="without an expiry"),
        pytest.param(token(sid=None), id="without a random part"),
        pytest.param(token("", "none"), id="alg none"),
        pytest.param(token("", "none") + "AAAA", id="alg none with a signature"),
        pytest.param(token(algorithm="HS512"), id="another algorithm"),
        pytest.param(token().rsplit(".", 1)[0] + ".", id="signature cut off"),
        pytest.param(token()[:-4] + "AAAA", id="signature changed"),
        pytest.param("", id="empty"),
        pytest.param("garbage", id="garbage"),
        pytest.param("a.b.c", id="three parts of garbage"),
        pytest.param("åäö.åäö.åäö", id="letters that no token has"),
        pytest.param("\udce5", id="bytes that are not UTF-8, as Sanic hands them over"),
        pytest.param("web-0123456789abcdef0123456789abcdef", id="a sender id"),
    ],
)
def test_refused_tokens(refused: str) -> None:
    """A token that we did not sign, or that is too old, opens nothing."""
    with pytest.raises(InvalidToken):
        Sessions(KEY).read(refused)


def test_a_token_of_a_server_whose_clock_is_ahead_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks of two servers differ by seconds, and one may be set back: a user is not thrown out for that."""
    issued = Sessions(KEY).issue()
    earlier = time.time() - 3
    monkeypatch.setattr("time.time", lambda: earlier)
    assert Sessions(KEY).read(issued).conversation


def test_a_token_that_was_read_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is not remembered for longer than it lives."""
    sessions = Sessions(KEY)
    issued = sessions.issue()
    assert sessions.read(issued).conversation == sessions.read(issued).conversation
    late = time.time() + TOKEN_SECONDS + 1
    monkeypatch.setattr("lotsen.channels.web.sessions.time.time", lambda: late)
    with pytest.raises(InvalidToken):
        sessions.read(issued)


def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many users there are, memory is bounded, and every token still opens its conversation."""
    monkeypatch.setattr("lotsen.channels.web.sessions.MAX_READ", 3)
    sessions = Sessions(KEY)
    issued = [sessions.issue() for _ in range(10)]
    first = [sessions.read(one).conversation for one in issued]
    assert len(sessions._read) == 3
    assert [sessions.read(one).conversation for one in issued] == first


def test_refused_tokens_are_not_remembered() -> None:
    """Garbage takes no room."""
    sessions = Sessions(KEY)
    with pytest.raises(InvalidToken):
        sessions.read("garbage")
    assert len(sessions._read) == 0


def test_a_configured_key_is_used_as_it_is(tmp_path: Path) -> None:
    """With a key in the settings, none is made."""
    assert read_or_make_key("configured", tmp_path / "data") == "configured"
    assert not (tmp_path / "data").exists()


def test_the_kept_key_is_stable(tmp_path: Path) -> None:
    """The key is made once, in a folder that may not be there yet, and is the same at the next start."""
    made = read_or_make_key("", tmp_path / "data")
    assert len(made) >= 32
    assert read_or_make_key("", tmp_path / "data") == made


def test_each_installation_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Keys are random."""
    assert read_or_make_key("", tmp_path / "a") != read_or_make_key("", tmp_path / "b")


def test_only_the_owner_may_read_the_key(tmp_path: Path) -> None:
    """The key file is private from the start, however lax the process's umask is."""
    before = os.umask(0)
    try:
        read_or_make_key("", tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    """However many processes make the key at the same moment, all sign with one, and it is whole."""
    together = threading.Barrier(8)

    def start(_: int) -> str:
        together.wait()
        return read_or_make_key("", tmp_path)

    with ThreadPoolExecutor(together.parties) as pool:
        (key,) = set(pool.map(start, range(together.parties)))
    assert len(key) >= 32


def test_an_empty_key_file_is_never_a_key(tmp_path: Path) -> None:
    """A key that was not written to its end, because the disk was full, is refused or made anew, never signed with."""
    (tmp_path / "secret").touch(mode=0o600)
    try:
        key = read_or_make_key("", tmp_path)
    except Exception:
        return
    assert len(key) >= 32


def test_a_used_token_is_replaced_and_leads_to_the_same_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour a fresh token is given; sessions that go on end a week after they began, however often renewed."""
    sessions = Sessions(KEY)
    now = time.time()
    assert sessions.renewed(sessions.read(sessions.issue())) is None
    with monkeypatch.context() as earlier:
        earlier.setattr("lotsen.channels.web.sessions.time.time", lambda: now - RENEW_SECONDS - 1)
        used = sessions.issue()
    session = sessions.read(used)
    fresh = sessions.renewed(session)
    assert fresh is not None
    assert sessions.read(fresh).conversation == session.conversation
    assert sessions.read(fresh).expires > session.expires
    assert sessions.read(fresh).began == session.began
    began = now - SESSION_SECONDS + 60
    assert sessions.read(sessions.issue(session.conversation, began)).expires <= began + SESSION_SECONDS


def test_a_key_that_was_in_use_before_still_counts() -> None:
    """When the key changes, open conversations go on, under tokens of the new key."""
    old, new = Sessions(OTHER_KEY), Sessions(KEY, [OTHER_KEY])
    session = new.read(old.issue())
    fresh = new.issue(session.conversation, session.began)
    assert Sessions(KEY).read(fresh).conversation == session.conversation
    with pytest.raises(InvalidToken):
        Sessions(KEY).read(old.issue())
