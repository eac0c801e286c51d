"""Synthetic cases for the triage desk: made quickly, the same for the same seed, as a year of a support desk has them.

Names, units and words are invented. Cases are written with the code that stores real ones, a thousand at a time.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from sqlalchemy.engine import Engine

from lotsen.cases.case import CaseDraft, Category, Contact, Impact, Line, Status, TriedGuide, TriedStep
from lotsen.cases.history import ASSIGNED, CONFIRMED, REPLY, RESOLUTION, SAID, STATUS, TAKEN, events
from lotsen.cases.listed import placed
from lotsen.cases.priority import priority_of
from lotsen.cases.store import CaseStore, NewCase, keep_choices, row_of
from lotsen.cases.table import cases, words
from lotsen.cases.words import words_of
from lotsen.content.catalogue import Content, load_content
from lotsen.settings import CONTENT

BATCH = 1000
DAYS = 365
AGENTS: Sequence[Tuple[str, str]] = tuple(
    (f"agent-{number}", name)
    for number, name in enumerate(
        ("Åsa Lind", "Omar Haddad", "Eva Björk", "Jonas Ek", "Fatima Noor", "Per Ström", "Sara Åberg", "Li Wång"), 1
    )
)
_FIRST = "Moa Amina Erik Karin Lars Fatima Johan Elin Yusuf Maria Anna Oskar Ingrid Ali Sofia Nils Åke Örjan Lena Petra"
_LAST = "Berg Holm Lund Sjö Nyström Öberg Åkesson Dahl Ahmed Nilsson Hansson Lindqvist Ekman Wikström Bäck Sand Falk"
_PLACES = "norr söder öster väster centrum Åsen Ängby Ösmo Hagen Viken Lunda Backa Solna Täby Nacka"
_KINDS = ("Psykiatrimottagningen", "Vårdcentralen", "BUP", "Ungdomsmottagningen", "Habiliteringen", "Rehab")
_UNITS = [f"{kind} {place}" for kind in _KINDS for place in _PLACES.split()]
_WHO = ("Jag", "En kollega", "Hela mottagningen", "En patient", "Behandlaren", "Vår kurator", "En ny psykolog")
_WHAT = (
    "kommer inte in i Stöd och behandling",
    "får inte upp sidan efter inloggningen",
    "ser inte sina moment längre",
    "kan inte spara sömndagboken",
    "får ingen avisering om nya meddelanden",
    "kan inte lägga till en ny invånare",
    "saknar behörighet till programmet",
    "blir utloggad efter en minut",
    "får felmeddelandet att användaren redan finns",
    "hittar inte formuläret som skulle fyllas i",
    "kan inte läsa kortet i läsaren",
    "får bara en vit sida när filmen ska spelas",
)
_SINCE = ("sedan i morse", "sedan i går", "hela veckan", "efter uppdateringen", "när datorn startats om", "bara i Edge")
_MORE = (
    "Vi har provat att starta om datorn och rensa webbläsaren.",
    "Det fungerade utan problem förra veckan.",
    "Kollegan i rummet bredvid har inte samma fel.",
    "Ring helst efter klockan 13, vi har besök före det.",
    "Det är inte bråttom men vi behöver en lösning före fredag.",
    "Jag skickar en bild på felet om ni vill ha den.",
)
_BOT = (
    "Jag hjälper dig steg för steg. Säg till när du är klar.",
    "Ta ut kortet, vänta tio sekunder och sätt i det igen.",
    "Öppna sidan i ett privat fönster. Gick det bättre?",
    "Då skickar jag det här till IT kundservice.",
)
_PROGRAMS = ("Ångestprogrammet", "Sömnskolan", "Depressionsprogrammet", "KBT vid stress", "Föräldraskapsstöd")


def fill(engine: Engine, count: int, seed: int = 1, now: "datetime | None" = None) -> None:
    """Write so many cases, the newest made just before ``now``, into a database that has none."""
    CaseStore(engine)
    content, chance = load_content(CONTENT), random.Random(seed)
    now = now or datetime.now(timezone.utc)
    ages = sorted((chance.random() ** 2 * DAYS * 24 * 60 for _ in range(count)), reverse=True)
    for first in range(0, count, BATCH):
        made = [_made(chance, content, now - timedelta(minutes=age), now) for age in ages[first : first + BATCH]]
        rows: List[Dict[str, Any]] = []
        found: List[Dict[str, Any]] = []
        happened: List[Dict[str, Any]] = []
        for id, (new, created, desk) in enumerate(made, first + 1):
            values, draft = row_of(new, created)
            rows.append({"id": id, **values, **desk, **_merged(chance, id, desk)})
            found += [{"word": word, "case_id": id} for word in sorted(words_of(id, draft))]
            happened += _events(id, rows[-1], created)
        with engine.begin() as connection:
            connection.execute(cases.insert(), rows)
            connection.execute(words.insert(), found)
            connection.execute(events.insert(), happened)
            keep_choices(connection, rows)
    _count_on(engine, count)


def _made(
    chance: random.Random, content: Content, created: datetime, now: datetime
) -> Tuple[NewCase, datetime, Mapping[str, Any]]:
    """Return a case, when it came, and how the desk has it."""
    key = f"{chance.getrandbits(128):032x}"
    notice = 1 if chance.random() < 0.03 else None
    new = NewCase(key, _draft(chance, content, created, notice is not None), f"web-{key[:12]}", "web", notice=notice)
    if chance.random() < 0.3:
        new = replace(new, channel="teams", conversation=f"teams-{key[:12]}")
    old = now - created > timedelta(days=chance.choice((1, 5, 30, 120)))
    status = chance.choices(
        (Status.NEW, Status.OPEN, Status.WAITING, Status.RESOLVED, Status.REJECTED),
        (1, 2, 2, 92, 3) if old else (35, 35, 20, 9, 1),
    )[0]
    changed = min(now, created + timedelta(minutes=chance.expovariate(1 / 600)))
    over = status in (Status.RESOLVED, Status.REJECTED)
    id, name = chance.choice(AGENTS) if status is not Status.NEW else ("", "")
    return (
        new,
        created,
        {
            "status": status.value,
            **placed(status, bool(id)),
            "assignee": id,
            "assignee_name": name,
            "changed": changed if status is not Status.NEW else created,
            "answered": int(status is Status.OPEN and chance.random() < 0.2),
            "resolution": chance.choice(("solved", "answered", "no_answer")) if over else "",
            "version": 1 if status is Status.NEW else 3,
        },
    )


def _draft(chance: random.Random, content: Content, created: datetime, disturbance: bool) -> CaseDraft:
    """Return what the user has confirmed."""
    question = chance.choice(list(content.questions.values()))
    guide = chance.choice(list(content.guides.values())) if chance.random() < 0.6 else None
    name = f"{chance.choice(_FIRST.split())} {chance.choice(_LAST.split())}"
    code = f"E{chance.randrange(10_000):04d}"
    impact = chance.choices((Impact.ONE, Impact.SEVERAL, Impact.PATIENT_WAITS, None), (50, 12, 6, 32))[0]
    unit = chance.choice(_UNITS)
    what = f"{chance.choice(_WHO)} {chance.choice(_WHAT)} {chance.choice(_SINCE)}."
    facts = {"browser": chance.choice(("Edge 142", "Chrome 141", "Firefox 140")), "program": chance.choice(_PROGRAMS)}
    if chance.random() < 0.4:
        facts["error_text"] = f"Ett fel har inträffat ({code})"
    tried = ()
    if guide is not None:
        steps = tuple(
            TriedStep(guide.title, step.text, "gjort", chance.randrange(5, 200), f"{guide.id}/{step.id}", "done")
            for step in guide.steps[:4]
        )
        tried = (TriedGuide(guide.id, guide.title, "0123456789ab", "handoff", steps),)
    said = [what, *chance.sample(_MORE, 2), *chance.sample(_BOT, 3)]
    return CaseDraft(
        problem=what,
        category=Category(guide.id, guide.title, "")
        if guide
        else Category(question.id, question.title, question.section),
        reason="Felet är kvar.",
        target="it_service",
        target_name="IT kundservice",
        tried=tried,
        facts=facts,
        contact=Contact(
            f"070-{chance.randrange(1000):03d} {chance.randrange(100):02d} {chance.randrange(100):02d}",
            f"{name.split()[0].lower()}.{name.split()[1].lower()}@example.se" if chance.random() < 0.5 else "",
            name,
            unit,
        ),
        impact=impact,
        priority=priority_of(impact, disturbance),
        added=chance.choice(_MORE) if chance.random() < 0.5 else "",
        transcript=tuple(
            Line(
                (created - timedelta(seconds=40 * (len(said) - place))).isoformat(timespec="seconds"),
                "user" if place % 2 == 0 else "bot",
                text,
            )
            for place, text in enumerate(said)
        ),
    )


def _merged(chance: random.Random, id: int, desk: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return that a case is a duplicate of the one before, which one of fifty is."""
    if id < 2 or chance.random() > 0.02:
        return {"merged_into": None}
    return {"merged_into": id - 1, **placed(Status(desk["status"]), True, merged=True)}


