"""Cards by themselves: sound Adaptive Cards 1.5, every word and choice, no payload, and small enough for Teams."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.channels.chat.message import BOT, ChatMessage, Choice
from lotsen.channels.teams import cards
from lotsen.channels.teams.activity import Kind, read
from lotsen.channels.teams.bar import progress_bar
from lotsen.content.catalogue import Content
from tests.support.expected import answers

TEAMS_LIMIT = 28_000
AT = datetime(2026, 11, 27, 8, tzinfo=timezone.utc)
SPACINGS, STYLES = {"None", "Small", "Medium"}, {"emphasis", "good"}
PARTS: Mapping[str, Tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "AdaptiveCard": (
        {"version": str, "body": list},
        {"$schema": str, "lang": str, "fallbackText": str},
    ),
    "TextBlock": (
        {"text": str},
        {"wrap": bool, "spacing": SPACINGS, "weight": {"Bolder"}, "color": {"Accent"}},
    ),
    "Image": ({"url": str, "altText": str}, {"spacing": SPACINGS, "width": str, "height": str}),
    "Container": ({"items": list}, {"style": STYLES, "bleed": bool, "spacing": SPACINGS, "selectAction": dict}),
    "ActionSet": ({"actions": list}, {"spacing": SPACINGS}),
    "Action.Submit": ({"title": str}, {"data": dict}),
}
"""What we use of Adaptive Cards 1.5: for each type what it must have, and what else it may have."""
INSIDE = {
    "body": {"TextBlock", "Image", "Container", "ActionSet"},
    "items": {"TextBlock", "Image"},
    "actions": {"Action.Submit"},
    "selectAction": {"Action.Submit"},
}
ADDRESS, LINK = r"https?://[^\s)]*[^\s).,]", r"\[([^\]]+)\]\(([^)]+)\)"
SECRET = "/hemlig_avsikt"

words = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12)
said = st.lists(
    st.one_of(
        words,
        st.builds("**{}:** {}".format, words, words),
        st.builds("- {}".format, words),
        st.sampled_from(
            ["\n", "\n\n", "\r\n", "1. ett", "  - inre", "<b>", "&lt;", "[sidan](https://a.example/?b=1&c=2)"]
        ),
    ),
    max_size=30,
).map("\n".join)
titles = words.filter(str.strip)


@st.composite
def messages(draw: st.DrawFn) -> ChatMessage:
    """Draw any message of the bot."""
    named = draw(st.lists(titles, max_size=12))
    choices = tuple(Choice(title, f'{SECRET}{{"x": {place}}}') for place, title in enumerate(named))
    total = draw(st.integers(1, 60))
    step = draw(st.none() | st.integers(1, total).map(lambda number: {"number": number, "total": total}))
    kind = draw(st.sampled_from(["", "preview", "receipt"]))
    return ChatMessage(draw(st.integers(1, 99_999)), BOT, draw(said), AT, choices, step, card=kind)


def message(text: str, *named: str, **parts: Any) -> ChatMessage:
    """Return a message with buttons."""
    return ChatMessage(7, BOT, text, AT, tuple(Choice(title, SECRET) for title in named), **parts)


def wrong(part: Any, place: str, allowed: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with a part of a card, as far as can be said without Microsoft's schema."""
    kind = part.get("type")
    if kind not in allowed:
        yield f"{place}: {kind} is not among {sorted(allowed)}"
        return
    needed, free = PARTS[kind]
    yield from (f"{place}: {kind} has no {name}" for name in needed if name not in part)
    for name, value in part.items():
        known = {**needed, **free}.get(name)
        if name == "type":
            continue
        fits = isinstance(value, known) if isinstance(known, type) else known is not None and value in known
        if not fits:
            yield f"{place}: {kind}.{name} is {value!r}"
        if name in INSIDE:
            for number, inner in enumerate(value if isinstance(value, list) else [value]):
                yield from wrong(inner, f"{place}.{name}[{number}]", sorted(INSIDE[name]))
    if kind == "ActionSet" and not 1 <= len(part["actions"]) <= 6:
        yield f"{place}: {len(part['actions'])} buttons beside each other"
    if kind == "Action.Submit" and not part["title"].strip():
        yield f"{place}: a button says nothing"
    if name_of_empty := [name for name in ("items", "body") if part.get(name) == []]:
        yield f"{place}: {name_of_empty} is empty"


