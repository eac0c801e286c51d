"""The form that makes a case of a text: what it is filled with, and the case that it stands for. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping, Sequence, Tuple

from lotsen.cases.case import CaseDraft, Contact, Impact, Level, Priority
from lotsen.cases.priority import priority_of
from lotsen.cases.wording import FACTS
from lotsen.content.catalogue import Content
from lotsen.desk.case.choices import category_named
from lotsen.desk.reading.suggestion import Suggestion, category_of
from lotsen.desk.reading.topics import Certainty
from lotsen.privacy.masking import mask

MAX_TEXT = 20_000
"""Characters of a pasted text."""
MAX_LINE = 300
CONTACT = ("name", "unit", "phone", "email", "hsa_id")
LINES = ("problem", *CONTACT, *FACTS)
"""The fields of one line."""
FIELDS = ("key", *LINES, "category", "level", "affected", "target", "added", "notice", "mine")
NOT_SAID = ""


@dataclass(frozen=True)
class Filled:
    """The fields of the form, as text."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return what a field holds; empty if nothing."""
        return self.values.get(name, "")

    @property
    def too_long(self) -> Tuple[str, ...]:
        """Return the fields that hold too much."""
        lines = [name for name in LINES if len(self[name]) > MAX_LINE]
        return (*lines, *(["added"] if len(self["added"]) > MAX_TEXT else []))


def filled(content: Content, suggestion: Suggestion, text: str, key: str, title: str, notice: str) -> Filled:
    """Fill the form with a suggestion. An unsure category is left for the person who knows better.

    ``title`` is what a likely topic is called, ``notice`` the id of the disturbance that the case would be part of.
    """
    best = suggestion.best
    likely = best is not None and best.level is not Certainty.UNSURE
    contact = suggestion.contact
    letter = suggestion.letter
    first = next(iter(letter.sentences), "")
    return Filled(
        {
            "key": key,
            "problem": _cut(title if likely and title else letter.subject or first),
            "category": category_of(content, best).id if likely else "",
            "level": suggestion.priority.level.value,
            "affected": suggestion.told.impact.value if suggestion.told.impact else NOT_SAID,
            "target": next(iter(content.targets), ""),
            "added": mask(text).strip(),
            "notice": notice,
            **{name: _cut(str(getattr(contact, name))) for name in CONTACT},
            **{name: _cut(value) for name, value in suggestion.facts.items()},
        }
    )


def draft_of(content: Content, form: Filled, disturbance: bool) -> CaseDraft:
    """Return the case that a form stands for. Its choices must have been checked (``wrong_in``)."""
    impact = Impact(form["affected"]) if form["affected"] else None
    category = category_named(content, form["category"])
    reasons = priority_of(impact, disturbance).reasons
    draft = CaseDraft(
        problem=form["problem"],
        target=form["target"],
        target_name=content.target(form["target"]),
        facts={name: form[name] for name in FACTS if form[name]},
        contact=Contact(form["phone"], form["email"], form["name"], form["unit"], form["hsa_id"]),
        impact=impact,
        priority=Priority(Level(form["level"]), reasons),
        added=form["added"],
    )
    return replace(draft, category=category) if category is not None else draft


def wrong_in(content: Content, form: Filled, notices: Sequence[str]) -> Tuple[str, ...]:
    """Return the fields that cannot be used: empty though needed, too long, or none of their choices."""
    key = form["key"]
    checks = {
        "problem": bool(form["problem"]),
        "category": not form["category"] or category_named(content, form["category"]) is not None,
        "level": form["level"] in [level.value for level in Level],
        "affected": form["affected"] in (NOT_SAID, *(impact.value for impact in Impact)),
        "target": form["target"] in content.targets,
        "notice": form["notice"] in ("", *notices),
        "key": len(key) == 32 and all(letter in "0123456789abcdef" for letter in key),
    }
    return tuple(dict.fromkeys([*(name for name, right in checks.items() if not right), *form.too_long]))


def _cut(text: str) -> str:
    """Return a text as one line that fits its field."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 2].rstrip()} …"
