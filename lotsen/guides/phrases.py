"""Swedish turns of phrase inside a guide, found in folded text (``Said.words``): numbers, lack, denial. Pure."""

from __future__ import annotations

import re
from typing import Iterable, Optional

_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            *("en ett forsta ettan", "tva andra tvaan", "tre tredje trean", "fyra fjarde fyran", "fem femte femman"),
            *("sex sjatte sexan", "sju sjunde sjuan", "atta attonde attan", "nio nionde nian", "tio tionde tian"),
        ),
        start=1,
    )
    for word in words.split()
}
_NUMBER = r"(\d{1,2}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_STEP_NUMBER = re.compile(
    rf"\b(?:steg|punkt|nr|nummer)(?:\s+|(?=\d)){_NUMBER}\b|\b{_NUMBER}\s+(?:steget|punkten)\b|"
    r"\b(ettan|tvaan|trean|fyran|femman|sexan|sjuan|attan|nian|tian)\b"
)
_LAST_OF_RANGE = re.compile(
    rf"\b{_NUMBER}(?:\s*(?:-|till och med|till|t o m|tom|och|o)\s*{_NUMBER})+\b"
    r"(?!\s*(?:ganger|ggr|minuter|timmar|dagar))|"
    rf"\b{_NUMBER}\s+forsta\b"
)
_COUNT = re.compile(rf"\b{_NUMBER}\s+(?:steg|snapp|ganger)\b")
_FIRST = re.compile(r"\b(forst|borjan|forsta|allra forst)\b")
_START = re.compile(r"\b(borjan|forsta|starten)\b")
_ALL = re.compile(
    r"\b(allt|alltihop|allting|samtliga|alla(?=$| (?:steg|stegen|punkter|punkterna|de|dem|dom|dessa|moment|saker))|"
    r"hela(?= (?:listan|guiden|biten|den|det|vagen)))\b"
)
_UNKNOWN = re.compile(r"\b(vet inte|vet ej|ingen aning|oklart|osaker|minns inte)\b")
_OF_SOMETHING_ELSE = r"(?:inte|pa|med|till|i|in|ut|ur|om|av|att|nar|for|fran|som|har|och|annan|annat|andra|ny|nytt)\b"
"""Words after which the thing itself is not what is missing: "inget fel på kortet", "ingen annan kortläsare"."""
_THE_THING = r"{thing}(?![\w-]| ikon| symbol)"
"""A thing, and not its icon or its lamp."""
_NOT = re.compile(r"\b(inte|ej|icke|inge|ente)\b")
_NO_MORE = re.compile(r"\b(langre|mer|mera|fel\w*|problem\w*|behover|kvar)\b")
"""In "felet kommer inte längre" the trouble is what is not. Taking "funkar inte" for solved would end the guide."""
_MISSING = (
    r"\b(?:ingen|inget|inga|saknar|utan|inte nagon|inte nagot|inte nan|inte nat|ej nagon)\s+"
    rf"(?:(?!{_OF_SOMETHING_ELSE})\w+\s+){{{{0,2}}}}{_THE_THING}|"
    r"\b(?:glomt|glomde|tappat)\s+(?:(?:att )?ta med\s+)?(?:(?:bort|kvar|mig|mitt|min|bade)\s+){{0,2}}"
    rf"{_THE_THING}|"
    rf"\bhar (?:inte|ej) (?:(?:mitt|min)\s+)?{_THE_THING} (?:med|har|hos|pa) ?(?:mig|jobbet)?(?:$| )|"
    rf"\bhar (?:inte|ej) med (?:mig|sig) (?:(?:mitt|min|nagot|nagon)\s+)?{_THE_THING}|"
    r"\b{thing}(?![\w-])\s+(?:(?!ikon|symbol)\w+\s+)?(?:saknas|finns inte|finns ej|ar borta|"
    r"(?:ar|ligger) (?:kvar )?hemma)\b"
)
_IN_GENERAL = re.compile(r"^(?:kan|far|gar det|maste|behover)\b(?!.*\bjag (?:har|saknar|glomt|glomde)\b)")
"""How a question begins that somebody asks who may well have the thing."""
_GO_ON = re.compile(r"\b(fortsatt\w*|vidare|kor pa|kor vi|tillbaka|ar (?:jag )?har)\b")
_QUESTION = re.compile(
    r"\?\s*$|^(vad|hur|varfor|vem|vilka|vilken|vilket|var|nar|ar det|finns det|gar det|"
    r"(?:kan|far|maste)(?! (?:inte|ej)))\b"
)
_SAME = re.compile(r"\b(samma|likadan\w*|lika dan\w*|fortfarande|ingen skillnad|inte|ej|icke)\b")
_SOLVES = re.compile(
    r"logg|\bkom(?:mer|mit)? (?:jag |vi |hon |han )?in\b|funk|funger|\blos|borta|igang|"
    r"\binne\b(?! (?:pa|i|under|dar)\b)|"
    r"\bgick\b|\bgar\b|hjalp|fixa|\bsparar|\bsparat|aktiv|\bok nu\b|bra nu"
)
_NOT_YET = re.compile(r"\b(?:inte|ej) (?:an|klar\w*|fardig\w*|riktigt)\b")
_STEPS_DONE = re.compile(rf"\bsteg(?:en)? {_NUMBER}\b.*\b(?:klara|klar|gjorda|gjort|avklarade|bockade)\b")
_BACK = re.compile(r"\b(steg\w*|ga tillbaka|backa)\b")