def parts(part: Any, kind: str) -> List[Dict[str, Any]]:
    """Return all parts of a kind, in the order in which they are shown."""
    if isinstance(part, list):
        return [found for one in part for found in parts(one, kind)]
    if not isinstance(part, dict):
        return []
    own = [part] if part.get("type") == kind else []
    return own + [found for value in part.values() for found in parts(value, kind)]


def shown(card: Dict[str, Any]) -> List[str]:
    """Return the texts of a card beside its buttons, as they are read."""
    rows = [one for one in parts(card, "Container") if "selectAction" in one]
    buttons = [id(block) for row in rows for block in row["items"]]
    return [read_back(one["text"]) for one in parts(card, "TextBlock") if id(one) not in buttons]


def read_back(written: str) -> str:
    """Return what a reader sees of Markdown's character references."""
    return re.sub("&(lt|gt|amp);", lambda found: {"lt": "<", "gt": ">", "amp": "&"}[found[1]], written)


def letters(text: str) -> str:
    """Return all letters and digits of a text."""
    return "".join(re.findall(r"\w", text))


def is_item(line: str) -> bool:
    """Tell whether a line is one of a list."""
    return re.match(r"\s*([-*]|\d+\.) ", line) is not None


@given(messages())
def test_every_card_is_sound(one: ChatMessage) -> None:
    """Known types with what they need, nothing else; it can be sent as JSON."""
    card = cards.card(one)
    assert list(wrong(card, "card", ["AdaptiveCard"])) == []
    assert (card["version"], card["lang"]) == ("1.5", "sv")
    assert json.loads(json.dumps(card)) == card


def test_soundness_can_fail() -> None:
    """The check sees other types, missing and strange fields, too many and nameless buttons."""
    submit = {"type": "Action.Submit", "title": "Ja"}
    body = [
        {"type": "Input.Text", "id": "x"},
        {"type": "TextBlock", "wrap": "yes"},
        {"type": "ActionSet", "actions": [submit] * 7},
        {"type": "ActionSet", "actions": [{**submit, "title": " "}]},
        {"type": "Container", "items": []},
    ]
    found = list(wrong({"type": "AdaptiveCard", "version": "1.5", "body": body}, "card", ["AdaptiveCard"]))
    assert len(found) == 6


@given(messages())
def test_every_choice_is_there_once(one: ChatMessage) -> None:
    """In order, with its own id twice: for Teams, and for clients that send the whole of ``data``."""
    found = parts(cards.card(one), "Action.Submit")
    ids = [f"{one.id}.{place}" for place in range(len(one.choices))]
    assert [action["data"]["choice"] for action in found] == ids
    assert [action["data"]["msteams"]["value"] for action in found] == [{"choice": id} for id in ids]
    assert [action["title"] for action in found] == [choice.title for choice in one.choices]
    for action in found:
        back = action["data"]["msteams"]
        assert (back["type"], back["displayText"], back["text"]) == ("messageBack", action["title"], action["title"])


@given(messages())
def test_choices_are_understood_when_they_come_back(one: ChatMessage) -> None:
    """Both ways of sending a button are read as that choice."""
    account = {"conversation": {"id": "a:1", "conversationType": "personal"}, "from": {"id": "29:1"}}
    for place, action in enumerate(parts(cards.card(one), "Action.Submit")):
        for value in (action["data"], action["data"]["msteams"]["value"]):
            heard = read({"type": "message", "id": "1", **account, "value": value})
            assert (heard.kind, heard.choice) == (Kind.CHOICE, f"{one.id}.{place}")


@given(messages())
def test_payloads_stay_here(one: ChatMessage) -> None:
    """Nothing that is sent holds one, card or text."""
    assert SECRET not in json.dumps([cards.activity(one), cards.text_activity(one)])


@given(messages())
def test_every_word_is_said(one: ChatMessage) -> None:
    """On the card, and as plain text with the buttons' titles."""
    card = cards.card(one)
    text = letters(re.sub(r"\]\([^)]*\)", "]", one.text))
    assert letters(re.sub(r"\]\([^)]*\)", "]", "".join(shown(card)))) == text
    said = letters("".join([cards._LINK.sub(r"\1\2", one.text), *(choice.title for choice in one.choices)]))
    assert letters(cards.plain(one)) == said
    assert card["fallbackText"] == cards.plain(one)


