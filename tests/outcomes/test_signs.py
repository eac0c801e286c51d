"""What users did next, told from the rows."""

from __future__ import annotations

from typing import List, Optional, Sequence

import pytest

from lotsen.guides.model import Status
from lotsen.outcomes.asked import Asked, Kind
from lotsen.outcomes.facts import Facts
from lotsen.outcomes.signs import Sign, judge
from tests.outcomes.asking import asked, rated, sent, walked

NOTHING = Facts()
OFFERED = ("how_to_purge", "why_purge")
THANKS = {"intent": "thanks", "text": "tack"}


def signs(rows: Sequence[Asked], facts: Facts = NOTHING) -> List[Optional[Sign]]:
    """Return the signs of a conversation's messages."""
    return [one.sign for one in judge(rows, facts)]


@pytest.mark.parametrize(
    ("rows", "facts", "wanted"),
    [
        ([asked(Kind.ANSWERED)], Facts(), None),
        ([asked(Kind.ANSWERED)], Facts(ratings=(rated(True, 1),)), Sign.RATED_UP),
        ([asked(Kind.ANSWERED)], Facts(ratings=(rated(False, 1),)), Sign.RATED_DOWN),
        ([asked(Kind.ANSWERED)], Facts(ratings=(rated(False, 1, answer="why_purge"),)), None),
        ([asked(Kind.ANSWERED)], Facts(ratings=(rated(False, -1),)), None),
        ([asked(Kind.ANSWERED), asked(Kind.SMALL_TALK, 5, **THANKS)], Facts(), Sign.THANKED),
        ([asked(Kind.ANSWERED), asked(Kind.SMALL_TALK, 45, **THANKS)], Facts(), None),
        ([asked(Kind.ANSWERED, pressed="none_of_these")], Facts(), Sign.NONE_FITS),
        ([asked(Kind.ANSWERED, pressed="talk_to_human")], Facts(), Sign.HANDED_OFF),
        ([asked(Kind.ANSWERED), asked(Kind.HANDOFF, 2, intent="talk_to_human")], Facts(), Sign.HANDED_OFF),
        ([asked(Kind.ANSWERED)], Facts(cases=(sent(10),)), Sign.HANDED_OFF),
        ([asked(Kind.ANSWERED)], Facts(cases=(sent(50),)), None),
        (
            [asked(Kind.ANSWERED), asked(Kind.ANSWERED, 1, intent="why_purge", text="måste man gallra")],
            Facts(),
            None,
        ),
        (
            [asked(Kind.ANSWERED), asked(Kind.ANSWERED, 1, intent="why_purge", text="hur gallrar jag moment")],
            Facts(),
            Sign.ASKED_AGAIN,
        ),
        (
            [asked(Kind.ANSWERED), asked(Kind.ANSWERED, 9, intent="why_purge", text="hur gallrar jag moment")],
            Facts(),
            None,
        ),
        ([asked(Kind.SUGGESTED, suggestions=OFFERED, pressed="how_to_purge")], Facts(), Sign.PICKED),
        ([asked(Kind.SUGGESTED, suggestions=OFFERED, pressed="why_purge")], Facts(), Sign.PICKED_OTHER),
        ([asked(Kind.CLARIFIED, suggestions=OFFERED, pressed="why_purge")], Facts(), Sign.PICKED),
        ([asked(Kind.SUGGESTED, suggestions=OFFERED, pressed="none_of_these")], Facts(), Sign.NONE_FITS),
        ([asked(Kind.SUGGESTED, suggestions=OFFERED)], Facts(), None),
        (
            [asked(Kind.SUGGESTED, suggestions=OFFERED), asked(Kind.ANSWERED, 1, text="något helt annat")],
            Facts(),
            Sign.ASKED_AGAIN,
        ),
        ([asked(Kind.GUIDE, intent="login")], Facts(runs=(walked(Status.RESOLVED, 0),)), Sign.SOLVED),
        ([asked(Kind.GUIDE, intent="login")], Facts(runs=(walked(Status.STOPPED, 0),)), Sign.LEFT_AT_ONCE),
        ([asked(Kind.GUIDE, intent="login")], Facts(runs=(walked(Status.STOPPED, 0, ("login", "a")),)), None),
        ([asked(Kind.GUIDE, intent="login")], Facts(runs=(walked(Status.HANDOFF, 0),), cases=(sent(5),)), None),
        ([asked(Kind.REFUSED, intent="out_of_scope")], Facts(cases=(sent(5),)), None),
    ],
)
def test_the_first_message(rows: List[Asked], facts: Facts, wanted: Optional[Sign]) -> None:
    """Each thing that a user may do next is a sign, or none."""
    assert signs(rows, facts)[0] == wanted


def test_a_rating_is_stronger_than_all_else() -> None:
    """Who rates an answer up and then asks for a person was helped with this one."""
    rows = [asked(Kind.ANSWERED), asked(Kind.HANDOFF, 2)]
    assert signs(rows, Facts(ratings=(rated(True, 1),)))[0] is Sign.RATED_UP


def test_the_last_rating_counts_for_its_own_answer() -> None:
    """An answer given twice is rated twice."""
    rows = [asked(Kind.ANSWERED), asked(Kind.ANSWERED, 60)]
    assert signs(rows, Facts(ratings=(rated(False, 1), rated(True, 61)))) == [Sign.RATED_DOWN, Sign.RATED_UP]


def test_what_was_kept_is_not_judged_again() -> None:
    """A message of an ended conversation has the sign that was kept with it."""
    row = asked(Kind.ANSWERED, sign="rated_down", outcome="left")
    assert signs([row]) == [Sign.RATED_DOWN]
    assert signs([asked(Kind.ANSWERED, outcome=""), asked(Kind.SMALL_TALK, 1, **THANKS)])[0] is None
