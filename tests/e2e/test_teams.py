"""Lotsen in Microsoft Teams: the running bot, told things as Microsoft tells them, and what it posts."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

from lotsen.cases.store import Case, CaseStore
from lotsen.channels.teams.bar import progress_bar
from lotsen.storage.database import open_engine
from tests.channels.test_teams_package import COMMANDS
from tests.support.chat import ChatClient
from tests.support.expected import answers, text
from tests.support.handoff import CHAT, send_case
from tests.support.microsoft import Microsoft
from tests.support.running import RunningLotsen
from tests.support.teams import TeamsUser, card_of

QUESTION = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
FROM_TEAMS = "Hämta från Teams"
MAIL = "amina.oberg@region.example"


def of_user(user: TeamsUser, lotsen: RunningLotsen) -> str:
    """Return all that is stored of one user, as text."""
    whose = f"SELECT conversation FROM teams_conversations WHERE teams_conversation = '{user.conversation}'"
    ((name,),) = lotsen.query(whose)
    return "\n".join(line for line in lotsen.dump().splitlines() if name in line)


def case_of(lotsen: RunningLotsen, receipt: str) -> Case:
    """Return the case whose receipt the bot has just shown."""
    cases = CaseStore(open_engine(lotsen.database_url)).all()
    (found,) = [case for case in cases if case.number in receipt]
    return found


def plain(written: str) -> List[str]:
    """Return the lines of a text without marks, as a card may spread them."""
    return [
        line.strip("- ").strip() for line in written.replace("**", "").replace("\r", "\n").split("\n") if line.strip()
    ]


def same(shown: str, written: str) -> bool:
    """Tell whether a card or a message shows all of a text, whatever its layout."""
    return plain(shown) == plain(written)


@pytest.fixture(scope="module", autouse=True)
def waiting(lotsen: RunningLotsen, microsoft: Microsoft) -> TeamsUser:
    """Somebody at a step that waits for a minute, which passes during the other tests."""
    user = TeamsUser(microsoft, lotsen)
    user.say(QUESTION)
    while not user.shown()[-1].text.startswith("Steg 5 av 8"):
        user.press("Klart")
    return user


def test_welcome_when_the_app_is_added(user: TeamsUser) -> None:
    """Teams tells of an installation twice; the greeting comes once, and again when the app comes back."""
    user.install()
    (greeting,) = user.hear()
    assert same(greeting.text, answers()["utter_greet"])
    assert greeting.buttons == ("Jag kan inte logga in", "Visa alla frågor", "Kontakta IT kundservice")
    user.tell("installationUpdate", action="remove")
    user.install()
    assert [one.text for one in user.hear()] == [greeting.text]


def test_answer_is_plain_text(user: TeamsUser) -> None:
    """An answer of the FAQ needs no card."""
    (said,) = user.say("Hur går gallring till?")
    call = user.calls()[-1]
    assert card_of(call) is None
    assert call.body["textFormat"] == "markdown"
    assert same(said.text, answers()["utter_how_to_purge"])


def test_same_words_as_on_the_web(user: TeamsUser, chat: ChatClient) -> None:
    """A question, a vague one, two at once and nonsense get the same words and buttons in both channels."""
    for question in ("jag kan inte logga in", "visa alla frågor", "vad blir det för väder?", "asdf qwer"):
        heard, expected = user.say(question), chat.say(question)
        assert [one.buttons for one in heard] == [one.buttons for one in expected]
        assert all(same(one.text, other.text) for one, other in zip(heard, expected, strict=True))


def walk(user: TeamsUser) -> None:
    """Walk a guide to its end without success."""
    user.say(QUESTION)
    for _ in range(40):
        buttons = next(one.buttons for one in reversed(user.shown()) if one.buttons)
        if "Nej, inget mer" in buttons:
            return
        way = ("Gå vidare nu", "Klart", "Det gick inte", "Hoppa över")
        user.press(next(title for title in way if title in buttons))
    raise AssertionError("the guide did not end")


def test_whole_guide_to_a_case(user: TeamsUser, lotsen: RunningLotsen, microsoft: Microsoft) -> None:
    """Steps have number, bar and buttons; name and address are Teams' only after the user says so; the case has all."""
    microsoft.members[user.id] = {"id": user.id, "name": "Amina Öberg", "email": MAIL}
    user.install()
    begun = user.say(QUESTION)
    assert begun[-1].text.startswith("Steg 1 av 8\n")
    assert "Klart" in begun[-1].buttons
    bar = card_of(user.calls()[-1])["body"][1]
    assert (bar["url"], bar["altText"]) == (progress_bar(1, 8), "Steg 1 av 8")
    user.press("Avbryt")
    walk(user)
    (asked,) = user.press("Nej, inget mer")
    assert asked.buttons == (CHAT, FROM_TEAMS, "Skicka inget ärende")
    assert "Amina" not in of_user(user, lotsen)
    (shown,) = user.press(FROM_TEAMS)
    assert f"**Nås på:** {MAIL}" in shown.text
    assert "**Namn:** Amina Öberg" in shown.text
    (receipt,) = user.press("Ja, skicka")
    case = case_of(lotsen, receipt.text)
    assert (case.channel, case.draft.contact.name, case.draft.contact.email) == ("teams", "Amina Öberg", MAIL)
    assert len(case.draft.tried[-1].steps) >= 8
    assert FROM_TEAMS in [line.text for line in case.draft.transcript]
    (status,) = user.say("hur går det med mitt ärende?")
    assert case.number in status.text
    styles = [card_of(call)["body"][0].get("style") for call in user.calls()[-3:-1]]
    assert styles == ["emphasis", "good"]


