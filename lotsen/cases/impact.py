"""Whom a problem stops, as a user's own words say it. Pure.

Phrases, not a model: a wrong "a patient waits" would make a case urgent that is not, so only what is said outright
counts. What they find in lines that people wrote: ``tests/cases/test_impact.py``.
"""

from __future__ import annotations

import re
from typing import Iterable, Optional

from lotsen.cases.case import Impact

_PATIENT = (
    r"(?:(?:en|min|vår|ens|hans|hennes|nästa)\s+)?(?:pat\b\.?|patient\w*|klient\w*|familj\w*|"
    r"(?:en\s+)?(?:kvinna|man|dam|herre|gubbe|tjej|kille|mamma|pappa|förälder|person)\w*|n[åa]gon|n[åa]n|"
    r"hon|han|hen|de|dom|mannen|kvinnan|besöket|besökaren)"
)
_HERE = (
    r"(?:väntrum\w*|vantrum\w*|i\s+rummet|i\s+mitt\s+rum|i\s+stolen|på\s+stolen|framför\s+(?:mig|sig|mej)|"
    r"bredvid\s+(?:mig|mej)|utanför\s+(?:dörren|rummet)|på\s+plats|i\s+(?:luren|telefon\w*)|uppkopplad|inloggad|"
    r"hos\s+(?:mig|mej|sig)|inne\s+hos|redan\s+inne|kvar\s+(?:på\s+andra\s+sidan|i\s+väntrum)|här\s+ute)"
)
_GAP = r"(?:\W+\w+){0,3}?\W+"