def begins_in(phrase: str, words: str) -> bool:
    """Tell whether a word of a text begins with a phrase."""
    return re.search(rf"\b{re.escape(phrase)}", words) is not None


def step_number(words: str) -> Optional[int]:
    """Return the number in "steg 3", "tredje steget", "trean"."""
    match = _STEP_NUMBER.search(words)
    return _number(match[1] or match[2] or match[3]) if match is not None else None


def last_number(words: str) -> Optional[int]:
    """Return the last number of "steg 1-4", "ett och två", "de tre första"; else what ``step_number`` does."""
    match = _LAST_OF_RANGE.search(words)
    return _number(match[2] or match[3]) if match is not None else step_number(words)


def steps_back(words: str) -> Optional[int]:
    """Return the number in "två steg", as in "gå tillbaka två steg"."""
    match = _COUNT.search(words)
    return _number(match[1]) if match is not None else None


def names_first(words: str) -> bool:
    """Tell whether the first step is meant: "vad gjorde vi först"."""
    return _FIRST.search(words) is not None


def names_start(words: str) -> bool:
    """Tell whether the beginning is meant: "tillbaka till början"."""
    return _START.search(words) is not None


def names_all(words: str) -> bool:
    """Tell whether all steps are meant: "allt det där har jag gjort"."""
    return _ALL.search(words) is not None


def does_not_know(words: str) -> bool:
    """Tell whether somebody says that they do not know."""
    return _UNKNOWN.search(words) is not None


def lacks(names: Iterable[str], words: str) -> bool:
    """Tell whether somebody says that they have none of a thing, which goes by these names."""
    if _IN_GENERAL.search(words) is not None:
        return False
    return any(re.search(_MISSING.format(thing=re.escape(name)), words) for name in names)


def is_question(text: str) -> bool:
    """Tell whether a folded text, with its marks, asks something."""
    return _QUESTION.search(text.strip()) is not None


def goes_on(words: str) -> bool:
    """Tell whether somebody who was away is back: "då fortsätter vi", "nu är jag här igen"."""
    return _GO_ON.search(words) is not None and _BACK.search(words) is None


def denies(words: str) -> bool:
    """Tell whether "funkar inte" is said, and not "felet kommer inte längre"."""
    return _NOT.search(words) is not None and _NO_MORE.search(words) is None


def says_same(words: str) -> bool:
    """Tell whether the trouble is said to be as before."""
    return _SAME.search(words) is not None


def says_solved(words: str) -> bool:
    """Tell whether a text speaks of something that works; "nu är den stängd" does not, however glad it sounds."""
    return _SOLVES.search(words) is not None


def not_yet(words: str) -> bool:
    """Tell whether somebody is still at it: "inte färdig"."""
    return _NOT_YET.search(words) is not None


def steps_done(words: str) -> bool:
    """Tell whether numbered steps are said to be done: "steg 1-3 klara"."""
    return _STEPS_DONE.search(words) is not None


def _number(word: str) -> int:
    """Return a number written in figures or letters."""
    return int(word) if word.isdigit() else _NUMBERS[word]
