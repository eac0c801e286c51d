"""The forms that lines of letters and phone notes have, Swedish and English: headers, quotes, greetings, signatures."""

from __future__ import annotations

import re

_SENDER = r"fr[åa]n|from|avs[äa]ndare"
HEADER = re.compile(
    rf"^\*?(?P<name>{_SENDER}|skickat|sent|datum|date|till|to|kopia|cc|bcc|[äa]mne|subject|rubrik|prioritet|viktigt|"
    rf"importance|bilag(?:a|or)|attachments?)\s*\*?:\*?\s*",
    re.IGNORECASE,
)
SENDER = re.compile(rf"^\*?(?:{_SENDER})\s*\*?:", re.IGNORECASE)
PREFIX = re.compile(r"^(?:(?:sv|vb|re|fw|fwd|automatiskt svar|autosvar|automatic reply)\s*:\s*)+", re.IGNORECASE)
FORWARDED = re.compile(r"^(?:(?:sv|re)\s*:\s*)*(?:vb|fw|fwd)\s*:", re.IGNORECASE)
REPLIED = re.compile(r"^(?:sv|re)\s*:", re.IGNORECASE)
AUTOMATIC = re.compile(r"^\W*(?:automatiskt svar|autosvar|automatic reply|out of office|frånvaro)\b", re.IGNORECASE)
"""A machine has answered; nobody asks anything."""

QUOTE_BEGINS = re.compile(
    r"^(?:[-_* ]{2,}\s*)?(?:ursprungligt meddelande|ursprungsmeddelande|original message|"
    r"vidarebefordrat (?:meddelande|brev)|(?:begin )?forwarded message)\b|^_{8,}$",
    re.IGNORECASE,
)
WROTE = re.compile(
    r"^(?:den|on|mån|tis|ons|tors|fre|lör|sön|\d{4}-\d\d-\d\d|\d{1,2} \w+ \d{4})\b.{0,120}"
    r"\b(?:skrev|wrote)\b.{0,80}:\s*$",
    re.IGNORECASE,
)
POINTS_AT_QUOTE = re.compile(
    r"\b(?:se|enligt|fråga|frågan|mejl\w*|mail\w*|meddelande\w*|brev\w*|svara)\b[^.?!]{0,40}\b(?:nedan|ovan|under)\b|"
    r"\bvidarebefordra\w*|\bskickar vidare\b|\bsvara (?:gärna )?[A-ZÅÄÖ]\w+ direkt\b",
    re.IGNORECASE,
)

_GREETINGS = (
    r"(?:hej\s*hej|hejhej|hejsan|hejsvejs|hej|hallå|tjena|tja|tjenare|hello|hi|dear|god\s*(?:morgon|dag|kväll|middag|förmiddag|"
    r"eftermiddag)|goddag|bästa|bäste|kära)"
)
_BEGINS = r"(?:jag|vi|har|kan|nu|det|den|i|snälla|vår|min|mina|en|ett|och|sitter|kommer)\b"
GREETING = re.compile(
    rf"^(?:(?:till den det berör|till berörd\w*|to whom it may concern)[ ]*[,!.:]?\s+|"
    rf"{_GREETINGS}(?:[ ]+(?!{_BEGINS})[\w&åäöÅÄÖ-]+){{0,3}}[ ]*(?:[,!.:]+|\n)\s*|"
    rf"{_GREETINGS}(?:[ ]+(?:igen|alla|hej|på er|på dig))?(?:[ ]+och tack för [^.!\n]{{0,40}}[.!])?(?=\W|$)[\s,!.]*)+",
    re.IGNORECASE,
)

_REGARDS = r"(?:h[äa]lsning(?:ar|en)?|h[äa]lsn\.?|h[äa]ls\.?)"
_WARM = r"(?:v[äa]nlig(?:a|en|ast)?|b[äa]sta|m[åa]nga|varma|soliga|hj[äa]rtliga|allra)"
_A_NAME = r"(?-i:(?=[A-ZÅÄÖ][a-zåäö]+(?:[ ,]|$)))"
CLOSING = re.compile(
    rf"^(?:med\s+)?(?:{_WARM}\s+)*{_REGARDS}(?:\s+fr[åa]n)?(?=\W|$)[\s,!.:]*|"
    r"^(?:mvh|m\.v\.h\.?|mv|vh|bh)\b[\s,!.:]*|^/{1,2}\s*(?=\w)|^--\s*$|"
    rf"^v[äa]nlig(?:en|ast)(?:[\s,!.]*$|,?\s+{_A_NAME})|"
    r"^(?:best|kind|warm)\s+regards\b[\s,!.]*|^(?:best|regards|sincerely|cheers)[\s,!.]*$|"
    r"^(?:ha (?:en|det)|(?:en )?trevlig)\s+(?:\w+\s+){0,2}(?:dag|bra|gott|helg|kväll|fint|vecka|eftermiddag)[\s,!.]*$|"
    r"^(?:stort |tusen |många )?tack(?:\s+(?:på|pa)\s+f[öo]rhand)?[\s,!.]*(?=$|[A-ZÅÄÖ][\wåäö-]+$)",
    re.IGNORECASE,
)
NAME_ALONE = re.compile(
    r"^[A-ZÅÄÖ][\wåäöéü-]+(?:(?:\s+och)?\s+[A-ZÅÄÖ][\wåäöéü-]*){0,2}(?:\s+(?:på|i|vid|,)\s+.{2,40})?$"
)
INLINE_SIGNATURE = re.compile(r"(?<=\s)//?\s*((?:[A-Za-zåäö]{2,4}\s+)?[A-ZÅÄÖ][^/]{1,80})$")

FOOTER = re.compile(
    r"^(?:skickat från (?:min|outlook)|sent from (?:my|outlook)|hämta outlook|get outlook|tänk på miljön|"
    r"tänk på att|s[åa] h[äa]r behandlar|l[äa]s (?:mer )?om hur vi behandlar|think before you print|https?://\S+$)",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r"^(?:detta (?:e-post|e-brev|mejl|mail|meddelande)\S*.{0,60}(?:konfidentiell|avsett|innehålla|sekretess)|"
    r"this (?:e-?mail|message).{0,60}(?:confidential|intended)|obs[!:]?\s+skicka aldrig|denna e-post)",
    re.IGNORECASE,
)
"""What follows such a line is for a lawyer."""
