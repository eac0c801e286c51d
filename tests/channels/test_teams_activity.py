"""What Teams tells, read: whatever it is, it is one of the few things that we act on, or nothing."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.channels.chat.log import CLIENT_ID_LENGTH
from lotsen.channels.teams.activity import MAX_ID, Activity, Kind, plain_text, read, sender_key, short_id

BOT, USER, PERSON = "28:bot", "29:user", "0a1b2c3d-person"
OWN = {"type": "mention", "text": "<at>Lotsen</at>", "mentioned": {"id": BOT, "name": "Lotsen"}}
OTHER = {"type": "mention", "text": "<at>Åsa Öberg</at>", "mentioned": {"id": "29:other", "name": "Åsa Öberg"}}
FILE = "application/vnd.microsoft.teams.file.download.info"
CARD = "application/vnd.microsoft.card.adaptive"


def sent(type: str = "message", **parts: Any) -> Dict[str, Any]:
    """Return an activity as Teams makes it; a part that is None is not there."""
    whole = {
        "type": type,
        "id": "1700000000000",
        "timestamp": "2026-11-27T08:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "from": {"id": USER, "name": "Amina Öberg", "aadObjectId": PERSON},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": "tenant"},
        "recipient": {"id": BOT, "name": "Lotsen"},
        "channelData": {"tenant": {"id": "tenant"}},
        **parts,
    }
    return {name: part for name, part in whole.items() if part is not None}


def text_of(text: str, *mentions: Dict[str, Any], format: str = "plain") -> str:
    """Return what is read of a message's text."""
    return read(sent(text=text, textFormat=format, entities=list(mentions))).text


signs = st.text(st.characters(), max_size=20)  # Halves of characters and NUL among them.
pieces = st.lists(
    st.sampled_from(["<at>", "</at>", '<at id="0">', "Lotsen", "<", "&", "&#", "&amp;", "9" * 5000, "</p>", " "]),
    max_size=8,
).map("".join)
texts = st.one_of(signs, pieces, st.sampled_from(["", BOT, "personal", "mention", "xml", "text/html", "x" * 600]))
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
TYPES = ["message", "messageUpdate", "messageDelete", "messageReaction", "conversationUpdate", "installationUpdate"]


