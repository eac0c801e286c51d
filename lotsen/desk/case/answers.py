"""The answers of the FAQ, as somebody at the desk puts them into a reply."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Mapping, Tuple

from markupsafe import Markup
from ruamel.yaml import YAML

from lotsen.content.catalogue import Content, faq_files
from lotsen.guides.lettering import rendered

_LINK = re.compile(r"\[([^\[\]]+)\]\(([^\s()]+)\)")
_SCHEME = re.compile(r"^(?:mailto:|tel:)")


@dataclass(frozen=True)
class Answer:
    """One question of the FAQ with its answer, in the chat's Markdown."""

    id: str
    title: str
    section: str
    text: str

    @property
    def html(self) -> Markup:
        """Return the answer as the user sees it."""
        return rendered(self.text)

    @property
    def plain(self) -> str:
        """Return the answer as plain text, for a reply."""
        return as_plain(self.text)


@lru_cache(maxsize=4)
def answer_texts(folder: Path) -> Mapping[str, str]:
    """Return the answers in ``data/faq`` below ``folder``, by question; read once, as the content of a process is.

    Where an answer has several wordings the first is taken. ``lotsen check`` tells what is wrong with a file; here what
    cannot be read is passed over. Without line numbers this takes a thirtieth of the time.
    """
    found: Dict[str, str] = {}
    for path in faq_files(folder / "faq"):
        file = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        responses = file.get("responses") if isinstance(file, dict) else None
        for name, variants in (responses or {}).items():
            if variants and isinstance(variants, list) and isinstance(variants[0], dict):
                found.setdefault(str(name).removeprefix("utter_"), str(variants[0].get("text") or "").strip())
    return found


def answers(content: Content, folder: Path) -> Mapping[str, Answer]:
    """Return the questions that have an answer, by id, in the order of the FAQ."""
    texts = answer_texts(folder)
    return {
        id: Answer(id, question.title, question.section, texts[id])
        for id, question in content.questions.items()
        if texts.get(id)
    }


def by_section(content: Content, known: Mapping[str, Answer]) -> List[Tuple[str, List[Answer]]]:
    """Return the answers grouped by section, in order; a section without any is left out."""
    groups = [(name, [one for one in known.values() if one.section == name]) for name in content.sections]
    return [(name, group) for name, group in groups if group]


def as_plain(text: str) -> str:
    """Return Markdown of the FAQ as plain text: no bold, and addresses in the open, as a reply is shown as it is.

    >>> as_plain("Använd **Edge**. Se [listan](https://a.se/b).")
    'Använd Edge. Se listan: https://a.se/b.'
    """
    return _LINK.sub(_shown, text).replace("**", "").strip()


def _shown(link: re.Match[str]) -> str:
    """Return a link as its words and its address, or the address alone where the words are it."""
    words, address = link[1], _SCHEME.sub("", link[2])
    return words if words in (address, link[2]) else f"{words}: {address}"
