"""A pasted e-mail or phone note taken apart: what its writer says, who they are, what was only carried along. Pure.

Rules on lines, no model: what mail programs add has few forms. Where a line could be either it stays in what is read,
as a sentence too many does little harm. How well this goes with letters that people wrote: ``python -m
tests.desk.letters``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import List, Mapping, Sequence, Tuple

from lotsen.desk.reading.lines import (
    CLOSING,
    DISCLAIMER,
    FOOTER,
    FORWARDED,
    GREETING,
    HEADER,
    INLINE_SIGNATURE,
    NAME_ALONE,
    POINTS_AT_QUOTE,
    PREFIX,
    QUOTE_BEGINS,
    REPLIED,
    SENDER,
    WROTE,
)
from lotsen.desk.reading.sentences import sentences_of

MIN_WORDS = 6
"""With fewer words above what is quoted, a letter is about that."""
_SIGNATURE_LINES, _SIGNATURE_WIDTH = 14, 90
_DEEP = 3
"""So many letters inside each other are taken apart; a longer chain's beginning is old."""


@dataclass(frozen=True)
class Letter:
    """What a text is made of."""

    subject: str
    body: str
    """What the writer says, without greeting, signature and what was quoted."""
    signature: str
    """What stands below it: name, unit, telephone."""
    sender: str
    """What the line "Från:" says."""
    quoted: bool = False
    """The letter only hands on another one, and that is what was read."""

    @property
    def sentences(self) -> Tuple[str, ...]:
        """Return the sentences of the body, in order."""
        return tuple(sentences_of(self.body))

    @property
    def whole(self) -> str:
        """Return what is read as one text: the subject, if it says something, and the body."""
        return f"{self.subject}.\n{self.body}" if self.subject and self.body else self.subject or self.body


