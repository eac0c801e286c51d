"""Words that users should not have to understand (``data/jargon.yml``), found in whatever form they stand in a text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, List, Mapping, Tuple

from lotsen.content.located_yaml import read_yaml
from lotsen.content.problems import ContentError, Problem

_NOUN = "(?:e?n|e?t|e?ns|e?ts|s|[eao]?r|[eao]?rna|na)?"
_VERB = "(?:a|ar|as|at|ats|ad|ade|ades|ande|ing|ingen|ingar)"
_QUOTED = re.compile(r"”[^”]*”|“[^“”]*[“”]|\"[^\"]*\"|»[^»«]*[»«]")
_ADDRESS = re.compile(r"\]\([^)]*\)|https?://\S+|\S+@\S+")


def read_jargon(path: Path, problems: List[Problem]) -> Mapping[str, str]:
    """Return the words with plainer ones; none if there is no file. What is wrong with it is added to ``problems``."""
    if not path.exists():
        return {}
    try:
        document = read_yaml(path)
    except ContentError as error:
        problems += error.problems
        return {}
    if not isinstance(document.data, dict):
        problems.append(document.problem("Skriv 'ord: enklare ord', ett på varje rad."))
        return {}
    words = {word: plain for word, plain in document.data.items() if isinstance(plain, str) and plain.strip()}
    for word in document.data:
        if word not in words:
            problems.append(document.problem(f"'{word}' saknar ett enklare ord. Skriv det efter kolon.", word))
    return words


def jargon_in(text: str, words: Mapping[str, str]) -> Iterator[Tuple[str, str]]:
    """Yield each word of jargon as it is written, with the plainer one. Quoted texts of the screen and links may be so.

    >>> list(jargon_in("Öppna browsern.", {"browser": "webbläsare"}))
    [('browsern', 'webbläsare')]
    """
    read = _ADDRESS.sub(" ", _QUOTED.sub(" ", text))
    taken: List[Tuple[int, int]] = []
    for word, plain in sorted(words.items(), key=lambda item: -len(item[0])):
        found = re.search(_forms(word), read, re.IGNORECASE)
        if found is not None and not any(start <= found.start() < end for start, end in taken):
            taken.append(found.span())
            yield found[0], plain


def _forms(word: str) -> str:
    """Return a pattern for a word and its simple endings; of several words the first is the one that changes."""
    first, *rest = word.split()
    stem = re.escape(first[:-1]) + _VERB if first.endswith("a") else re.escape(first) + _NOUN
    return r"(?<![\w-])" + r"\s+".join((stem, *map(re.escape, rest))) + r"(?![\w-])"