def _events(id: int, row: Mapping[str, Any], created: datetime) -> List[Dict[str, Any]]:
    """Return what has happened to a case."""
    happened = [_event(id, CONFIRMED, created, version=1)]
    at, author = row["changed"], row["assignee_name"]
    if row["assignee"]:
        happened.append(_event(id, TAKEN if id % 5 else ASSIGNED, at, "" if id % 5 else author, author, 2))
        happened.append(_event(id, STATUS, at, row["status"], author, 3))
    if row["answered"]:
        happened.append(_event(id, SAID, at, "Det är fortfarande likadant."))
    if row["resolution"]:
        happened.append(_event(id, REPLY, at, "Hej! Det är rättat nu. Logga ut och in igen.", author, 3))
        happened.append(_event(id, RESOLUTION, at, row["resolution"], author, 3))
    return happened


def _event(
    case: int, kind: str, at: datetime, text: str = "", author: str = "", version: "int | None" = None
) -> Dict[str, Any]:
    return {
        "case_id": case,
        "at": at,
        "kind": kind,
        "desk": "",
        "text": text,
        "tries": 0,
        "author": author,
        "version": version,
    }


def _count_on(engine: Engine, count: int) -> None:
    """Let the next case have the number after these: PostgreSQL does not see which ids were given."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(f"SELECT setval(pg_get_serial_sequence('cases', 'id'), {count + 1}, false)")
