"""Text normalisation shared by training and running, so that both see the same words."""

from __future__ import annotations

import re
import unicodedata

_HSA_ID = re.compile(r"\bse\d{10}-[a-z0-9]+|\[hsa-id\]", re.IGNORECASE)
_URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_ELONGATED = re.compile(r"(\w)\1{2,}")
_NOT_WORD = re.compile(r"[^\w\s%+#-]|_")
_SPACE = re.compile(r"\s+")
_FOLD = str.maketrans("åäöéèü", "aaoeeu")


def normalise(text: str) -> str:
    """Lower-case ``text``, drop punctuation, and replace ids and links by one word each.

    Staff paste HSA-ids, and numbers of patients that were masked; what the model shall see is that there is one,
    not which. Letters repeated three times or more ("heeej") are cut to two.

    >>> normalise("SE2321000040-AB12 finns REDAN!!")
    'hsaidtoken finns redan'
    """
    text = unicodedata.normalize("NFC", text).lower()
    text = _HSA_ID.sub(" hsaidtoken ", text)
    text = _URL.sub(" urltoken ", text)
    text = text.replace("[personnummer]", " pnrtoken ").replace("[reservnummer]", " pnrtoken ")
    text = _ELONGATED.sub(r"\1\1", text)
    text = _NOT_WORD.sub(" ", text)
    return _SPACE.sub(" ", text).strip()


def fold(text: str) -> str:
    """Write å, ä, ö without their marks, as many do on a foreign keyboard or in a hurry.

    >>> fold("lösenord på")
    'losenord pa'
    """
    return text.translate(_FOLD)


def fold_and_join(text: str) -> str:
    """Fold ``text`` and take out its spaces, so that a compound looks the same written as one word or two.

    >>> fold_and_join("behandlings program")
    'behandlingsprogram'
    """
    return fold(text).replace(" ", "")
