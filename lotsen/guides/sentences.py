"""What a step asks of the user, sentence by sentence: one thing to do, or one question that "yes" is an answer to."""

from __future__ import annotations

import re
from typing import Any, List, Mapping, Optional

from lotsen.guides.model import StepKind

MAX_COMMANDS = 2
"""Sentences of command in one step; the source itself has two ("Högerklicka på ikonen. Välj ...")."""

_NO_QUESTION: Mapping[str, str] = {
    StepKind.DO.value: "Knappen är 'Klart', så frågan får inget svar. "
    "Skriv om den, eller gör steget till 'kind: check' eller 'kind: choose'.",
    StepKind.WAIT.value: "Användaren väntar, så frågan får inget svar. Ställ den i steget efter.",
    StepKind.END.value: "Guiden är slut, så frågan får inget svar. Ställ den i ett steg före.",
}
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)|https?://\S+")
_QUOTED = re.compile(r"”[^”]*”|“[^“”]*[“”]|\"[^\"]*\"|»[^»«]*[»«]")
_BOLD = re.compile(r"\*\*[^*]*\*\*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\W*[A-ZÅÄÖ])|:\s+")
_OPEN_QUESTION = re.compile(r"(hur|vad|varför|vem|vilken|vilket|vilka)\b", re.IGNORECASE)
_YES_IS_BAD = re.compile(r"\b(kvar|kvarstår|fortfarande|inte)\b", re.IGNORECASE)
_LAST_CLAUSE = re.compile(r"[,;]\s+| – ")
_COMMANDS = frozenset(
    (
        *("ange", "anslut", "avinstallera", "avsluta", "avvakta", "be", "bläddra", "byt", "dra", "dubbelklicka"),
        *("fyll", "gå", "hämta", "högerklicka", "håll", "installera", "klicka", "klistra", "kolla", "kontrollera"),
        *("koppla", "kopiera", "kryssa", "ladda", "leta", "logga", "lägg", "lås", "läs", "markera", "mata", "prova"),
        *("rensa", "ring", "scrolla", "sök", "skicka", "skriv", "slå", "spara", "starta", "stoppa", "stäng", "sätt"),
        *("ta", "testa", "tryck", "uppdatera", "vänd", "vänta", "välj", "växla", "öppna"),
    )
)
"""Imperatives that guides are made of. A word that is missing here makes the check milder, never wrong."""


def wrong_asking(kind: Any, text: str, own_answers: bool) -> Optional[str]:
    """Return what is wrong with what a step of this kind asks for, if anything is."""
    questions = _BOLD.sub(" ", _QUOTED.sub(" ", _LINK.sub(r"\1", text))).count("?")
    if questions and isinstance(kind, str) and kind in _NO_QUESTION:
        return f"Ett steg med 'kind: {kind}' ska inte fråga något. {_NO_QUESTION[kind]}"
    if questions > 1:
        return f"Steget ställer {questions} frågor, men får bara ett svar. Ställ en fråga, eller dela steget."
    if kind == StepKind.CHECK.value:
        return _wrong_check(text, own_answers)
    return _wrong_command(text) if kind == StepKind.DO.value else None


def sentences(text: str) -> List[str]:
    """Return the sentences of a text; what follows a colon is one of its own.

    >>> sentences("Om felet är kvar: starta om. Löste det sig?")
    ['Om felet är kvar', 'starta om.', 'Löste det sig?']
    """
    return [part for part in _SENTENCE_END.split(text.strip()) if part] or [""]


def _wrong_check(text: str, own_answers: bool) -> Optional[str]:
    """Return why a "yes" to a check would not mean that it helped, if so."""
    last = sentences(_QUOTED.sub("X", text.replace("*", "")))[-1]
    if not last.rstrip(" )").endswith("?"):
        return "Ett steg med 'kind: check' ska sluta med en fråga där ja betyder att det hjälpte, som 'Löste det sig?'."
    if _OPEN_QUESTION.match(last) and not own_answers:
        return "Frågan går inte att svara ja på. Skriv som 'Löste det sig?', eller ge steget egna svar under 'answers'."
    if _YES_IS_BAD.search(_LAST_CLAUSE.split(last)[-1]):
        return "Ett ja betyder här att felet är kvar, men tas som att det hjälpte. Vänd på frågan: 'Löste det sig?'."
    return None


def _wrong_command(text: str) -> Optional[str]:
    """Return that a ``do`` asks for too much at once, if so. A sentence is one command, whatever it joins."""
    commands = sum(_first_word(sentence) in _COMMANDS for sentence in sentences(text))
    if commands <= MAX_COMMANDS:
        return None
    return f"Steget ber om {commands} saker på en gång. Dela det i flera steg, eller lägg detaljerna under 'how'."


def _first_word(sentence: str) -> str:
    """Return the first word, in lower case."""
    found = re.search(r"\w+", sentence)
    return found[0].lower() if found is not None else ""
