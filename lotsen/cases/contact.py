"""How a user can be reached, and who and where they say they are, as their own words say it. Pure.

A number or an address is found surely; a name or a unit often, and the whole answer is kept beside them. What is found
in answers that people wrote: ``tests/cases/test_contact.py``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Iterable

from lotsen.cases.access import NUMBER
from lotsen.cases.case import Contact
from lotsen.privacy.masking import RESERVE_TOKEN, TOKEN

_WORD = r"[A-ZÅÄÖ][\wåäöÅÄÖé-]+"
_NOT_A_NAME = r"(?!Jag\b|Ja\b|Ni\b|Du\b|Hej\b|Mail|Mejl|E-post|Tel|Ring|Det\b|Dä\b|Skicka|Svar|Kan\b|Vi\b|Min\b|Mitt\b)"
_UNIT_WORD = (
    r"[\wåäöÅÄÖ-]*(?i:mottagning|mott\b|avdelning|avd\b|vårdcentral|klinik(?!er)|enhet(?!schef)|team|hälsan|psyk(?!o)|vården|"
    r"rehab|expedition|\bBUP|\bIT\b)[\wåäöÅÄÖ]*"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_EXTENSION = re.compile(r"\b(?:ankn(?:ytning)?\.?|snabbnr|kortnr|internt)\s*:?\s*\d{3,6}\b|\b\d{3,6}\s+internt\b", re.I)
_PHONE = re.compile(r"(?<![\w@.])(?:\+|00)?\d(?:[\s\u00a0./\u2010-\u2015-]{0,3}\d){5,14}(?![\w@])")
_BARE = re.compile(r"^\D{0,20}?(\d{4,6})\D{0,3}$")
_HSA_ID = re.compile(r"\bSE\d{10}-[A-Z0-9]{2,18}\b", re.IGNORECASE)
_DATE = re.compile(r"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b")
_CHAT = re.compile(
    r"\b(?:chatt\w*|skriv\w*\W+h[äa]r|svar\w*\W+(?:\w+\W+){0,2}h[äa]r|h[äa]r\W+inne|svara?\W+kommer\W+hit|i\W+f[öo]nstret|"
    r"(?:det\W+)?g[åa]r\W+bra\W+h[äa]r)\b",
    re.IGNORECASE,
)
_NOT_CHAT = re.compile(r"\b(?:inte|ej|slippa)\W+(?:\w+\W+){0,2}chatt", re.IGNORECASE)
_NAME = re.compile(
    rf"(?i:\bheter|namn är|fr[åa]ga efter|\bmvh|hälsningar|\bssk|\bläk|\bdr|chef)\s+(?:ja\s+)?"
    rf"({_WORD}(?:\s+{_WORD})?)|"
    rf"^{_NOT_A_NAME}({_WORD}(?:\s{_WORD})?)\s+(?:här|heter|på|i|,)(?:\b|\s)"
)
_UNIT = re.compile(
    rf"(?:\b(?:på|vid|från|i)\s+|^|[,.]\s*|\b(?<!\w)(?<!\w-))((?:(?!{_UNIT_WORD})(?:[A-ZÅÄÖ][\wåäö]*|[\wåäö]+-\s+och|lokal|[\wåäö]+a)\s+)?"
    rf"{_UNIT_WORD}(?:\s+(?:i\s+|plan\s+)?(?:[A-ZÅÄÖ][\wåäöÅÄÖ]*|\d+\b|norr\b|psykos\b))*)"
)


def contact_in(text: str) -> Contact:
    """Return how a text says that its writer can be reached, and who and where they say they are.

    >>> contact_in("Amina på BUP-mottagningen, 070-174 06 35 eller amina@example.se").phone
    '070-174 06 35'
    """
    rest = _EMAIL.sub(" ", text)
    email = _EMAIL.search(text)
    hsa_id = _HSA_ID.search(rest)
    for other in (_HSA_ID, NUMBER, _DATE):  # Digits that are no telephone's.
        rest = other.sub(" ", rest)
    extension = _EXTENSION.search(rest)
    phone = _PHONE.search(rest) or extension
    bare = _BARE.match(rest.strip()) if phone is None else None
    name = _NAME.search(text)
    unit = _UNIT.search(_EMAIL.sub(" ", text))
    return Contact(
        phone=" ".join(phone[0].split()) if phone else bare[1] if bare else "",
        email=email[0].rstrip(".") if email else "",
        name=next(filter(None, name.groups()), "") if name else "",
        unit=unit[1].strip() if unit else "",
        hsa_id=hsa_id[0].upper() if hsa_id else "",
        chat=bool(_CHAT.search(text)) and not _NOT_CHAT.search(text),
        said=text.strip(),
    )


def lost_a_number(text: str) -> bool:
    """Tell whether what may have been a telephone number was masked: ten bare digits can look like a personal one."""
    return TOKEN in text or RESERVE_TOKEN in text


def known_contact(texts: Iterable[str]) -> Contact:
    """Return what earlier messages told of how to reach their writer: only an address or a number counts as told.

    Digits alone could be anything (an error code, a case), so a word for a telephone must stand beside them.
    """
    found = Contact()
    for text in texts:
        heard = contact_in(text)
        phone = heard.phone if _CALL.search(text) else ""
        if phone or heard.email:
            found = replace(found, phone=phone or found.phone, email=heard.email or found.email)
    return found


_CALL = re.compile(r"\b(?:tel|telefon\w*|mobil\w*|ring\w*|nås|ankn\w*|nummer|numret|dect)\b", re.IGNORECASE)


def merged(known: Contact, heard: Contact) -> Contact:
    """Return ``known`` with what has been heard now in its place, part by part."""
    return replace(
        heard,
        phone=heard.phone or known.phone,
        email=heard.email or known.email,
        name=heard.name or known.name,
        unit=heard.unit or known.unit,
        hsa_id=heard.hsa_id or known.hsa_id,
    )