def read_letter(text: str) -> Letter:
    """Take a text apart. What it is does not matter: a phone note has no headers, and that is all."""
    lines = [_clean(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return _read(lines, 0)


def _read(lines: Sequence[str], depth: int) -> Letter:
    """Take the lines of one letter apart, and of the one that it quotes if it says little itself."""
    headers, rest = _headers(lines)
    own, quoted = _without_quote(rest)
    body, signature = _without_signature(_without_footer(own))
    subject = PREFIX.sub("", headers.get("subject", "")).strip()
    said = _without_greeting("\n".join(body).strip())
    letter = Letter(subject, said, "\n".join(signature).strip(), headers.get("sender", ""))
    if quoted and depth < _DEEP and _hands_on(headers.get("subject", ""), said):
        inner = _read(quoted, depth + 1)
        if inner.body:
            return _joined(letter, inner)
    return letter


def _joined(outer: Letter, inner: Letter) -> Letter:
    """Return a letter that hands another one on: what the inner one says, from whoever has signed the outer one."""
    signed = outer.signature or outer.sender
    return replace(
        inner,
        subject=inner.subject or outer.subject,
        body=inner.body if POINTS_AT_QUOTE.search(outer.body) or not outer.body else f"{outer.body}\n\n{inner.body}",
        signature=outer.signature if signed else inner.signature,
        sender=outer.sender if signed else inner.sender,
        quoted=True,
    )


def _hands_on(subject: str, said: str) -> bool:
    """Tell whether a letter is about the one that it quotes. An answer ("SV:") to a letter of ours is not."""
    few = len(said.split()) < MIN_WORDS
    if FORWARDED.match(subject):
        return len(said.split()) < 4 * MIN_WORDS or bool(POINTS_AT_QUOTE.search(said))
    return bool(POINTS_AT_QUOTE.search(said)) or (few and not REPLIED.match(subject))


def _headers(lines: Sequence[str]) -> Tuple[Mapping[str, str], Sequence[str]]:
    """Return what the lines before the text say, and the lines after them."""
    found: dict[str, str] = {}
    at = 0
    for number, line in enumerate(lines):
        header = HEADER.match(line)
        if header is None and not found and PREFIX.match(line):
            found["subject"] = line.strip()  # Somebody has copied the subject as it stands in the list.
        elif header is None and line.strip():
            break
        elif header is not None:
            name = (
                "sender" if SENDER.match(line) else "subject" if header["name"].lower() in _SUBJECTS else header["name"]
            )
            found.setdefault(name, line[header.end() :].strip())
        at = number + 1
    return (found, lines[at:]) if found else ({}, lines)


_SUBJECTS = ("ämne", "amne", "subject", "rubrik")


def _without_quote(lines: Sequence[str]) -> Tuple[List[str], List[str]]:
    """Return the writer's own lines, and those of the letter that they quote, without marks."""
    for number, line in enumerate(lines):
        ahead = [one for one in lines[number + 1 : number + 6] if one.strip()]
        headed = SENDER.match(line) and any(HEADER.match(one) for one in ahead[:3])
        wrote = WROTE.match(line) or (ahead and WROTE.match(f"{line} {ahead[0]}") and line[:1].isupper())
        if QUOTE_BEGINS.match(line) or headed or wrote:
            after = lines[number:] if headed else lines[number + 1 :]
            own, marked = _marked(lines[:number])
            return own, [*marked, *_unmarked(after)]
    own, marked = _marked(lines)
    return own, marked


def _marked(lines: Sequence[str]) -> Tuple[List[str], List[str]]:
    """Return the lines that are not marked as quoted, and those that are, without their marks."""
    return [line for line in lines if not line.startswith(">")], _unmarked(
        [line for line in lines if line.startswith(">")]
    )


def _unmarked(lines: Sequence[str]) -> List[str]:
    """Return quoted lines without the marks before them."""
    return [re.sub(r"^(?:>\s?)+", "", line) for line in lines]


def _without_footer(lines: Sequence[str]) -> List[str]:
    """Return the lines without what mail programs and organisations add to each letter."""
    kept: List[str] = []
    for line in lines:
        if DISCLAIMER.match(line):
            break
        if not FOOTER.match(line):
            kept.append(line)
    return kept


def _without_signature(lines: Sequence[str]) -> Tuple[List[str], List[str]]:
    """Return the lines of the text, and those of the signature."""
    shown = list(lines)
    while shown and not shown[-1].strip():
        shown.pop()
    for number, line in enumerate(shown):
        if number > 0 and CLOSING.match(line) and _is_short(shown[number + 1 :]):
            return shown[:number], [CLOSING.sub("", line, count=1).strip(" ,!"), *shown[number + 1 :]]
    start = _unclosed_signature(shown)
    if start:
        return shown[:start], shown[start:]
    inline = INLINE_SIGNATURE.search(shown[-1]) if shown else None
    if inline is not None:
        return [*shown[:-1], shown[-1][: inline.start()].strip()], [inline[1].strip()]
    return shown, []


def _is_short(lines: Sequence[str]) -> bool:
    """Tell whether what follows a closing phrase can be a signature: no text begins again after it."""
    told = [line for line in lines if line.strip()]
    return len(told) <= _SIGNATURE_LINES and all(len(line) <= _SIGNATURE_WIDTH for line in told)


def _unclosed_signature(lines: Sequence[str]) -> int:
    """Return where a signature begins that no closing phrase announces; 0 if there is none.

    It is at the end, and begins with a line that has a name and nothing else, or some words and no sentence.
    """
    for number in range(max(1, len(lines) - 6), len(lines)):
        rest = [line for line in lines[number:] if line.strip()]
        unsaid = all(not line.rstrip().endswith((".", "?", "!", ":")) for line in rest)
        if unsaid and NAME_ALONE.match(lines[number]) and all(len(line) <= 60 for line in rest):
            return number
    return 0


def _without_greeting(text: str) -> str:
    """Return a text without the words that it begins with to be polite."""
    return GREETING.sub("", text, count=1).strip()


def _clean(line: str) -> str:
    """Return a line without what is not seen, and with plain spaces."""
    return re.sub(r"[\u200b-\u200f\ufeff]", "", line).replace("\u00a0", " ").replace("\t", " ").strip()