def test_teams_that_tells_no_address(user: TeamsUser) -> None:
    """Where Teams cannot say who the user is, the bot says so and asks on; nothing is lost."""
    user.say("jag vill prata med en människa")
    user.press("Jag eller en kollega")
    user.say("Listan är tom")
    (said,) = user.press(FROM_TEAMS)
    assert said.text.startswith(text("handoff_no_teams_contact"))
    (shown,) = user.say("ring mig på 070-174 06 35")
    assert "**Nås på:** 070-174 06 35" in shown.text


def test_button_of_an_old_card(user: TeamsUser) -> None:
    """It is explained, not obeyed, and what can be chosen now is offered again; the guide stands where it stood."""
    user.say(QUESTION)
    first = user.calls()
    (step,) = user.press("Klart")
    user.push("Klart", first)
    (said,) = user.hear()
    assert said.text == text("teams_old_choice")
    assert said.buttons == step.buttons
    assert user.press("Klart")[-1].text.startswith("Steg 3 av 8")


def test_made_up_choices(user: TeamsUser) -> None:
    """A payload, a number or an object in place of a choice is no choice."""
    user.install()
    (greeting,) = user.hear()
    for made_up in ("/restart", "1.999", 12, {"a": 1}, "", "½.½"):
        user.tell(text="Ja", value={"choice": made_up, "payload": "/talk_to_human"})
        (said,) = user.hear()
        assert (said.text, said.buttons) == (text("teams_old_choice"), greeting.buttons)


def test_typed_commands_are_text(user: TeamsUser, lotsen: RunningLotsen) -> None:
    """Nothing typed fires an intent, also not behind a mention."""
    user.say('/inform_affected{"affected": "personal"}')
    user.say("<at>Lotsen</at> /restart")
    assert user.say("/talk_to_human")[0].text != text("handoff_begins", target="IT kundservice")


def test_personal_numbers_are_not_kept(user: TeamsUser, lotsen: RunningLotsen) -> None:
    """They are masked before anything is stored, as on the web."""
    user.say("patienten 19121212-1212 kommer inte in, och 121212-1212 inte heller")
    stored = lotsen.dump()
    assert "19121212" not in stored
    assert "121212-1212" not in stored


