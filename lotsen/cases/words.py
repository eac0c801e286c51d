"""The words that a case is found by. Pure.

Letters count as they are typed, but for their case: "åäö" is not "aao". A number with its letters, "LOT-000012", is
found by either part and without the noughts.
"""

from __future__ import annotations

import re
import unicodedata
from typing import FrozenSet, Iterable, List, Mapping, Sequence

from lotsen.cases.table import MAX_WORD

MAX_WORDS = 400
"""Of one case; a longer text is found by its first words."""
MAX_ASKED = 8
"""Words of one question; more narrow nothing down."""
_WORD = re.compile(r"[^\W_]+")
_PHONE = re.compile(r"(?<!\w)(?:\+|0)\d[\d\s\u00a0()./\u2010-\u2015-]{3,}\d")
_ABROAD = re.compile(r"^(?:\+|00)46\D*0?")
_NUMBER = re.compile(r"\bLOT[\s\u2010-\u2015-]{0,3}0*(\d{1,9})\b", re.IGNORECASE)


def words_in(text: str) -> List[str]:
    """Return the words of a text, in order and in small letters.

    >>> words_in("Behandlaren når inte LOT-000012, å")
    ['behandlaren', 'når', 'inte', 'lot', '000012', 'å']
    """
    small = unicodedata.normalize("NFC", text).casefold()
    return [word[:MAX_WORD] for word in _WORD.findall(small)]


def asked_words(text: str) -> List[str]:
    """Return the words that must each begin a word of the case, those that begin another one left out.

    A case number is looked for as one, a telephone number as its digits, however they are grouped.

    >>> asked_words("LOT-000012 sida sidan +46 70-174 06 35")
    ['000012', '0701740635', 'sidan']
    """
    numbers = [f"{int(match[1]):06d}" for match in _NUMBER.finditer(text)]
    rest = _NUMBER.sub(" ", text)
    phones = [phone_word(match[0]) for match in _PHONE.finditer(rest)]
    found = list(dict.fromkeys([*numbers, *phones, *words_in(_PHONE.sub(" ", rest))]))
    needed = [word for word in found if not any(other != word and other.startswith(word) for other in found)]
    return [word[:MAX_WORD] for word in needed[:MAX_ASKED]]


def words_of(id: int, draft: Mapping[str, object]) -> FrozenSet[str]:
    """Return the words of a case, from its JSON (``CaseDraft.to_json``): what is wrong, and whose it is."""
    contact, facts = _strings(draft.get("contact")), _strings(draft.get("facts"))
    texts = [str(draft.get("problem") or ""), str(draft.get("added") or "")]
    texts += [facts.get("error_text", ""), facts.get("program", "")]
    texts += [contact.get(name, "") for name in ("name", "unit", "email", "phone", "hsa_id")]
    phone = phone_word(contact.get("phone", ""))
    own = [str(id), f"{id:06d}", *([phone] if phone else [])]
    return frozenset([*own, *_first(word for text in texts for word in words_in(text))])


def phone_word(phone: str) -> str:
    """Return a telephone number as the word that it is found by: digits alone, as it is dialled in Sweden.

    >>> phone_word("+46 (0)70-174 06 35")
    '0701740635'
    """
    return "".join(filter(str.isdigit, _ABROAD.sub("0", phone.strip())))[:MAX_WORD]


def problem_words(draft: Mapping[str, object]) -> Sequence[str]:
    """Return the words that say what is wrong, each once."""
    facts = _strings(draft.get("facts"))
    texts = [str(draft.get("problem") or ""), facts.get("error_text", ""), facts.get("program", "")]
    return _first(word for text in texts for word in words_in(text) if len(word) > 2)


def _first(words: Iterable[str]) -> Sequence[str]:
    """Return different words, as many as are kept."""
    found: List[str] = []
    known = set()
    for word in words:
        if word not in known:
            known.add(word)
            found.append(word)
            if len(found) == MAX_WORDS:
                break
    return found


def _strings(value: object) -> Mapping[str, str]:
    """Return the texts of a part of a case."""
    return {str(key): text for key, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}