_PATIENT_WAITS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:pat\b\.?|patient(?:en|er|erna)?|klient(?:en)?|familj(?:en)?|kvinna|dam|gubbe|mannen|hon|han|mamma)"
        r"(?:\W+(?:som|min|hon|han|sitter|står|ute|här|nu|redan|och|o|å|ju|här ute|utanför|i|vänt\w*rum\w*)){0,6}\W+"
        r"(?:väntar|vantar|vänta|å\s+väntar)\b",
        rf"\b{_PATIENT}{_GAP}{_HERE}\b",
        rf"\b(?:har|fått\s+in)\W+{_PATIENT}{_GAP}(?:här|{_HERE})\b",
        r"\bsitter\W+(?:en|ett|min)\W+\w+\W+(?:i\W+(?:mitt|väntrum\w*)|här|och|o|å)\b",
        r"\b(?:besöket|sessionen|videobesöket|mötet|tiden)\W+(?:skulle|borde)\W+(?:ha\W+)?(?:börja\w*|starta\w*)",
        r"\bpatient\w*\W+(?:är\W+)?(?:kallad|inne|uppkopplad|på plats|här)\b",
        r"\bpat\w*\W+väntar\b|\bväntande\W+pat\w*",
        r"\b(?:tjej|gubbe|människa|person)\w*\W+(?:\w+\W+){0,4}(?:väntar|å\W+väntar)\b",
        r"\bpatient\W+som\W+(?:\w+\W+){0,3}väntar\W+på\W+(?:mig|mej)\b|\bpatient\W+sitter\W+(?:och|o|å)\W+väntar\b",
        r"\bväntrum\w*",
    )
]
_NO_PATIENT_WAITS = re.compile(
    r"\b(?:väntar|vantar)\W+(?:in|en\W+ny|en|på\W+(?!(?:mig|mej|oss|sin|hjälp|att|å)\b))\b|\bvi\W+(?:väntar|vantar)\b|"
    r"\b(?:nästa\W+vecka|på\W+(?:mån|tis|ons|tors|fre)dag|imorgon|i\W+morgon|gick\W+hem|ingen\W+panik)\b",
    re.IGNORECASE,
)
_SEVERAL = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:flera|fler|alla|allihop|samtliga|hela|ingen|inga|varken)\W+(?:(?:av|på|i|vid|hos|andra|dom|de|vår|min|"
        r"mina|våra|oss|vi|jag|mer|än|en|kliniken|med)\W+){0,4}(?:kolleg\w*|medarbetar\w*|personal\w*|psykolog\w*|"
        r"kurator\w*|terapeut\w*|behandlar\w*|sekreterar\w*|vi|oss|här|avdelning\w*|avd\b|enhet\w*|mottagning\w*|"
        r"klinik\w*|gruppen|teamet|arbetslaget|hus\w*|plan|korridor\w*|vårdcentral\w*|personer|drabba\w*|som\W+har)",
        r"\b(?:hela|samtliga)\W+(?:\w+\W+)?(?:bunten|gänget|teamet|enheten?|avdelningen|avd|mottagningen|personalen|"
        r"personalgruppen|vårdcentralen|huset|plan|kliniken)",
        r"\b(?:jag|vi)\W+(?:och|o|å)\W+(?:\w+\W+){0,2}(?:kolleg\w*|andra|psykolog\w*|resten|hela)",
        r"\b(?:två|tva|tre|fyra|fem|sex|sju|åtta|nio|tio|\d+|några|nåra)\W+(?:\w+\W+)?(?:kolleg\w*|st\b|stycken|"
        r"medarbetar\w*|kurator\w*|psykolog\w*|terapeut\w*|behandlar\w*|anv\b|användare|personer)",
        r"\b(?:kolleg\w*|dom\W+andra|de\W+andra)\W+(?:\w+\W+){0,3}(?:samma|också|likadant|också|ocksa|med|mä)\b",
        r"\b(?:likadant|samma)\W+(?:\w+\W+){0,3}(?:för|hos)\W+(?:alla|oss\W+alla|flera|kolleg\w*|de\W+andra|dom\W+andra)",
        r"\bingen\W+(?:hos\W+oss|av\W+oss|här|kommer\W+in|på)\b|\balla\W+(?:har\W+samma|drabba\w*|på\W+\w+)",
        r"\bför\W+oss\W+all(?:a|ihop)\b|\bdriftstörning\b|\bligger\W+nere\b",
        r"^\W*(?:flera|fler|alla|allihop|många)\s*(?:$|[.,!])|\bfler\W+än\W+en\b",
        r"\bvi\W+(?:är|e|ä)\W+(?:\w+\W+)?(?:fler|två|tre|fyra|fem|sex)",
        r"\bhela\W+team\b|\bbåde\W+jag\b.*\boch\b|\bvarken\W+jag\W+eller\b",
    )
]
_NOT_SEVERAL = re.compile(
    r"\b(?:mina\W+kolleg\w*|kolleg\w*|andra|resten)\W+(?:\w+\W+){0,4}(?:inte|kommer\W+in|som\W+vanligt|har\W+inte|fungerar)|"
    r"\butom\b|\b(?:bara|endast|enbart)\W+(?:jag|mig|mej|ja|mitt)\b|\bingen\W+(?:annan|av\W+dem)\b|\bflera\W+g(?:ån|an)?g",
    re.IGNORECASE,
)


def impact_in(text: str) -> Optional[Impact]:
    """Return whom a text says that the problem stops; None if it does not say.

    >>> impact_in("Kortet läses inte och en patient väntar på mig").value
    'patient_waits'
    """
    if not _NO_PATIENT_WAITS.search(text) and any(pattern.search(text) for pattern in _PATIENT_WAITS):
        return Impact.PATIENT_WAITS
    if not _NOT_SEVERAL.search(text) and any(pattern.search(text) for pattern in _SEVERAL):
        return Impact.SEVERAL
    return None


def impact_of(texts: Iterable[str]) -> Optional[Impact]:
    """Return the gravest impact that any of the texts tells."""
    told = {impact_in(text) for text in texts}
    return next((impact for impact in (Impact.PATIENT_WAITS, Impact.SEVERAL) if impact in told), None)
