"""Conversations as data (``tests/conversations/*.yml``): what a user says and presses, and what the bot says to it.

A file is a list of conversations::

    - name: frågar varför och går vidare
      shows: why                       # the point that it shows, in a word or two
      turns:
      - say: Det står webbsidan kan inte visas
        bot: ["**Steg 1 av 8**", Stäng ner webbläsaren.]
        buttons: [Klart, Avbryt]
      - press: Klart
        bot: "**Steg 2 av 8**"

``bot`` are texts that the bot's messages of the turn hold, in this order; a text of ``data/texts.yml`` is named as
``$guide_stale``, up to its first word in braces. ``not`` are texts that none of them may hold. ``buttons`` must be
among those of the last message. ``restart: actions`` kills the action server between two turns; ``wait: text`` waits
until the bot says the text by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

from lotsen.content.located_yaml import read_yaml
from lotsen.content.texts import Text, load_texts
from lotsen.settings import ROOT
from tests.support.chat import Said

FOLDER = ROOT / "tests" / "conversations"
ACTIONS = ("say", "press", "wait", "restart")
CHECKS = ("bot", "not", "buttons")


@dataclass(frozen=True)
class Turn:
    """One turn: what is done, and what is expected of it."""

    where: str
    action: str
    what: str
    bot: Tuple[str, ...] = ()
    never: Tuple[str, ...] = ()
    buttons: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """One conversation."""

    name: str
    shows: str
    turns: Tuple[Turn, ...]


def conversations() -> List[Conversation]:
    """Read every file.

    Raises:
        ValueError: naming file and line of an entry that is no conversation.
    """
    texts = load_texts(ROOT / "data" / "texts.yml")
    found: List[Conversation] = []
    for path in sorted(FOLDER.glob("*.yml")):
        document = read_yaml(path)
        for index, entry in enumerate(document.data):
            turns = [
                _turn(turn, f"{path.name}:{document.line(index, 'turns', number)}", texts)
                for number, turn in enumerate(entry["turns"])
            ]
            found.append(Conversation(f"{path.stem}: {entry['name']}", entry["shows"], tuple(turns)))
    return found


def check(turn: Turn, said: List[Said]) -> None:
    """Compare what the bot said with what the turn expects; the whole of it is in the message of a failure."""
    shown = f"{turn.where}: {turn.action} {turn.what!r}\n" + "\n".join(f"  {one.text!r} {one.buttons}" for one in said)
    everything = "\n".join(one.text for one in said)
    at = 0
    for text in turn.bot:
        found = everything.find(text, at)
        assert found >= 0, f"{shown}\nmisses {text!r}"
        at = found + len(text)
    for text in turn.never:
        assert text not in everything, f"{shown}\nmust not say {text!r}"
    offered = said[-1].buttons if said else ()
    assert set(turn.buttons) <= set(offered), f"{shown}\nmisses buttons {set(turn.buttons) - set(offered)}"


def _turn(entry: Dict[str, Any], where: str, texts: Dict[str, Text]) -> Turn:
    """Read one turn."""
    action = next((name for name in ACTIONS if name in entry), None)
    unknown = set(entry) - {*ACTIONS, *CHECKS}
    if action is None or unknown:
        raise ValueError(f"{where}: a turn has one of {ACTIONS} and may have {CHECKS}, not {sorted(unknown)}")
    return Turn(
        where,
        action,
        entry[action],
        tuple(_meant(text, texts) for text in _listed(entry.get("bot"))),
        tuple(_meant(text, texts) for text in _listed(entry.get("not"))),
        tuple(_listed(entry.get("buttons"))),
    )


def _meant(text: str, texts: Dict[str, Text]) -> str:
    """Return the beginning of a text of ``data/texts.yml`` that is named; any other text as it is."""
    return texts[text[1:]].text.split("{")[0].strip() if text.startswith("$") else text


def _listed(value: Any) -> List[str]:
    """Return one text or a list as a list."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)
