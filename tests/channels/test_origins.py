"""Who may embed: the origins of the setting, our own address, and nobody else."""

from __future__ import annotations

import pytest

from lotsen.channels.web.origins import Origins
from lotsen.settings import SettingError

ALLOWED = Origins.read("https://intranet.example.se, https://Sida.example.se:8443/ ,")


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "lotsen.example.se", True),
        ("https://intranet.example.se", "lotsen.example.se", True),
        ("https://sida.example.se:8443", "lotsen.example.se", True),
        ("https://lotsen.example.se", "lotsen.example.se", True),
        ("https://LOTSEN.example.se", "lotsen.example.se", True),
        ("http://127.0.0.1:5005", "127.0.0.1:5005", True),
        ("http://127.0.0.1:5006", "127.0.0.1:5005", False),
        ("http://intranet.example.se", "lotsen.example.se", False),
        ("https://intranet.example.se.evil.example", "lotsen.example.se", False),
        ("https://evil.example/https://intranet.example.se", "lotsen.example.se", False),
        ("null", "null", False),
        ("file://", "", False),
        ("chrome-extension://lotsen.example.se", "lotsen.example.se", False),
    ],
)
def test_allowed(origin: str, host: str, allowed: bool) -> None:
    """An origin is known as a whole, or is our own; the headers say so only then."""
    assert ALLOWED.allows(origin, host) is allowed
    named = ALLOWED.headers(origin, host).get("Access-Control-Allow-Origin")
    assert named == (origin if allowed else None)
    assert ALLOWED.headers(origin, host)["Vary"] == "Origin"


@pytest.mark.parametrize("written", ["*", "intranet.example.se", "https://a.se/sida", "https://a b.se", "ftp://a.se"])
def test_what_is_no_origin_is_named(written: str) -> None:
    """A star above all: any page could then chat in its visitor's name."""
    with pytest.raises(SettingError, match="LOTSEN_ORIGINS"):
        Origins.read(f"https://intranet.example.se,{written}")
