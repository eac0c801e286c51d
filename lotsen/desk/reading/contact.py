"""Who has written a letter or called, and how they can be reached. Pure.

A signature says it best, then the line "Från:", then the words with which a phone note names its caller. What is found
in a user's answer to that question is ``lotsen/cases/contact.py``'s, and so it is here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import List, Optional

from lotsen.cases.case import Contact
from lotsen.cases.contact import contact_in
from lotsen.desk.reading.letter import Letter

_NAME = r"[A-ZÅÄÖ][\wåäöéü-]+(?:[ ]+(?!På\b|Vid\b|Tel\b|Avd\b|BUP\b|IT\b|BVC\b)[A-ZÅÄÖ][\wåäöéü-]*){0,2}"
_TITLES = (
    r"(?:leg|legitimerad|dr|doktor|docent|professor|prof|ssk|usk|läk|öl|ptp|st|spec)\b\.?|"
    r"\w*(?:psykolog|kurator|sekreterare|läkare|chef|dietist|sköterska|sköterskan|samordnare|ledare|rektor|terapeut|skötare|"
    r"administratör|admin|barnmorska|logoped|pedagog|handläggare|koordinator|receptionist|controller|utvecklare|konsulent|"
    r"assistent|ansvarig|overläkare|fysioterapeut)\b"
)
_TITLE = re.compile(rf"^(?:{_TITLES})", re.IGNORECASE)
_HAS_TITLE = re.compile(rf"(?<!\w)(?:{_TITLES})", re.IGNORECASE)
_TITLES_FIRST = re.compile(rf"^(?:(?:{_TITLES})[ ]+)+(?=[A-ZÅÄÖ])", re.IGNORECASE)
_SIGNED = re.compile(rf"^({_NAME})")
_HEADER = re.compile(r"^\"?([^<\"@]*?)\"?\s*(?:<|\[mailto:|$)")
_CALLED = re.compile(
    rf"(?:^|\b)(?i:ringde|(?:in)?ringt(?:\s+in)?(?:\s+av)?|inkom(?:\s+per\s+telefon)?(?:\s+av)?|samtal(?:\s+(?:från|med))?|"
    rf"telefon(?:samtal)?(?:\s+(?:från|av))?|anmält\s+av|anmälare|kontaktperson|uppringd\s+av|beställare|fr[åa]n)"
    rf"[ :.,]*(?:(?:kl\.?\s*)?\d{{1,2}}[:.]\d{{2}}[ .,:]*)?({_NAME})"
)
_PLACE_AFTER = re.compile(
    r"^\W{0,3}(?:(?:på|vid|från)\s+)?"
    r"((?!tel|ankn|nås|\d)[A-ZÅÄÖ][\w åäöÅÄÖ-]{2,50}?|(?:avd|plan|rehab|enhet)\w*[\w åäöÅÄÖ]{0,40}?)"
    r"(?=\s*[,.;)(\n]|\s+tel|\s+ankn|\s+\d|$)"
)
_AT = re.compile(r"\b(?:på|vid)\s+([^,.\n]{3,50})$")
_SHORT_NUMBER = re.compile(r"^(?:tel|tfn|ankn|snabbnr)?\W*(\d[\d -]{2,9}\d)$", re.IGNORECASE)
_REACHED_IN = re.compile(r"@|\bhttps?:|\bwww\.|\d{3}|^RJL\b|^Region\b", re.IGNORECASE)
_OWN_HSA_ID = re.compile(r"\b(?:mitt|min|eget)\s+hsa-?id\S*\W{0,3}(?:är\s+)?(SE\d{10}-[A-Z0-9]{2,18})\b", re.IGNORECASE)
_SAYS_NAME = re.compile(r"\bheter\b|\bnamn\s+(?:är|e)\b|\b(?:ssk|läk|dr)\s+(?-i:[A-ZÅÄÖ])", re.IGNORECASE)
_NO_UNIT = re.compile(r"\bIT\b|^(?:klinik|mottagning|avdelning|enhet|vårdcentral|team)(?:en|et)?$", re.IGNORECASE)
"""What ``contact_in`` takes for a unit in a longer text, and names none."""
_UNIT_LIKE = re.compile(
    r"(?i:mottagning|avdelning|avd\b|vårdcentral|klinik|enhet|team|hälsan|psyk(?!o)|vården|rehab|habilitering|sjukhus|centrum|"
    r"\bbup\b|\bbvc\b|geriatri|kirurg|medicin|akut|\bab\b|bolag)"
)


def contact_of(letter: Letter) -> Contact:
    """Return who a letter says that its writer is. What is not told is empty."""
    lines = _lines(letter.signature)
    told = [contact_in(line) for line in lines]
    body, sender = contact_in(letter.body), contact_in(letter.sender)
    caller = _caller(letter.body)
    short = next((found[1] for line in lines if (found := _SHORT_NUMBER.match(line))), "")
    phone = _first(*(one.phone for one in told), short, body.phone)
    email = _first(*(one.email for one in told), sender.email, body.email)
    signed, headed = _name_in(lines), _header_name(letter.sender)
    full = headed if signed and headed.startswith(f"{signed} ") else ""
    name = _first(full, signed, headed, caller.name, body.name if _SAYS_NAME.search(letter.body) else "")
    unit = _first(_unit_in(lines), caller.unit, "" if _NO_UNIT.search(body.unit) else body.unit)
    own = _OWN_HSA_ID.search(f"{letter.body}\n{letter.signature}")
    hsa_id = _first(own[1].upper() if own else "", *(one.hsa_id for one in told))
    return Contact(phone=phone, email=email, name=name, unit=unit, hsa_id=hsa_id)


def _lines(signature: str) -> List[str]:
    """Return the parts of a signature that say one thing each."""
    return [part.strip() for line in signature.split("\n") for part in line.split("|") if part.strip()]


def _name_in(lines: List[str]) -> str:
    """Return the name in a signature, the fullest: "Linnéa" often stands above "Linnéa Carlbring"."""
    names = [found[1] for line in lines[:4] if (found := _SIGNED.match(_TITLES_FIRST.sub("", line))) and _is_name(line)]
    first = names[0] if names else ""
    return next((name for name in names[1:] if name.startswith(f"{first} ")), first)


def _is_name(line: str) -> bool:
    """Tell whether a line of a signature can begin with a name: it is no title, unit or way to reach somebody."""
    if _REACHED_IN.search(line.split(",")[0]):
        return False
    bare = _TITLES_FIRST.sub("", line)
    begins = re.split(r"[,/]|\s+(?:på|i|vid)\s+", bare)[0]
    return not _TITLE.match(bare) and not _UNIT_LIKE.search(begins)


def _unit_in(lines: List[str]) -> str:
    """Return the unit in a signature: what stands after "på", or a part that is called as units are."""
    for line in lines:
        at = _AT.search(line)
        if at is not None and not _REACHED_IN.search(at[1]):
            return at[1].strip()
    parts = [part.strip() for line in lines[1:] for part in _parts(line)]
    parts += [part.strip() for line in lines[:1] for part in _parts(line)[1:]]
    rest = [part for part in parts if part and not _REACHED_IN.search(part) and not _HAS_TITLE.search(part)]
    named = [part for part in rest if _UNIT_LIKE.search(part)]
    return next(iter(named), "")


def _parts(line: str) -> List[str]:
    """Return a line in parts; a place after a unit's name belongs to it."""
    found = re.split(r",\s+|\s+/\s+", line)
    if len(found) == 2 and _UNIT_LIKE.search(found[0]) and not _TITLE.match(found[0]):
        return [line]
    return found


def _header_name(sender: str) -> str:
    """Return the name in the line "Från:", in the order in which it is said: "Ek, Anna" is Anna Ek."""
    found = _HEADER.match(sender.strip())
    name = " ".join(found[1].split()) if found else ""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma else name


def _caller(body: str) -> Contact:
    """Return whom a phone note says that it is from."""
    found: Optional[re.Match[str]] = _CALLED.search(body)
    if found is None:
        return Contact()
    place = _PLACE_AFTER.match(re.sub(rf"^\W*(?:{_TITLES})\W*", "", body[found.end() :], flags=re.IGNORECASE))
    return replace(Contact(name=found[1].strip()), unit=place[1].strip() if place else "")


def _first(*texts: str) -> str:
    """Return the first text that is not empty."""
    return next((text for text in texts if text), "")