def some(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make objects where each part, and the object itself, may be missing or be anything else."""
    return st.one_of(
        st.fixed_dictionaries({}, optional={name: st.one_of(part, texts, junk) for name, part in parts.items()}), junk
    )


def many(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make lists of what may be anything."""
    return st.one_of(st.lists(one, max_size=3), junk)


activities = st.fixed_dictionaries(
    {"type": st.one_of(st.sampled_from(TYPES), junk)},
    optional={
        "id": st.one_of(st.just("1"), texts, junk),
        "timestamp": st.one_of(texts, junk),
        "replyToId": st.one_of(texts, junk),
        "serviceUrl": st.one_of(texts, junk),
        "from": st.one_of(st.just({"id": USER}), some(id=texts, aadObjectId=texts)),
        "conversation": st.one_of(
            st.just({"id": "a:1", "conversationType": "personal"}),
            some(id=texts, conversationType=st.sampled_from(["personal", "groupChat", "channel"]), tenantId=texts),
        ),
        "recipient": some(id=st.just(BOT)),
        "channelData": some(tenant=some(id=texts), eventType=st.sampled_from(["editMessage", "undeleteMessage"])),
        "text": st.one_of(texts, junk),
        "textFormat": st.one_of(st.just("xml"), junk),
        "value": some(choice=texts),
        "action": st.one_of(st.sampled_from(["add", "remove"]), junk),
        "entities": many(some(type=st.just("mention"), text=texts, mentioned=some(id=st.just(BOT)))),
        "attachments": many(some(contentType=st.sampled_from(["text/html", "image/png", FILE]), content=texts)),
        "membersAdded": many(some(id=st.just(BOT))),
        "reactionsAdded": many(some(type=st.sampled_from(["like", "sad"]))),
    },
)


@given(activities)
def test_anything_is_read(written: Dict[str, Any]) -> None:
    """Anything may stand anywhere: nothing fails, and what is acted on has ids that can be kept."""
    activity = read(written)
    account = activity.account
    assert isinstance(activity, Activity) and isinstance(activity.kind, Kind)
    kept = [account.tenant, account.service, account.conversation, account.user, account.identity, account.bot]
    for id in [*kept, activity.id, activity.about, activity.choice]:
        assert len(id) <= MAX_ID * 2 + 20
        assert "\x00" not in id
        id.encode()
        assert 0 < len(short_id(id)) <= CLIENT_ID_LENGTH
    if activity.kind is not Kind.NOTHING:
        assert account.conversation and account.identity
        assert activity.id
    if account.personal:
        assert written["conversation"]["conversationType"] == "personal"


def test_a_text() -> None:
    """A text, and where it was written: all that answers need, and no name."""
    activity = read(sent(text="Sidan kan inte visas", textFormat="plain"))
    assert (activity.kind, activity.id, activity.text) == (Kind.TEXT, "1700000000000", "Sidan kan inte visas")
    account = activity.account
    assert (account.tenant, account.conversation, account.user) == ("tenant", "a:1", USER)
    assert (account.identity, account.bot, account.personal) == (PERSON, BOT, True)
    assert account.service == "https://smba.trafficmanager.net/emea/"
    assert "Amina" not in repr(activity)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<at>Lotsen</at> hej", "hej"),
        ("<AT>lotsen</aT> hej", "hej"),
        ('<at id="0">Lotsen</at> hej', "hej"),
        ('<at id="0" itemtype="http://schema.skype.com/Mention">Lotsen</at>&nbsp;hej', "hej"),
        ("<at>Lotsen</at> hej <at>Lotsen</at>\nigen <at>LOTSEN</at>", "hej\nigen"),
        ("<at>Lotsen</at>", ""),
        ("<at></at> hej", "hej"),
        ("<attribut>hej</attribut>", "<attribut>hej</attribut>"),
        ("<at>Lotsen hej", "<at>Lotsen hej"),
    ],
)
@pytest.mark.parametrize("mentions", [[], [OWN], [OWN, OWN, OTHER], [{**OWN, "mentioned": {}}]])
def test_mentions_of_the_bot_are_gone(text: str, seen: str, mentions: List[Dict[str, Any]]) -> None:
    """In any case, with attributes, several times, with and without entities that say whose name it is."""
    assert text_of(text, *mentions) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<at>Lotsen</at> hjälp <at>Åsa Öberg</at>!", "hjälp Åsa Öberg!"),
        ('<at>Lotsen</at> hjälp <at id="1">åsa öberg</at>!', "hjälp åsa öberg!"),
        ("<at>Åsa Öberg</at> <at>Åsa Öberg</at>", "Åsa Öberg Åsa Öberg"),
    ],
)
def test_mentions_of_others_keep_the_name(text: str, seen: str) -> None:
    """Who else is mentioned is part of what is said, also if the bot's own mention has no entity."""
    assert text_of(text, OWN, OTHER) == text_of(text, OTHER) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("temp <38", "temp <38"),
        ("a < b och c > d", "a < b och c > d"),
        ("temp &lt;38 &amp; frossa", "temp <38 & frossa"),
        ("&quot;logga in&quot; &#229; &#xE5;", '"logga in" å å'),
        ("&amp;lt;at&amp;gt;", "&lt;at&gt;"),
        ("&lt;at&gt;Lotsen&lt;/at&gt;", "<at>Lotsen</at>"),
        ("hej&nbsp;&nbsp;\u00a0 du", "hej du"),
        ("19121212\u200b-12\u202c\ufeff12", "19121212-1212"),
        ("👩\u200d⚕️ 🏳️\u200d🌈 😀", "👩\u200d⚕️ 🏳️\u200d🌈 😀"),
        ("ett\ntvå\r\ntre\n\nfyra", "ett\ntvå\ntre\n\nfyra"),
        ("  hej  \n", "hej"),
        ("", ""),
        ("&#" + "1" * 5000 + ";", "&#" + "1" * 5000 + ";"),
    ],
)
def test_a_text_is_read_as_it_was_seen(text: str, seen: str) -> None:
    """HTML's names of signs, spaces of all kinds, emoji, lines, and signs that somebody typed."""
    assert text_of(text) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<p>ett</p><p>två<br/>tre</p>", "ett\ntvå\ntre"),
        ("<div><b>Fel</b> <i>E12</i></div>", "Fel E12"),
        ("<ul><li>kort</li><li>kod</li></ul>", "kort\nkod"),
        ("<p><at>Lotsen</at> temp &lt;38</p>", "temp <38"),
        ("temp <38 &gt;", "temp <38 >"),
    ],
)
def test_a_text_with_tags(text: str, seen: str) -> None:
    """Tags go where Teams says that there are some; their lines stay."""
    assert text_of(text, format="xml") == seen
    assert "<p>" in text_of("<p>ett</p>")


