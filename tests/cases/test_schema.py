"""``docs/case.schema.json`` and ``case_document`` hold together: neither has a key that the other lacks."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any, Dict, Iterator, Mapping, Set, Tuple

import pytest
from hypothesis import given
from jsonschema import Draft7Validator

from lotsen.cases.case import VERSION, CaseDraft, Impact, Level, Status
from lotsen.cases.export import case_document
from lotsen.cases.store import Case
from lotsen.cases.transcript import MAX_LINES
from lotsen.cases.wording import FACTS
from lotsen.content.texts import REASONS
from lotsen.guides.model import Outcome
from lotsen.guides.model import Status as RunStatus
from lotsen.settings import ROOT
from tests.cases.made import FULL, KEY, NOW, OTHER_KEY, cases

SCHEMA: Dict[str, Any] = json.loads((ROOT / "docs" / "case.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft7Validator(SCHEMA)
Path = Tuple[str, ...]
PARENT = Case(6, "LOT-000006", OTHER_KEY, NOW, Status.OPEN, "", "system", CaseDraft("Flera kommer inte in"))
CASE = Case(7, "LOT-000007", KEY, NOW, Status.NEW, "web-1", "web", FULL, parent=6)


def read(document: Mapping[str, Any]) -> Any:
    """Return a document as a desk reads it: through JSON text."""
    return json.loads(json.dumps(document, ensure_ascii=False))


def keys_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each key in a document; ``[]`` stands for any item of a list."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield (*path, key)
            yield from keys_of(part, (*path, key))
    elif isinstance(value, list):
        for part in value:
            yield from keys_of(part, (*path, "[]"))


def parts_of(schema: Mapping[str, Any], path: Path = ()) -> Iterator[Tuple[Path, Mapping[str, Any]]]:
    """Yield each part of the schema, with its path."""
    yield path, schema
    for key, part in schema.get("properties", {}).items():
        yield from parts_of(part, (*path, key))
    if "items" in schema:
        yield from parts_of(schema["items"], (*path, "[]"))


PARTS: Dict[Path, Mapping[str, Any]] = dict(parts_of(SCHEMA))


def test_it_is_a_schema() -> None:
    """Of draft 7, as it says."""
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(SCHEMA)


def test_the_same_keys() -> None:
    """A case that has every part has every key of the schema, and no other."""
    document = read(case_document(CASE, PARENT))
    VALIDATOR.validate(document)
    described: Set[Path] = {path for path in PARTS if path and path[-1] != "[]"}
    assert set(keys_of(document)) == described


@given(cases)
def test_any_case_fits(case: Case) -> None:
    """Whatever is in it, as far as Lotsen makes it."""
    VALIDATOR.validate(read(case_document(case)))


def test_a_case_from_before_there_were_versions_fits() -> None:
    """It is read into the present shape."""
    stored = {
        "problem": "x",
        "guide": "login",
        "reason": None,
        "tried": [["A", "B", "gjort"]],
        "facts": {},
        "added": "",
    }
    VALIDATOR.validate(read(case_document(replace(CASE, draft=CaseDraft.from_json(stored)))))


@pytest.mark.parametrize("parent", [None, PARENT])
def test_the_number_of_the_other_case(parent: Case | None) -> None:
    """The case that this one is added to is named, whether it was looked up or not; one of its own has null."""
    assert case_document(CASE, parent)["parent_number"] == "LOT-000006"
    assert case_document(replace(CASE, parent=None))["parent_number"] is None


@pytest.mark.parametrize("path", PARTS, ids=lambda path: ".".join(path) or "case")
def test_everything_is_described(path: Path) -> None:
    """In one sentence, and objects take nothing else; only facts may be left out."""
    part = PARTS[path]
    sentence = part["description"]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert ". " not in sentence
    if part.get("type") == "object":
        assert part["additionalProperties"] is False
        assert set(part.get("required", ())) == (set() if path == ("facts",) else set(part["properties"]))


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("impact",), [*(one.value for one in Impact), None]),
        (("priority", "level"), [one.value for one in Level]),
        (("priority", "reasons", "[]"), list(REASONS)),
        (("tried", "[]", "status"), [*(one.value for one in RunStatus), ""]),
        (("tried", "[]", "steps", "[]", "result"), [*(one.value for one in Outcome), ""]),
    ],
)
def test_the_same_values(path: Path, values: list[Any]) -> None:
    """Where one of several words stands, the schema has those that Lotsen has, in the same order."""
    assert PARTS[path]["enum"] == values


def test_the_same_limits() -> None:
    """The version, the facts and the length of the transcript are those of the code."""
    assert PARTS[("version",)]["const"] == VERSION == 1
    assert tuple(PARTS[("facts",)]["properties"]) == FACTS
    assert PARTS[("transcript",)]["maxItems"] == MAX_LINES


def test_no_part_of_a_draft_is_kept_back() -> None:
    """A desk gets all that was gathered."""
    assert {field.name for field in fields(CaseDraft)} <= set(SCHEMA["properties"])


WRONG: Dict[str, Dict[str, Any]] = {
    "another version": {"version": 2},
    "no such impact": {"impact": "everybody"},
    "a number of another kind": {"number": "CASE-1"},
    "a key that is none": {"key": "a"},
    "a time without a zone": {"created": "2026-11-26T08:00:00"},
    "a number as text": {"problem": 7},
    "unknown": {"secret": "x"},
    "unknown fact": {"facts": {"shoe_size": "41"}},
    "reason given twice": {"priority": {"level": "high", "reasons": ["several", "several"]}},
    "a level without reasons": {"priority": {"level": "high"}},
    "a guide without steps": {"tried": [{"id": "a", "title": "A", "version": "", "status": "active"}]},
    "a third speaker": {"transcript": [{"at": "2026-11-26T08:00:00+00:00", "who": "system", "text": "x"}]},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_case_does_not_fit(wrong: Dict[str, Any]) -> None:
    """The schema would notice."""
    assert not VALIDATOR.is_valid({**read(case_document(CASE, PARENT)), **wrong})


@pytest.mark.parametrize("key", list(SCHEMA["properties"]))
def test_a_case_without_a_part_does_not_fit(key: str) -> None:
    """A reader may count on every key."""
    document = read(case_document(CASE, PARENT))
    del document[key]
    assert not VALIDATOR.is_valid(document)
