"""A new guide to begin from: one step of each kind, valid as it is. A test puts it through every check."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Optional

from lotsen.guides.said import GUIDE_WORDS

_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")

_HEAD = """\
# Källa: skriv här var i Frågor och svar det står. Så skriver du en guide: docs/content-owner.md
# Allt efter '#' är hjälp till dig. Ta bort de steg och rader som du inte behöver.
id: {id}
title: {title}
intro: Det tar ungefär fem minuter.
# errors: [Texten på skärmen]  # Felmeddelanden som guiden är till för.
steps:
# do: något att göra. Knappar: Klart och Det gick inte. Be om en sak i taget.
- id: first_thing
  kind: do
  text: Stäng webbläsaren.
  said: [stängt webbläsaren]  # Så kan användaren säga att det redan är gjort.
  why: Det som var öppet ska inte störa.  # Svaret på "varför?". Får utelämnas, som allt nedan.
  extra:  # Här står det som säger mer än källan.
    how:  # Svaret på "hur gör jag?", i små steg.
    - Stäng alla fönster och flikar.
    - Öppna sedan webbläsaren igen.
    see: Då är bara ett fönster öppet.  # Det som ska synas efteråt.
    if_not: Går den inte att stänga? Starta om datorn i stället.  # Om det inte blev så.
# choose: användaren väljer det som stämmer. Svaret kommer med i ärendet.
- id: what_it_says
  kind: choose
  counted: false  # Inget eget steg i källan: det får inget nummer.
  fact: error_text  # Det som valet tar reda på.
  text: Vad står det på skärmen?
  answers:
    nothing: {{title: Ingenting, said: [tom, blank, vit], next: give_it_time}}  # next: ett steg längre ner.
    something: {{title: Något annat, said: [annat, en text]}}  # Utan next: nästa steg.
# note: användaren skriver något som kommer med i ärendet.
- id: the_text
  kind: note
  counted: false
  text: Skriv av det som står på skärmen, utan personuppgifter.
# wait: användaren väntar, och chatten säger till när tiden har gått.
- id: give_it_time
  kind: wait
  minutes: 1
  text: Vänta en minut.
"""
_INCLUDE = """\
# include: en guide i guiden, för den som vill.
- id: inner_guide
  kind: include
  guide: {included}
  text: Nu kan du gå igenom en annan guide. Ska vi göra det?
"""
_TAIL = """\
# check: hjälpte det? Sluta med en fråga där ja betyder att det löste sig. Egna svar skrivs som i choose.
- id: try_again
  kind: check
  text: Prova att logga in igen. Löste det sig?
# end: slutet. handoff erbjuder ett ärende, resolved betyder att det är löst.
- id: fault_remains
  kind: end
  outcome: handoff
  counted: false
  text: Gör ett ärende i Tjänstekatalogen eller ring IT kundservice på 14141.
  reason: Felet är kvar efter alla steg.  # En mening till ärendet om vad som gäller.
"""


class CannotBegin(Exception):
    """A guide cannot be begun, and why, in Swedish."""


def begin_guide(folder: Path, guide_id: str, title: str) -> Path:
    """Write a new guide into ``folder`` (``data/guides``), and return its path. No file is ever written over.

    Raises:
        CannotBegin: if the id or the title cannot be used, or there is such a guide.
    """
    if not _ID.fullmatch(guide_id):
        form = "små bokstäver a-z, siffror och understreck, högst 60 tecken"
        raise CannotBegin(f"'{guide_id}' kan inte vara ett id. Skriv engelska ord: {form}.")
    if guide_id in GUIDE_WORDS:
        raise CannotBegin(f"'{guide_id}' betyder redan något inne i guiderna. Välj ett annat id.")
    shown = " ".join(title.split())
    if not shown or not shown.isprintable():
        raise CannotBegin(
            "Titeln är tom eller har tecken som inte går att visa. Skriv det som användaren ska se överst."
        )
    path = folder / f"{guide_id}.yml"
    try:
        text = scaffold(guide_id, shown, _other_guide(folder, guide_id))
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CannotBegin(f"Guiden finns redan: {path}. Ändra i den, eller välj ett annat id.") from error
    except OSError as error:
        raise CannotBegin(f"Det går inte att skriva {path}: {error.strerror}.") from error
    return path


def scaffold(guide_id: str, title: str, included: Optional[str]) -> str:
    """Return the text of a new guide; ``included`` is a guide to include, if there is one."""
    inner = _INCLUDE.format(included=included) if included is not None else ""
    return _HEAD.format(id=guide_id, title=json.dumps(title, ensure_ascii=False)) + inner + _TAIL


def _other_guide(folder: Path, guide_id: str) -> Optional[str]:
    """Return a guide that the new one can include without going round: one that does not name it."""
    others = sorted(path for path in folder.glob("*.yml") if path.stem != guide_id)
    for path in others:
        if not re.search(rf"\b{guide_id}\b", path.read_text(encoding="utf-8", errors="replace")):
            return path.stem
    return None
