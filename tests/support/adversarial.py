"""Texts that make a badly written regular expression try without end, and everything here that reads strangers' texts.

``python -m tests.support.adversarial`` reads all with all, and prints the seconds of the slowest.
"""

from __future__ import annotations

import time
from typing import Callable, Dict, Iterator, Tuple

from lotsen.cases.access import number_and_code, number_in, without_code
from lotsen.cases.contact import contact_in, lost_a_number
from lotsen.cases.impact import impact_in
from lotsen.cases.words import asked_words, words_in
from lotsen.channels.resume import code_in
from lotsen.channels.teams.activity import plain_text
from lotsen.channels.typed import MAX_TEXT, typed_text
from lotsen.channels.web.requests import MAX_BODY
from lotsen.desk.reading.draft import MAX_TEXT as MAX_LETTER
from lotsen.desk.reading.suggestion import read_text
from lotsen.guides import phrases
from lotsen.guides.notes import FORMATS, found
from lotsen.privacy.masking import mask, mask_transcript
from lotsen.runtime.hardening import MAX_BYTES, MAX_HEAD_BYTES
from lotsen.runtime.request_heads import well_formed
from lotsen.service_desks import markup
from lotsen.understanding.questions import split_questions
from lotsen.understanding.text import normalise

PARTS = (
    *("1", "1 ", "1-", "19", "191212", "191212-", "19121212 ", "0701234567 ", "+46 ", "(0", "99", "KMX1", "ab12"),
    *("a", "a ", "A.", "a@", "a.", "a-", "@", "a@a.", "x@y.z-", "å", "Å ", "_", "SE1621000802-", "LOT", "ABCD-"),
    *(" ", "\t", "\n", "\r\n", "/", " /", ">", "> ", "- ", "* ", "**", "[", "](", "[a](", "(", '"', "”", "\u2013"),
    *("<", "<a ", "<br", "<at>", "</p>", "<!--", "<![>", '<a ">', "<script>", "&", "&amp;", "mvh\n", "\u200b"),
    *("inte ", "steg 1 ", "jag heter A ", "vad? ", "Från: ", "ring 0", "LOT-1 "),
)
LASTS = ("!", "1")


def texts(length: int) -> Iterator[str]:
    """Yield long texts of one part each, with an end that does not fit."""
    for part in PARTS:
        for last in LASTS:
            yield (part * (length // len(part) + 1))[:length] + last


def _phrases(text: str) -> None:
    words = normalise(text)
    for read in (phrases.step_number, phrases.steps_back, phrases.says_solved, phrases.steps_done, phrases.is_question):
        read(words)
    for read in (phrases.names_all, phrases.does_not_know, phrases.goes_on, phrases.denies, phrases.not_yet):
        read(words)


def _notes(text: str) -> None:
    for name in FORMATS:
        found(name, text)


def _words(text: str) -> None:
    words_in(text)
    asked_words(text)


def _codes(text: str) -> None:
    for read in (number_in, number_and_code, without_code, code_in):
        read(text)


def _people(text: str) -> None:
    contact_in(text)
    lost_a_number(text)
    impact_in(text)


READERS: Dict[str, Tuple[Callable[[str], object], int]] = {
    "masking": (mask, MAX_LETTER),
    "masking of transcripts": (mask_transcript, MAX_LETTER),
    "what is typed": (typed_text, MAX_BODY),
    "heads of requests": (lambda text: well_formed(text.encode()), MAX_HEAD_BYTES),
    "markup of service desks": (markup.plain_text, MAX_BYTES),
    "markup of Teams": (lambda text: plain_text({"text": text}, "bot"), MAX_BYTES),
    "normalising": (normalise, MAX_TEXT),
    "questions": (split_questions, MAX_TEXT),
    "phrases": (_phrases, MAX_TEXT),
    "notes": (_notes, MAX_TEXT),
    "codes": (_codes, MAX_TEXT),
    "people": (_people, MAX_TEXT),
    "words": (_words, MAX_TEXT),
    "letters": (read_text, MAX_LETTER),
}
"""What reads, and the longest text that is let through to it."""


def main() -> None:
    """Read everything."""
    for name, (read, length) in READERS.items():
        slowest = 0.0
        worst = ""
        for text in texts(length):
            began = time.perf_counter()
            read(text)
            took = time.perf_counter() - began
            if took > slowest:
                slowest, worst = took, text[:12] + text[-1]
        print(f"{name}: {slowest:.3f} s, {worst!r}", flush=True)


if __name__ == "__main__":
    main()