@pytest.mark.parametrize("format", ["plain", "xml"])
@pytest.mark.parametrize(
    "part",
    ["<at", "<at>", "</at>", "<at><at>x", "<", "<a", "</", "&", "&#", "&#1", "&a", " ", "\n", "\u200b", "å", "1"],
)
def test_a_long_text_does_not_take_long(part: str, format: str) -> None:
    """A hundred thousand characters of what begins and does not end: the time grows as the text does."""
    mentions = [OTHER] * 200
    began = time.process_time()
    read(sent(text=part * (100_000 // len(part)), textFormat=format, entities=mentions))
    assert time.process_time() - began < 5  # Seconds of work: some hundredths, or minutes if each place is looked from.


def test_a_long_text_is_read_whole() -> None:
    """Nothing is cut here: that it is too long is told later."""
    assert len(text_of("å" * 100_000)) == 100_000


@pytest.mark.parametrize(
    ("value", "choice"),
    [
        ({"choice": "12.0"}, "12.0"),
        ({"choice": "12.0", "msteams": {"type": "messageBack", "value": {"choice": "13.0"}}}, "12.0"),
        ({"choice": "påhittad"}, "påhittad"),
        ({"choice": 12.1}, ""),
        ({"choice": 12}, ""),
        ({"choice": ["12.0"]}, ""),
        ({"choice": {"choice": "12.0"}}, ""),
        ({"choice": None}, ""),
        ({"choice": "1" * (MAX_ID + 1)}, ""),
        ({"choice": "12.0\x00"}, ""),
        ({"choice": "\ud83d"}, ""),
    ],
)
def test_a_button(value: Any, choice: str) -> None:
    """The button's id, as messageBack or a bare Action.Submit carries it; what is no text is no id of ours."""
    activity = read(sent(text="Ja", value=value, replyToId="1699"))
    assert (activity.kind, activity.choice, activity.about) == (Kind.CHOICE, choice, "1699")
    assert activity.text == ""


@pytest.mark.parametrize(
    "value", ["12.0", '{"choice": "12.0"}', ["choice"], 12, None, {}, {"payload": "/affirm"}, True]
)
def test_a_value_without_a_choice_is_no_button(value: Any) -> None:
    """The text beside it is what was said."""
    activity = read(sent(text="Ja", value=value))
    assert (activity.kind, activity.text, activity.choice) == (Kind.TEXT, "Ja", "")


def test_a_button_that_is_nested_deep() -> None:
    """Nothing is unfolded that could be endless."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert read(sent(value={"choice": deep})).choice == ""


def attached(*kinds: str, text: str = "", content: Any = None) -> Activity:
    """Read a message with things attached."""
    return read(sent(text=text, attachments=[{"contentType": kind, "content": content} for kind in kinds]))


@pytest.mark.parametrize(
    ("kinds", "alone", "beside"),
    [
        (["image/png"], Kind.PICTURE, Kind.PICTURE),
        (["IMAGE/*"], Kind.PICTURE, Kind.PICTURE),
        ([FILE], Kind.FILE, Kind.FILE),
        (["text/html", FILE], Kind.FILE, Kind.FILE),
        (["text/html", "image/jpeg", FILE], Kind.PICTURE, Kind.PICTURE),
        (["audio/mp4"], Kind.FILE, Kind.FILE),
        (["something/else"], Kind.FILE, Kind.FILE),
        (["text/html"], Kind.TEXT, None),
        (["Text/HTML", ""], Kind.TEXT, None),
        ([CARD], Kind.FILE, None),
        (["application/vnd.microsoft.card.thumbnail", "text/html"], Kind.FILE, None),
        ([], Kind.TEXT, None),
    ],
)
def test_what_is_attached(kinds: List[str], alone: Kind, beside: Optional[Kind]) -> None:
    """Files and pictures are known, alone or beside a text; the text's own copy in HTML and a link's card are none."""
    assert attached(*kinds).kind is alone
    both = attached(*kinds, text="Så här ser det ut")
    assert (both.kind, both.text, both.beside) == (Kind.TEXT, "Så här ser det ut", beside)


def test_a_moving_picture() -> None:
    """Teams tells of one in the copy of the text only. An emoji in a text is in the text."""
    moving = '<p><img src="https://media.example/cat.gif" itemtype="http://schema.skype.com/Giphy"></p>'
    assert attached("text/html", content=moving).kind is Kind.PICTURE
    assert attached("text/html", text="tack 😀", content="<p>tack <img alt='😀'></p>").beside is None


def test_nothing_but_the_bots_name_beside_a_picture() -> None:
    """A mention is no text."""
    assert attached("image/png", text="<at>Lotsen</at>&nbsp;").kind is Kind.PICTURE


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("editMessage", Kind.EDITED),
        ("undeleteMessage", Kind.NOTHING),
        ("linkUnfurled", Kind.NOTHING),
        (None, Kind.NOTHING),
        (7, Kind.NOTHING),
    ],
)
def test_edits(event: Any, kind: Kind) -> None:
    """Only an edit is one: Teams also tells of what was taken back."""
    activity = read(sent("messageUpdate", channelData={"eventType": event}, text="Ny text"))
    assert (activity.kind, activity.text) == (kind, "")
    assert kind is Kind.NOTHING or activity.about == "1700000000000"


def test_two_edits_are_two() -> None:
    """The same message edited twice; the same edit told twice is one. None has the id of the message itself."""
    edits = [
        read(sent("messageUpdate", channelData={"eventType": "editMessage"}, timestamp=f"2026-11-27T08:00:0{second}Z"))
        for second in (1, 2, 2)
    ]
    assert len({edit.id for edit in edits}) == 2
    assert edits[1].id == edits[2].id != edits[1].about == "1700000000000"


def test_a_deletion() -> None:
    """Of the message with this id, and a thing of its own."""
    activity = read(sent("messageDelete", channelData={"eventType": "softDeleteMessage"}))
    assert (activity.kind, activity.about) == (Kind.DELETED, "1700000000000")
    assert activity.id != activity.about


@pytest.mark.parametrize(
    ("parts", "kind", "liked", "disliked"),
    [
        ({"reactionsAdded": [{"type": "like"}]}, Kind.REACTION, True, False),
        ({"reactionsAdded": [{"type": "heart"}]}, Kind.REACTION, True, False),
        ({"reactionsAdded": [{"type": "sad"}]}, Kind.REACTION, False, True),
        ({"reactionsAdded": [{"type": "angry"}]}, Kind.REACTION, False, True),
        ({"reactionsAdded": [{"type": "surprised"}]}, Kind.REACTION, False, False),
        ({"reactionsAdded": [{"type": "1f44b_wavinghand"}]}, Kind.REACTION, False, False),
        ({"reactionsAdded": [{"type": "laugh"}, {"type": "like"}]}, Kind.REACTION, True, False),
        ({"reactionsAdded": [{"type": "like"}], "reactionsRemoved": [{"type": "sad"}]}, Kind.REACTION, True, False),
        ({"reactionsRemoved": [{"type": "like"}]}, Kind.NOTHING, False, False),
        ({"reactionsAdded": []}, Kind.NOTHING, False, False),
        ({"reactionsAdded": [{}]}, Kind.NOTHING, False, False),
        ({"reactionsAdded": "like"}, Kind.NOTHING, False, False),
    ],
)
def test_reactions(parts: Dict[str, Any], kind: Kind, liked: bool, disliked: bool) -> None:
    """One that was given to a message of ours; one that was taken away is nothing."""
    activity = read(sent("messageReaction", id="f:1", replyToId="1699", **parts))
    assert (activity.kind, activity.liked, activity.disliked, activity.about) == (kind, liked, disliked, "1699")


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ([{"id": BOT}], Kind.INSTALLED),
        ([{"id": USER}, {"id": BOT, "name": "Lotsen"}], Kind.INSTALLED),
        ([{"id": USER}], Kind.NOTHING),
        ([{}], Kind.NOTHING),
        ([BOT], Kind.NOTHING),
        ([], Kind.NOTHING),
        (None, Kind.NOTHING),
    ],
)
def test_members(members: Any, kind: Kind) -> None:
    """The bot itself among those who came."""
    assert read(sent("conversationUpdate", id="f:1", membersAdded=members)).kind is kind


def test_nobody_is_not_the_bot() -> None:
    """A member without an id is not a bot without an id."""
    assert read(sent("conversationUpdate", recipient=None, membersAdded=[{}])).kind is Kind.NOTHING


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("add", Kind.INSTALLED),
        ("remove", Kind.REMOVED),
        ("add-upgrade", Kind.NOTHING),
        ("remove-upgrade", Kind.NOTHING),
        ("", Kind.NOTHING),
        (["add"], Kind.NOTHING),
    ],
)
def test_installations(action: Any, kind: Kind) -> None:
    """A new version of the app is neither a new user nor one who left."""
    assert read(sent("installationUpdate", id="f:1", action=action)).kind is kind


@pytest.mark.parametrize(
    "type", ["invoke", "typing", "event", "endOfConversation", "trace", "", "Message", 7, ["message"]]
)
def test_what_means_nothing(type: Any) -> None:
    """All else, also what Microsoft thinks of next year."""
    value = {"choice": "12.0"}
    assert read(sent(type, text="Hej", value=value, action="add", membersAdded=[{"id": BOT}])).kind is Kind.NOTHING


KINDS = [
    sent(text="Hej"),
    sent(value={"choice": "12.0"}),
    sent(attachments=[{"contentType": "image/png"}]),
    sent("messageUpdate", channelData={"eventType": "editMessage"}),
    sent("messageDelete"),
    sent("messageReaction", reactionsAdded=[{"type": "like"}]),
    sent("conversationUpdate", membersAdded=[{"id": BOT}]),
    sent("installationUpdate", action="add"),
]


@pytest.mark.parametrize("written", KINDS, ids=lambda written: str(written["type"]))
@pytest.mark.parametrize("id", [None, "", 17, "x" * (MAX_ID + 1), "1\x00", "\ud83d"])
def test_what_has_no_id_is_nothing(written: Dict[str, Any], id: Any) -> None:
    """When it came again it could not be told from something new; Teams gives everything an id."""
    assert read(written).kind is not Kind.NOTHING
    assert read({**written, "id": id}).kind is Kind.NOTHING


def test_who_leaves_has_left() -> None:
    """That the app was taken away is noted however often it is told, so it needs no id."""
    assert read(sent("installationUpdate", id=None, action="remove")).kind is Kind.REMOVED


@pytest.mark.parametrize("written", KINDS, ids=lambda written: str(written["type"]))
@pytest.mark.parametrize("name", ["conversation", "from"])
@pytest.mark.parametrize("part", [None, {}, {"id": ""}, {"id": 7}, {"id": "a:" + "x" * MAX_ID}, "a:1", ["a:1"]])
def test_what_comes_from_nowhere_is_nothing(written: Dict[str, Any], name: str, part: Any) -> None:
    """Without a conversation or a user there is nobody to answer; an id that is cut could be somebody else's."""
    assert read({**written, name: part}).kind is Kind.NOTHING


@pytest.mark.parametrize(
    ("kind", "personal"),
    [
        ("personal", True),
        ("groupChat", False),
        ("channel", False),
        (None, False),
        ("Personal", False),
        (["personal"], False),
    ],
)
def test_only_what_is_said_to_be_personal_is(kind: Any, personal: bool) -> None:
    """Where Teams does not say who can read along, everybody can."""
    account = read(sent(text="Hej", conversation={"id": "19:1", "conversationType": kind})).account
    assert account.personal is personal
    assert sender_key(account) == ("tenant", "19:1", PERSON if personal else "")


def test_a_user_without_an_entra_id() -> None:
    """The id in the conversation stands in."""
    assert read(sent(text="Hej", **{"from": {"id": USER}})).account.identity == USER


def test_ids_of_the_log() -> None:
    """Short ones stay, so that they can be looked up; two long ones stay apart."""
    assert short_id("1700000000000") == "1700000000000"
    long = ["f:" + "x" * 100 + end for end in "ab"]
    assert len({short_id(id) for id in long}) == 2
    assert all(len(short_id(id)) == CLIENT_ID_LENGTH for id in ["", *long])


def test_a_text_is_read_without_the_rest() -> None:
    """What has no text has none."""
    assert plain_text({}, BOT) == plain_text({"text": ["Hej"]}, BOT) == ""