@pytest.mark.parametrize(
    ("attached", "reply"),
    [
        ({"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "logg.txt"}, "teams_file"),
        ({"contentType": "image/png", "contentUrl": "https://example.invalid/x.png"}, "teams_picture"),
    ],
)
def test_files_and_pictures(user: TeamsUser, attached: Dict[str, Any], reply: str) -> None:
    """They cannot be read: the user is told so, and where they were is offered again."""
    step = user.say(QUESTION)[-1]
    user.tell(text="", attachments=[attached])
    (said,) = user.hear()
    assert (said.text, said.buttons) == (text(reply), step.buttons)
    user.tell(text="klart", attachments=[attached])
    first, *rest = user.hear()
    assert first.text == text(reply)
    assert rest[-1].text.startswith("Steg 2 av 8")


def test_edits_and_deletions(user: TeamsUser) -> None:
    """They change nothing in the conversation; the user hears that."""
    user.say("Hur går gallring till?")
    sent = user.activity()
    sent["text"] = "hej"
    assert user.send(sent).status_code == 200
    user.hear()
    user.tell("messageUpdate", id=sent["id"], text="nej", channelData={"eventType": "editMessage", **tenant(user)})
    assert [one.text for one in user.hear()] == [text("teams_edited")]
    user.tell("messageDelete", id=sent["id"], channelData={"eventType": "softDeleteMessage", **tenant(user)})
    assert [one.text for one in user.hear()] == [text("teams_deleted")]


def tenant(user: TeamsUser) -> Dict[str, Any]:
    """Return the tenant as channel data has it."""
    return {"tenant": {"id": user.tenant}}


def test_reactions_rate_answers(user: TeamsUser, lotsen: RunningLotsen, microsoft: Microsoft) -> None:
    """A thumb on an answer of the FAQ is a rating of it; on anything else it gets a word."""
    user.say("Hur går gallring till?")
    number = 1 + microsoft.posted.index(user.calls()[-1])
    user.tell("messageReaction", reactionsAdded=[{"type": "sad"}], replyToId=f"posted-{number}")
    (said,) = user.hear()
    assert said.text == text("teams_disliked")
    assert said.buttons.count("Skicka ett ärende") == 1
    user.tell("messageReaction", reactionsAdded=[{"type": "angry"}], replyToId=f"posted-{number}")
    (said,) = user.hear()
    assert said.buttons.count("Skicka ett ärende") == 1, "offered before, and again"
    rated = lotsen.query("SELECT answer, rating FROM feedback WHERE conversation LIKE 'teams-%'")
    assert rated == [("how_to_purge", "down")]
    user.tell("messageReaction", reactionsAdded=[{"type": "like"}], replyToId=f"posted-{number}")
    assert [one.text for one in user.hear()] == [text("teams_liked")]
    rated = lotsen.query("SELECT answer, rating FROM feedback WHERE conversation LIKE 'teams-%'")
    assert rated == [("how_to_purge", "up")]
    user.tell("messageReaction", reactionsAdded=[{"type": "laugh"}], replyToId="something else")
    assert [one.text for one in user.hear()] == [text("teams_reaction")]


@pytest.mark.parametrize("kind", ["groupChat", "channel"])
def test_groups_get_one_polite_sentence(lotsen: RunningLotsen, microsoft: Microsoft, kind: str) -> None:
    """What others could read is neither answered nor kept."""
    group = TeamsUser(microsoft, lotsen, kind)
    sentence = "ett hemligt ord om en patient"
    heard = group.say(f"<at>Lotsen</at> {sentence}")
    assert [one.text for one in heard] == [text("teams_group")]
    assert sentence not in lotsen.dump()


def test_code_of_the_web_chat(user: TeamsUser, lotsen: RunningLotsen) -> None:
    """It leads back to the chat on the web only; it is not kept."""
    assert [one.text for one in user.say("K7QM-2XPD")] == [text("teams_code")]
    assert "K7QM-2XPD" not in lotsen.dump()


def test_case_by_number_and_code(user: TeamsUser, chat: ChatClient, lotsen: RunningLotsen) -> None:
    """A case that was sent on the web can be looked up in Teams; the code is not kept."""
    number, code = send_case(chat, "Momentet öppnas inte")
    (said,) = user.say(f"{number} {code}")
    assert "Momentet öppnas inte" in said.text
    assert code not in "\n".join(line for line in lotsen.dump().splitlines() if "teams-" in line)


def test_two_users_do_not_mix(lotsen: RunningLotsen, microsoft: Microsoft) -> None:
    """Each has a conversation of their own, also in the same chat of Teams and with the same name."""
    one, other = TeamsUser(microsoft, lotsen), TeamsUser(microsoft, lotsen)
    one.say(QUESTION)
    assert other.say("klart")[0].text == text("guide_none")
    assert one.say("klart")[-1].text.startswith("Steg 2 av 8")


def test_lifted_disturbance_reaches_who_was_told(user: TeamsUser, lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Who heard of it hears when it is over, in Teams and on the web; nobody else, and once."""
    kind = "page_cannot_be_displayed"
    lotsen.command("notice", "set", kind, "--hours", "1")
    try:
        assert text("disturbance") in [one.text for one in user.say(QUESTION)]
        assert text("disturbance") in [one.text for one in chat.say(QUESTION)]
    finally:
        lotsen.command("notice", "lift", kind)
    over = text("disturbance_over", title="”Webbsidan kan inte visas”")
    assert over in [one.text for one in user.hear_of(over[:30])]
    chat.listen_for(over)
    assert json.dumps([one.text for one in user.shown()], ensure_ascii=False).count(over[:30]) == 1


def test_what_the_app_offers_to_write_is_understood(user: TeamsUser, lotsen: RunningLotsen) -> None:
    """Each suggestion beside the field where users write leads where it says."""
    for command, intent in COMMANDS.items():
        user.say(command)
        mine = f"SELECT conversation FROM teams_conversations WHERE teams_conversation = '{user.conversation}'"
        heard = f"SELECT intent_name FROM events WHERE sender_id = ({mine}) AND type_name = 'user' ORDER BY id DESC"
        assert lotsen.query(heard)[0] == (intent,), command


def test_proactive_token_is_the_bots_own(user: TeamsUser, microsoft: Microsoft) -> None:
    """Every call shows the token that the token service gave, which was asked for as Entra ID wants it."""
    user.say("hej")
    assert user.calls()[-1].authorization.startswith("Bearer token ")
    asked = microsoft.token_requests[0]
    assert asked["grant_type"] == "client_credentials"
    assert asked["scope"] == "https://api.botframework.com/.default"


def test_time_that_is_up(waiting: TeamsUser) -> None:
    """A step that waits for a time speaks by itself when it is up."""
    assert waiting.hear_of(text("guide_time_is_up"), seconds=90)[-1].text.startswith("Steg 6 av 8")