@given(messages())
def test_text_is_text(one: ChatMessage) -> None:
    """As text alone: no HTML, every word, and no line break that Markdown would drop."""
    written = cards.text_activity(one)["text"]
    without_links = re.sub(r"\]\([^)]*\)", "]", written)
    assert not re.search(r"[<>]|&(?!(lt|gt|amp);)", without_links)
    said = "".join([re.sub(r"\]\([^)]*\)", "]", one.text), *(choice.title for choice in one.choices)])
    assert letters(read_back(without_links)) == letters(said)
    lines = written.split("\n")
    for before, line in zip(lines, lines[1:], strict=False):
        assert not before or not line or (is_item(before) and is_item(line))


def test_plain_text() -> None:
    """It has no marks, links with their addresses, and the buttons as a list."""
    one = message("**Till:** IT, se [sidan](https://a.example/?b=1&c=2)", "Ja", "Nej")
    assert cards.plain(one) == "Till: IT, se sidan (https://a.example/?b=1&c=2)\n\n- Ja\n- Nej"


def test_text_has_no_card() -> None:
    """What offers no choice is no card; everything else is one, with a summary for the notification."""
    assert "attachments" not in cards.activity(message("Hej."))
    for one in (
        message("Hej?", "Ja"),
        message("Steg", step={"number": 1, "total": 2}),
        message("Klart", card="receipt"),
    ):
        written = cards.activity(one)
        assert [attached["contentType"] for attached in written["attachments"]] == [cards.CARD_TYPE]
        assert written["summary"] == one.text
        assert "text" not in written


def test_summary_is_short() -> None:
    """A notification has room for one line."""
    written = cards.activity(message("**Fråga:** " + "ord " * 100 + "\n\n[sida](https://a.example)", "Ja"))
    assert written["summary"].startswith("Fråga: ord ord")
    assert len(written["summary"]) <= cards.MAX_SUMMARY


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Rad ett\nrad två", "Rad ett\n\nrad två"),
        ("Så här:\n- ett\n- två\nSedan tre", "Så här:\n\n- ett\n- två\n\nSedan tre"),
        ("1. ett\n2. två\n  - inre", "1. ett\n2. två\n  - inre"),
        ("Ett\r\n\r\n\r\n    två", "Ett\n\ntvå"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("https://a.example/?b=1&c=2. Slut", "https://a.example/?b=1&c=2. Slut"),
        ("[<här>](https://a.example/?b=1&c=2)", "[&lt;här&gt;](https://a.example/?b=1&c=2)"),
    ],
)
def test_line_breaks_lists_and_links_in_text(text: str, written: str) -> None:
    """Line breaks are seen, lists stay lists, and addresses are left alone."""
    assert cards.text_activity(message(text))["text"] == written


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("Så här:\n- ett\n- två\n\nSedan", [("Så här:", "Medium"), ("- ett\r- två", "Small"), ("Sedan", "Medium")]),
        (
            "**Till:** IT\n**Nås på:** 1\nrad två",
            [("**Till:** IT", "Medium"), ("**Nås på:** 1", "Small"), ("rad två", "None")],
        ),
        ("<b>fet</b> <3 &lt; & x", [("&lt;b>fet&lt;/b> <3 &amp;lt; & x", "Medium")]),
        (
            "Se https://a.example/?b=1&c=2.",
            [("Se [https://a.example/?b=1&c=2](https://a.example/?b=1&c=2).", "Medium")],
        ),
    ],
)
def test_blocks_of_a_card(text: str, blocks: List[Tuple[str, str]]) -> None:
    """Paragraphs, lists and facts are blocks; HTML is text, and an address is a link."""
    found = parts(cards.card(message(text))["body"], "TextBlock")
    assert [(one["text"], one["spacing"]) for one in found] == blocks
    assert all(one["wrap"] for one in found)


def layout(*named: str) -> List[List[str]]:
    """Return the titles that stand beside each other; a row is one alone."""
    body = cards.card(message("Vad gäller det?", *named))["body"]
    return [[action["title"] for action in parts(one, "Action.Submit")] for one in body[1:]]


def test_buttons_stand_beside_each_other_where_a_phone_has_room() -> None:
    """Short ones do; if most would be alone in their line, each has a row with room for all of its title."""
    assert layout("Klart", "Det gick inte", "Hur gör jag?", "Varför?", "Tillbaka", "Avbryt") == [
        ["Klart", "Det gick inte"],
        ["Hur gör jag?", "Varför?"],
        ["Tillbaka", "Avbryt"],
    ]
    assert layout("Jag kan inte logga in", "Visa alla frågor") == [["Jag kan inte logga in"], ["Visa alla frågor"]]
    long = "Kan invånare med skyddade personuppgifter vara med?"
    assert layout("Ja", "Nej", long) == [["Ja"], ["Nej"], [long]]
    for named, kind in ((("Ja", "Nej"), "ActionSet"), (("Ja", "Nej", long), "Container")):
        assert {one["type"] for one in cards.card(message("?", *named))["body"][1:]} == {kind}


