"""Whether links in answers can be opened, and whether buttons lead somewhere."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, Set

from lotsen.content.problems import Problem, did_you_mean
from lotsen.content.training_file import Pressed, Variant

_PAYLOAD_INTENT = re.compile(r"/([a-z0-9_]+)")
_LINK = re.compile(r"\]\((?P<target>[^)]*)\)")
_SAFE_LINK = re.compile(r"https?://\S+$|mailto:\S+$|tel:\S+$")


def wrong_links(variants: Iterable[Variant]) -> Iterator[Problem]:
    """Find links in answers that the chat would not open."""
    for variant in variants:
        for link in _LINK.finditer(variant.text):
            if not _SAFE_LINK.match(link["target"]):
                message = f"Länken '{link['target']}' ska börja med https://, mailto: eller tel:."
                below = 1 + variant.text[: link.start()].count("\n") if "\n" in variant.text else 0
                yield Problem(variant.file, variant.line + below, message)


def wrong_payloads(buttons: Iterable[Pressed], intents: Set[str]) -> Iterator[Problem]:
    """Find buttons that lead nowhere."""
    known = [f"/{intent}" for intent in intents]
    for button in buttons:
        named = _PAYLOAD_INTENT.match(button.payload)
        if named is None or named[1] not in intents:
            message = f"Knappen leder till '{button.payload}', som inte finns.{did_you_mean(button.payload, known)}"
            yield Problem(button.file, button.line, message)