@given(st.lists(titles, min_size=1, max_size=41))
def test_lines_are_no_longer_than_a_phone(named: List[str]) -> None:
    """However many there are."""
    for line in layout(*named):
        assert len(line) == 1 or sum(len(title) + cards.AROUND for title in line) <= cards.LINE


def test_bar_is_read_as_the_heading_before_it() -> None:
    """A step has its heading and its bar first; the picture holds no address but itself."""
    told = message("**Steg 2 av 8**\n\nGör så här.", step={"number": 2, "total": 8})
    heading, drawn, *_ = cards.card(told)["body"]
    assert (heading["text"], heading["weight"], heading["color"]) == ("Steg 2 av 8", "Bolder", "Accent")
    assert (drawn["type"], drawn["url"], drawn["altText"]) == ("Image", progress_bar(2, 8), "Steg 2 av 8")


@pytest.mark.parametrize(("kind", "style"), [("preview", "emphasis"), ("receipt", "good")])
def test_cases_stand_out(kind: str, style: str) -> None:
    """The preview and the receipt of a case have a ground of their own; their buttons are outside of it."""
    container, *buttons = cards.card(message("Det här skickar jag:\n\n**Till:** IT", "Ja", card=kind))["body"]
    assert (container["type"], container["style"], container["bleed"]) == ("Container", style, True)
    assert len(container["items"]) == 2
    assert [one["type"] for one in buttons] == ["ActionSet"]


def test_menu_of_all_questions_is_small_enough(content: Content) -> None:
    """2,000 characters of the FAQ's Swedish with 41 choices are under Teams' limit, with every word as plain text."""
    named = [question.title for question in content.questions.values()]
    text = "\n\n".join(answers().values())[:2000].strip()
    assert len(named) == 41
    for one in (message(text, *named), message(text, *named, card="preview")):
        written = cards.activity(replace(one, id=99_999))
        assert size(written) < TEAMS_LIMIT
        assert len(parts(written, "Action.Submit")) == 41


@given(st.lists(titles, max_size=12), st.integers(0, 2000))
def test_any_text_of_2000_characters_is_small_enough(named: List[str], length: int) -> None:
    """Whatever its letters are; what is too much is left out of the plain text beside the card, never of the card."""
    one = message("ö" * length, *(title[:12] for title in named if title[:12].strip()))
    written = cards.activity(one)
    assert size(written) < TEAMS_LIMIT
    assert "ö" * length in json.dumps(written, ensure_ascii=False)


def test_plain_text_of_a_large_card_is_its_beginning() -> None:
    """Both would be over the limit."""
    one = message("å" * 2000 + "\n\n" + "ord " * 500, "Ja")
    content = cards.activity(one)["attachments"][0]["content"]
    assert content["fallbackText"] == "å" * (cards.MAX_SUMMARY - 1) + "…"
    assert cards.plain(one) == cards.card(one)["fallbackText"]


def size(written: Dict[str, Any]) -> int:
    """Return the bytes that are sent."""
    return len(json.dumps(written).encode())


def test_answers_keep_their_links(content: Content) -> None:
    """All of the FAQ's answers and guides: each address is there as the source has it, as text and on a card."""
    known, found = answers(), 0
    for id in content.questions:
        guide = content.guides.get(id)
        said = [known[f"utter_{id}"]] if guide is None else [guide.intro, *(step.text for step in guide.steps)]
        for one in map(message, filter(None, said)):
            addresses = re.findall(ADDRESS, one.text)
            text = cards.text_activity(one)["text"]
            assert re.findall(ADDRESS, text) == addresses
            assert re.findall(LINK, text) == re.findall(LINK, one.text)
            assert [link[1] for link in re.findall(LINK, "\n".join(shown(cards.card(one))))] == addresses
            found += len(addresses)
    assert found >= 6


def test_typing() -> None:
    """The sign that the bot is at work has nothing to read."""
    assert cards.typing() == {"type": "typing", "locale": "sv-SE"}
