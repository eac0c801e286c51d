"""The loader: what is wrong in a guide file is said with its line, all of it at once, and nothing else ever escapes."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any, Dict, Iterator, List, Mapping, Tuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lotsen.content.problems import ContentError, Problem
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Answer, Guide, Help, Status, Step, StepKind, Variant

VALID = """\
# En kommentar överst
id: restart
title: Starta om
intro: Det går fort.
errors: [Det gick inte, Något gick fel]
lacking: {kortläsare: call}
steps:
- id: close
  kind: do
  text: Stäng allt.
  why: Det måste vara stängt.
  said: [stängt allt]
  ask: browser
  variants:
  - when: {browser: Edge}
    text: Stäng Edge.
    extra: {how: [Klicka på krysset.]}
  extra:
    how: [Håll ner Alt., Tryck på F4.]
    see: Allt är borta.
    if_not: Starta om.
- id: cache
  kind: include
  guide: clear
  once: clearing
  text: Ska vi rensa?
- id: rest
  kind: wait
  minutes: 1,5
  text: Vänta.
- id: what
  kind: choose
  fact: error_text
  text: Vad står det?
  answers:
    nothing: {title: Ingenting, value: tomt, said: [tom, blank], next: look}
    other: {title: Annat}
- id: write
  kind: note
  fact: hsa_id
  format: hsa_id
  counted: false
  text: Skriv ditt HSA-id.
- id: look
  kind: check
  undoes: [close]
  text: Löste det sig?
  answers:
    solved: {title: Ja}
    failed: {title: Nej, next: call}
    later: {title: Senare}
- id: call
  kind: end
  outcome: handoff
  target: it
  counted: false
  text: Ring 14141.
  reason: Det hjälper inte.
"""
CLEAR = """\
id: clear
title: Rensa
steps:
- id: press
  kind: check
  text: Löste det sig?
"""
AROUND = {
    "facts.yml": "browser: {question: Vilken?, options: {Edge: Edge, Chrome: Chrome}}\n",
    "targets.yml": "it: IT kundservice\n",
    "entities.yml": "equipment: {kortläsare: []}\nbrowser: {Safari: []}\n",
}
"""The files around the folder of guides, with what steps may name."""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write guide files, and the files around them; return the guides' folder."""
    guides = folder / "guides"
    guides.mkdir(exist_ok=True)
    for path, text in [(folder / name, text) for name, text in AROUND.items()] + [
        (guides / name, text) for name, text in files.items()
    ]:
        path.write_text(text, encoding="utf-8")
    return guides


def problems_in(folder: Path) -> Tuple[Problem, ...]:
    """Load a folder that has faults; return them."""
    with pytest.raises(ContentError) as caught:
        load_guides(folder)
    return caught.value.problems


def marked(files: Mapping[str, str]) -> List[Tuple[str, int]]:
    """Return the file and line of every ``# fel`` mark, in order."""
    lines = [(name, number, line) for name in sorted(files) for number, line in enumerate(files[name].split("\n"), 1)]
    return [(name, number) for name, number, line in lines if line.endswith("# fel")]


def places(problems: Tuple[Problem, ...]) -> List[Tuple[str, int]]:
    """Return the file's name and the line of each problem."""
    return [(Path(problem.file).name, problem.line) for problem in problems]


def guide(*steps: str, head: str = "id: g\ntitle: G\nsteps:\n") -> Dict[str, str]:
    """Write a guide ``g`` of these steps."""
    return {"g.yml": head + "".join(steps)}


DO = "- id: first\n  kind: do\n  text: Gör det.\n"
CHECK = "- id: look\n  kind: check\n  text: Löste det sig?\n"
CHOOSE = "- id: pick\n  kind: choose\n  text: Vad?\n"
WAIT = "- id: rest\n  kind: wait\n  text: Vänta.\n"
NOTE = "- id: write\n  kind: note\n  text: Skriv.\n"
END = "- id: over\n  kind: end\n  outcome: handoff\n  text: Ring.\n"


def test_a_valid_guide(tmp_path: Path) -> None:
    """Every field of the file is found again in the guide."""
    guides = load_guides(write(tmp_path, {"restart.yml": VALID, "clear.yml": CLEAR}))
    assert list(guides) == ["clear", "restart"]
    assert guides["restart"] == Guide(
        "restart",
        "Starta om",
        (
            Step(
                "close",
                StepKind.DO,
                "Stäng allt.",
                help=Help("Det måste vara stängt.", ("Håll ner Alt.", "Tryck på F4."), "Allt är borta.", "Starta om."),
                extra=frozenset({"how", "see", "if_not"}),
                variants=(
                    Variant({"browser": "Edge"}, "Stäng Edge.", Help(how=("Klicka på krysset.",)), frozenset({"how"})),
                ),
                ask="browser",
                said=("stängt allt",),
            ),
            Step("cache", StepKind.INCLUDE, "Ska vi rensa?", guide="clear", once="clearing"),
            Step("rest", StepKind.WAIT, "Vänta.", minutes=1.5),
            Step(
                "what",
                StepKind.CHOOSE,
                "Vad står det?",
                fact="error_text",
                answers={
                    "nothing": Answer("Ingenting", "look", "tomt", ("tom", "blank")),
                    "other": Answer("Annat"),
                },
            ),
            Step("write", StepKind.NOTE, "Skriv ditt HSA-id.", fact="hsa_id", format="hsa_id", counted=False),
            Step(
                "look",
                StepKind.CHECK,
                "Löste det sig?",
                undoes=("close",),
                answers={"solved": Answer("Ja"), "failed": Answer("Nej", "call"), "later": Answer("Senare")},
            ),
            Step(
                "call",
                StepKind.END,
                "Ring 14141.",
                outcome=Status.HANDOFF,
                reason="Det hjälper inte.",
                target="it",
                counted=False,
            ),
        ),
        "Det går fort.",
        ("Det gick inte", "Något gick fel"),
        MappingProxyType({"kortläsare": "call"}),
        guides["restart"].digest,
    )


def test_the_digest_is_of_what_is_said_and_not_of_the_layout(tmp_path: Path) -> None:
    """A comment, a blank line and another way of quoting change nothing; a word does."""
    digest = load_guides(write(tmp_path, {"clear.yml": CLEAR}))["clear"].digest
    same = "# Hej\n\n" + CLEAR.replace("Löste det sig?", '"Löste det sig?"')
    assert load_guides(write(tmp_path, {"clear.yml": same}))["clear"].digest == digest
    assert load_guides(write(tmp_path, {"clear.yml": CLEAR.replace("Löste", "Ordnade")}))["clear"].digest != digest


def test_a_variant_may_be_for_a_value_that_only_the_words_know(tmp_path: Path) -> None:
    """What a user can say of the fact (``data/entities.yml``) counts beside the buttons of the question."""
    files = guide(DO + "  variants:\n  - {when: {browser: Safari}, text: Gör så.}\n", CHECK)
    (variant,) = load_guides(write(tmp_path, files))["g"].steps[0].variants
    assert variant.when == {"browser": "Safari"}


STEP_FIELDS = "ask, counted, ends_chat, extra, how, id, if_not, kind, once, said, see, text, undoes, variants, why"
FAULTS: Dict[str, Tuple[Dict[str, str], List[str]]] = {
    "misspelt field of a guide": (
        guide(CHECK, head="id: g\ntitle: G\nintor: Hej  # fel\nsteps:\n"),
        ["Okänt fält: 'intor'. Menade du 'intro'?"],
    ),
    "misspelt field of a step": (
        guide(CHECK + "  answer: {solved: {title: Ja}}  # fel\n"),
        ["Okänt fält: 'answer'. Menade du 'answers'?"],
    ),
    "misspelt field that must be there": (
        guide("- id: look  # fel\n  kind: check\n  txt: Löste det sig?  # fel\n"),
        ["Fältet 'text' saknas. Skriv 'text: ...'.", "Okänt fält: 'txt'. Menade du 'text'?"],
    ),
    "misspelt field of an answer": (
        guide(CHECK + "  answers:\n    failed:\n      title: Nej\n      nxt: over  # fel\n", END),
        ["Okänt fält: 'nxt'. Menade du 'next'?"],
    ),
    "misspelt field of a variant": (
        guide(DO + "  variants:\n  - when: {browser: Edge}\n    txt: Gör så.  # fel\n", CHECK),
        ["Okänt fält: 'txt'. Menade du 'text'?"],
    ),
    "misspelt field of the extra help": (
        guide(DO + "  extra:\n    whyy: Därför.  # fel\n", CHECK),
        ["Okänt fält: 'whyy'. Menade du 'why'?"],
    ),
    "field of another kind of step": (
        guide(DO + "  minutes: 2  # fel\n", CHECK),
        [f"Okänt fält: 'minutes'. Välj bland: {STEP_FIELDS}."],
    ),
    "help at an end": (
        guide(DO, END + "  why: Därför.  # fel\n"),
        ["Okänt fält: 'why'. Välj bland: counted, id, kind, outcome, reason, target, text."],
    ),
    "value of a check's answer": (
        guide(CHECK + "  answers:\n    failed:\n      title: Nej\n      value: nej  # fel\n"),
        ["Okänt fält: 'value'. Välj bland: next, said, title."],
    ),
    "missing title": (guide(CHECK, head="id: g # fel\nsteps:\n"), ["Fältet 'title' saknas. Skriv 'title: ...'."]),
    "missing text": (
        guide(DO, "- id: look  # fel\n  kind: check\n"),
        ["Fältet 'text' saknas. Skriv 'text: ...'."],
    ),
    "empty text": (
        guide("- id: look\n  kind: check\n  text:  # fel\n"),
        ["Fältet 'text' är tomt. Skriv 'text: ...'."],
    ),
    "text of white space": (
        guide("- id: look\n  kind: check\n  text: ' '  # fel\n"),
        ["Fältet 'text' är tomt. Skriv 'text: ...'."],
    ),
    "said that is neither text nor list": (
        guide(DO + "  said: {klart: ja}  # fel\n", CHECK),
        ["'said' ska vara en text eller en lista med texter."],
    ),
    "empty extra": (
        guide(DO + "  extra:  # fel\n", CHECK),
        ["Under 'extra' ska det stå något av: why, how, see, if_not."],
    ),
    "help both on the step and under extra": (
        guide(DO + "  why: Därför.  # fel\n  extra: {why: Därför.}\n", CHECK),
        ["'why' står både på steget och under 'extra'. Ta bort det ena."],
    ),
    "answer without a title": (
        guide(CHECK + "  answers:\n    solved: {title: Ja}\n    failed: {next: over}  # fel\n", END),
        ["Fältet 'title' saknas. Skriv 'title: ...'."],
    ),
    "unknown kind": (
        guide("- id: look\n  kind: chek  # fel\n  text: Hej?\n"),
        ["Okänd sorts steg: 'chek'. Menade du 'check'?"],
    ),
    "missing kind": (
        guide("- id: look  # fel\n  text: Hej?\n"),
        ["Fältet 'kind' saknas. Skriv 'kind: ...'."],
    ),
    "unknown next": (
        guide(CHECK + "  answers:\n    failed: {title: Nej}\n    solved: {title: Ja, next: ovr}  # fel\n", END),
        ["Steget 'ovr' finns inte. Menade du 'over'?"],
    ),
    "backwards next": (
        guide(DO, CHECK + "  answers:\n    failed: {title: Nej}\n    solved: {title: Ja, next: first}  # fel\n", END),
        ["Svaret leder bakåt till 'first', så guiden kan gå runt. Peka på ett senare steg."],
    ),
    "next to itself": (
        guide(DO, CHECK + "  answers:\n    failed: {title: Nej}\n    solved: {title: Ja, next: look}  # fel\n", END),
        ["Svaret leder bakåt till 'look', så guiden kan gå runt. Peka på ett senare steg."],
    ),
    "lacking that leads nowhere": (
        guide(CHECK, END, head="id: g\ntitle: G\nlacking:\n  kortläsare: ovr  # fel\nsteps:\n"),
        ["Steget 'ovr' finns inte. Menade du 'over'?"],
    ),
    "lacking that leads to a step that is no end": (
        guide(CHECK, END, head="id: g\ntitle: G\nlacking:\n  kortläsare: look  # fel\nsteps:\n"),
        ["'kortläsare' ska leda till ett slut ('kind: end'), annars kan guiden gå runt."],
    ),
    "lacking a thing that nobody knows": (
        guide(CHECK, END, head="id: g\ntitle: G\nlacking:\n  kortlasare: over  # fel\nsteps:\n"),
        ["'kortlasare' står inte under 'equipment' i data/entities.yml. Menade du 'kortläsare'?"],
    ),
    "lacking that is a list": (
        guide(CHECK, head="id: g\ntitle: G\nlacking: [kortläsare]  # fel\nsteps:\n"),
        ["Under 'lacking' ska det stå 'namn: värde', ett på varje rad."],
    ),
    "include of an unknown guide": (
        guide("- id: sub\n  kind: include\n  text: Ska vi?\n  guide: h  # fel\n", CHECK),
        ["Guiden 'h' finns inte. Välj bland: g."],
    ),
    "include of no guide": (
        guide("- id: sub  # fel\n  kind: include\n  text: Ska vi?\n", CHECK),
        ["Fältet 'guide' saknas. Skriv 'guide: ...'."],
    ),
    "guide that includes itself": (
        guide("- id: sub\n  kind: include\n  text: Ska vi?\n  guide: g  # fel\n", CHECK),
        ["Guiden 'g' leder tillbaka till 'g', så de går runt. Ta bort det ena steget."],
    ),
    "guides that include each other": (
        {
            "g.yml": "id: g\ntitle: G\nsteps:\n- id: sub\n  kind: include\n  text: Ja?\n  guide: h  # fel\n" + CHECK,
            "h.yml": "id: h\ntitle: H\nsteps:\n- id: sub\n  kind: include\n  text: Ja?\n  guide: g  # fel\n" + CHECK,
        },
        [
            "Guiden 'h' leder tillbaka till 'g', så de går runt. Ta bort det ena steget.",
            "Guiden 'g' leder tillbaka till 'h', så de går runt. Ta bort det ena steget.",
        ],
    ),
    "guides that include each other through a third": (
        {
            f"{one}.yml": f"id: {one}\ntitle: T\nsteps:\n"
            f"- id: sub\n  kind: include\n  text: Ja?\n  guide: {other}  # fel\n" + CHECK
            for one, other in ("gh", "hi", "ig")
        },
        [
            f"Guiden '{other}' leder tillbaka till '{one}', så de går runt. Ta bort det ena steget."
            for one, other in ("gh", "hi", "ig")
        ],
    ),
    "dead end at do": (
        guide(CHECK, "- id: last  # fel\n  kind: do\n  text: Starta om.\n"),
        [
            "Guiden tar slut efter 'last' utan att fråga om det hjälpte. "
            "Gör steget till 'kind: check' eller lägg till ett steg med 'kind: end'."
        ],
    ),
    "dead end at include": (
        {**guide(CHECK, "- id: last  # fel\n  kind: include\n  guide: clear\n  text: Ja?\n"), "clear.yml": CLEAR},
        [
            "Guiden tar slut efter 'last' utan att fråga om det hjälpte. "
            "Gör steget till 'kind: check' eller lägg till ett steg med 'kind: end'."
        ],
    ),
    "begins with its end": (
        guide("- id: over  # fel\n  kind: end\n  outcome: handoff\n  text: Ring.\n"),
        ["Guiden börjar med sitt slut. Lägg ett steg före."],
    ),
    "step after an end": (
        guide(DO, END, "- id: late  # fel\n  kind: check\n  text: Hej?\n"),
        ["Ingen kommer till steget 'late'. Peka på det med 'next' eller ta bort det."],
    ),
    "step that all answers pass by": (
        guide(
            CHECK + "  answers:\n    solved: {title: Ja, next: over}\n    failed: {title: Nej, next: over}\n",
            "- id: missed  # fel\n  kind: check\n  text: Hej?\n",
            END,
        ),
        ["Ingen kommer till steget 'missed'. Peka på det med 'next' eller ta bort det."],
    ),
    "step that is passed by unless it is solved": (
        guide(
            CHECK + "  answers:\n    solved: {title: Ja}\n    failed: {title: Nej, next: over}\n",
            "- id: missed  # fel\n  kind: check\n  text: Hej?\n",
            END,
        ),
        ["Ingen kommer till steget 'missed'. Peka på det med 'next' eller ta bort det."],
    ),
    "step that all options pass by": (
        guide(
            CHOOSE
            + "  fact: browser\n  answers:\n    one: {title: Ett, next: over}\n    two: {title: Två, next: over}\n",
            "- id: missed  # fel\n  kind: check\n  text: Hej?\n",
            END,
        ),
        ["Ingen kommer till steget 'missed'. Peka på det med 'next' eller ta bort det."],
    ),
    "duplicate id": (
        guide(DO, CHECK, "- kind: check\n  id: first  # fel\n  text: Hej?\n"),
        ["Steget 'first' finns två gånger. Byt id på det ena."],
    ),
    "id with capitals": (
        guide("- id: Kolla  # fel\n  kind: check\n  text: Hej?\n"),
        ["Id 'Kolla': skriv små bokstäver a-z, siffror och understreck."],
    ),
    "duplicate key": (
        guide("- id: look\n  kind: check\n  text: Hej?\n  text: Nå?  # fel\n"),
        ["'text' står två gånger. Ta bort den ena."],
    ),
    "file name differs from id": (
        {"other.yml": "# Rubrik\nid: g  # fel\ntitle: G\nsteps:\n" + CHECK},
        ["Guiden heter 'g' men filen 'other.yml'. De ska heta lika."],
    ),
    "no steps": (
        guide(head="id: g\ntitle: G\nsteps: []  # fel\n"),
        ["Guiden har inga steg. Skriv en lista under 'steps'."],
    ),
    "no field steps": (
        guide(head="id: g  # fel\ntitle: G\n"),
        ["Guiden har inga steg. Skriv en lista under 'steps'."],
    ),
    "steps that are no list": (
        guide(head="id: g\ntitle: G\nsteps: många  # fel\n"),
        ["Guiden har inga steg. Skriv en lista under 'steps'."],
    ),
    "step that is only a word": (
        guide(CHECK, "- starta om  # fel\n"),
        ["Ett steg ska ha fälten id, kind och text."],
    ),
    "answer's name with a hyphen": (
        guide(CHECK + "  answers:\n    failed: {title: Nej}\n    in-te: {title: Inte}  # fel\n"),
        ["Svaret 'in-te': skriv små bokstäver a-z, siffror och understreck."],
    ),
    "option called solved": (
        guide(CHOOSE + "  fact: browser\n  answers:\n    one: {title: Ett}\n    solved: {title: Ja}  # fel\n", CHECK),
        ["Ett val kan inte heta 'solved'. Det är svaret på om något hjälpte."],
    ),
    "answer that is only a text": (
        guide(CHECK + "  answers:\n    solved: Ja  # fel\n    failed: {title: Nej}\n"),
        ["Svaret ska ha 'title' (knappens text) och kan ha 'next' (stegets id)."],
    ),
    "empty answers": (
        guide(CHECK + "  answers:  # fel\n"),
        ["'answers' ska vara en lista med svar, till exempel 'solved: {title: Det gick}'."],
    ),
    "choice without a fact": (
        guide(CHOOSE.replace("pick", "pick  # fel") + "  answers: {one: {title: Ett}}\n", CHECK),
        ["Fältet 'fact' saknas. Skriv 'fact: ...'."],
    ),
    "choice of nothing": (
        guide(CHOOSE.replace("pick", "pick  # fel") + "  fact: program\n", CHECK),
        ["Valet har inga svar. Skriv dem under 'answers', eller frågan i data/facts.yml."],
    ),
    "choice of an unknown fact": (
        guide(CHOOSE + "  fact: brwser  # fel\n  answers: {one: {title: Ett}}\n", CHECK),
        ["Okänd uppgift: 'brwser'. Menade du 'browser'?"],
    ),
    "question that no variant needs": (
        guide(DO + "  ask: browser  # fel\n", CHECK),
        ["Ingen variant av steget beror på 'browser', så frågan behövs inte. Ta bort 'ask'."],
    ),
    "question about an unknown fact": (
        guide(DO + "  ask: brwser  # fel\n", CHECK),
        ["'brwser' finns inte i data/facts.yml. Menade du 'browser'?"],
    ),
    "variants that are no list": (
        guide(DO + "  variants: {when: {browser: Edge}}  # fel\n", CHECK),
        ["'variants' ska vara en lista: '- when: {browser: Edge}' och texten under."],
    ),
    "variant that does not say when": (
        guide(DO + "  variants:\n  - text: Gör så.  # fel\n", CHECK),
        ["En variant ska säga när den gäller: 'when: {browser: Edge}'."],
    ),
    "variant that depends on an unknown fact": (
        guide(DO + "  variants:\n  - text: Gör så.\n    when:\n      brwser: Edge  # fel\n", CHECK),
        ["Okänd uppgift: 'brwser'. Menade du 'browser'?"],
    ),
    "variant for a value that nobody can have": (
        guide(DO + "  variants:\n  - text: Gör så.\n    when:\n      browser: Egde  # fel\n", CHECK),
        ["'browser' blir aldrig 'Egde'. Menade du 'Edge'?"],
    ),
    "wait without a time": (
        guide(WAIT.replace("rest", "rest  # fel"), CHECK),
        ["Fältet 'minutes' saknas. Skriv 'minutes: ...'."],
    ),
    "time that is no number": (
        guide(WAIT + "  minutes: fem  # fel\n", CHECK),
        ["'minutes' är 'fem'. Skriv ett tal över 0 och högst 60."],
    ),
    "time that is no time": (
        guide(WAIT + "  minutes: nan  # fel\n", CHECK),
        ["'minutes' är 'nan'. Skriv ett tal över 0 och högst 60."],
    ),
    "time of more than an hour": (
        guide(WAIT + "  minutes: 61  # fel\n", CHECK),
        ["'minutes' är '61'. Skriv ett tal över 0 och högst 60."],
    ),
    "note of an unknown form": (
        guide(NOTE + "  format: hsaid  # fel\n", CHECK),
        ["'format' kan inte vara 'hsaid'. Menade du 'hsa_id'?"],
    ),
    "step to be undone that is nowhere": (
        guide(DO, CHECK + "  undoes: [frist]  # fel\n"),
        ["Inget steg heter 'frist'. Menade du 'first'?"],
    ),
    "hand-off to nobody": (
        guide(DO, END + "  target: itt  # fel\n"),
        ["'itt' finns inte i data/targets.yml. Menade du 'it'?"],
    ),
    "wrong outcome": (
        guide(DO, "- id: over\n  kind: end\n  outcome: handof  # fel\n  text: Ring.\n"),
        ["Okänt slut: 'handof'. Menade du 'handoff'?"],
    ),
    "outcome that is not an end": (
        guide(DO, "- id: over\n  kind: end\n  outcome: stopped  # fel\n  text: Ring.\n"),
        ["Okänt slut: 'stopped'. Välj bland: handoff, resolved."],
    ),
    "missing outcome": (
        guide(DO, "- id: over  # fel\n  kind: end\n  text: Ring.\n"),
        ["Fältet 'outcome' saknas. Skriv 'outcome: ...'."],
    ),
    "counted that is neither true nor false": (
        guide(DO, END + "  counted: nej  # fel\n"),
        ["'counted' kan inte vara 'nej'. Välj bland: false, true."],
    ),
}


@pytest.mark.parametrize(("files", "messages"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_said_with_its_line(files: Dict[str, str], messages: List[str], tmp_path: Path) -> None:
    """Each fault is one problem on the line where it stands, in exactly these words."""
    problems = problems_in(write(tmp_path, files))
    assert places(problems) == marked(files)
    assert [problem.message for problem in problems] == messages


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        pytest.param("id: g\ntitle: G\nsteps:\n- text: å\n".encode("latin-1"), 4, "Filen är inte UTF-8", id="Latin-1"),
        pytest.param(b'id: g\ntitle: "G\n', 3, "Filen är inte giltig YAML", id="quote that is never closed"),
        pytest.param(b"id: g\ntitle: G: H\n", 2, "Filen är inte giltig YAML", id="colon in a plain text"),
        pytest.param(b"id: g\n\ttitle: G\n", 2, "Filen är inte giltig YAML", id="tab as indentation"),
        pytest.param(b"", 1, "Filen är tom", id="empty file"),
        pytest.param(b"# bara en kommentar\n", 1, "Filen är tom", id="only a comment"),
        pytest.param(b"- id: g\n", 1, "Filen är tom eller ingen guide", id="a list"),
        pytest.param(b"hej\n", 1, "Filen är tom eller ingen guide", id="a word"),
    ],
)
def test_a_file_that_is_no_guide(content: bytes, line: int, message: str, tmp_path: Path) -> None:
    """A file that cannot be read as a guide is one problem, on the line where reading stopped."""
    folder = write(tmp_path, {})
    (folder / "g.yml").write_bytes(content)
    (problem,) = problems_in(folder)
    assert places((problem,)) == [("g.yml", line)]
    assert message in problem.message


ODD_VALUES = {
    "alias to itself": "id: g\ntitle: G\nsteps: &a [*a]\n",
    "nested a thousand deep": f"id: g\ntitle: G\nsteps: {'[' * 1000}\n",
    "escape of no character": 'id: g\ntitle: "\\UFFFFFFFF"\nsteps:\n' + CHECK,
    "list as next": guide(CHECK + "  answers:\n    failed: {title: Nej}\n    solved: {title: Ja, next: [over]}\n", END)[
        "g.yml"
    ],
    "list as reason": guide(DO, END + "  reason: [Felet är kvar.]\n")["g.yml"],
    "list as intro": guide(CHECK, head="id: g\ntitle: G\nintro: [Hej]\nsteps:\n")["g.yml"],
    "list as kind": guide(CHECK.replace("check", "[check]"))["g.yml"],
    "list as id": guide(CHECK, head="id: [g]\ntitle: G\nsteps:\n")["g.yml"],
    "list as guide": guide("- id: sub\n  kind: include\n  text: Ja?\n  guide: [g]\n", CHECK)["g.yml"],
    "list as outcome": guide(DO, END.replace("handoff", "[handoff]"))["g.yml"],
    "list as counted": guide(DO, END + "  counted: [false]\n")["g.yml"],
}


@pytest.mark.parametrize("text", ODD_VALUES.values(), ids=ODD_VALUES)
def test_odd_values_are_content_errors(text: str, tmp_path: Path) -> None:
    """Valid or nearly valid YAML with a value that no guide can have is reported, never another exception."""
    assert problems_in(write(tmp_path, {"g.yml": text}))


def test_all_faults_in_all_files_are_reported_in_order(tmp_path: Path) -> None:
    """One run shows every fault in every file, sorted by file and line."""
    files = {
        "a.yml": "id: a\ntitle:  # fel\nsteps:\n- id: look\n  kind: chek  # fel\n  text: Hej?\n"
        "- id: l  # fel\n  kind: do\n",
        "b.yml": "id: c  # fel\ntitle: B\nsteps: []  # fel\n",
        "c.yml": "id: c\nid: d  # fel\n",
        "good.yml": CLEAR.replace("id: clear", "id: good"),
    }
    problems = problems_in(write(tmp_path, files))
    assert places(problems) == marked(files)
    assert list(problems) == sorted(problems)


def test_all_faults_between_steps_and_guides_are_reported_in_order(tmp_path: Path) -> None:
    """Faults of structure are reported from every file, too."""
    files = {
        "a.yml": guide(DO.replace("first", "first  # fel"), head="id: a\ntitle: A\nsteps:\n")["g.yml"],
        "b.yml": guide(
            "- id: sub\n  kind: include\n  text: Ja?\n  guide: nowhere  # fel\n",
            DO,
            END,
            "- id: late  # fel\n  kind: check\n  text: Hej?\n",
            head="id: b\ntitle: B\nsteps:\n",
        )["g.yml"],
    }
    assert places(problems_in(write(tmp_path, files))) == marked(files)


def test_a_misspelling_in_one_file_does_not_hide_a_dead_end_in_another(tmp_path: Path) -> None:
    """Every problem in every file is shown in one run, whatever its kind."""
    files = {
        "a.yml": guide(CHECK, head="id: a\ntitle: A\nintor: Hej  # fel\nsteps:\n")["g.yml"],
        "b.yml": guide(DO.replace("first", "first  # fel"), head="id: b\ntitle: B\nsteps:\n")["g.yml"],
    }
    assert places(problems_in(write(tmp_path, files))) == marked(files)


def test_the_error_reads_as_clickable_lines(tmp_path: Path) -> None:
    """Printed, an error is one ``file:line: message`` for each problem."""
    folder = write(tmp_path, {"a.yml": "", "b.yml": ""})
    with pytest.raises(ContentError) as caught:
        load_guides(folder)
    assert str(caught.value).split("\n") == [
        f"{folder / name}:1: Filen är tom eller ingen guide. Den ska ha fälten id, title och steps."
        for name in ("a.yml", "b.yml")
    ]


WORDS = [
    *("id", "title", "intro", "errors", "lacking", "steps", "kind", "text", "answers", "guide", "outcome", "reason"),
    *("counted", "next", "value", "said", "extra", "why", "how", "see", "if_not", "variants", "when", "ask", "once"),
    *("undoes", "fact", "format", "minutes", "target", "do", "check", "choose", "wait", "note", "include", "end"),
    *("solved", "failed", "handoff", "resolved", "true", "g", "look", "browser", "hsa_id", "kortläsare", "1", "nan"),
]
MARKS = [
    "\n",
    "\n- ",
    "\n  ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "|",
    ">",
    '"',
    "'",
    "#",
    "? ",
    "!!str ",
    "\t",
]
yaml_like = st.lists(st.sampled_from([*WORDS, *MARKS]), max_size=40).map("".join)
values = st.recursive(
    st.sampled_from(WORDS) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=12,
)


def key_paths(data: Any) -> Iterator[Tuple[Any, ...]]:
    """Return the path of every value in plain data."""
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield (key,)
        yield from ((key, *rest) for rest in key_paths(data[key]))


@st.composite
def nearly_valid(draw: st.DrawFn) -> str:
    """Draw the valid guide with one of its values, at any depth, replaced."""
    data: Dict[str, Any] = {
        "id": "g",
        "title": "G",
        "steps": [
            {
                "id": "a",
                "kind": "do",
                "text": "Gör.",
                "said": ["gjort"],
                "ask": "browser",
                "variants": [{"when": {"browser": "Edge"}, "text": "Så.", "extra": {"how": ["Klicka."]}}],
                "extra": {"why": "Därför.", "if_not": "Gå vidare."},
            },
            {"id": "w", "kind": "wait", "text": "Vänta.", "minutes": "1"},
            {"id": "n", "kind": "note", "text": "Skriv.", "fact": "hsa_id", "format": "hsa_id"},
            {
                "id": "v",
                "kind": "choose",
                "text": "Vad?",
                "fact": "error_text",
                "answers": {"x": {"title": "X", "value": "x", "said": ["xet"], "next": "b"}, "y": {"title": "Y"}},
            },
            {"id": "b", "kind": "check", "text": "Hjälpte det?", "answers": {"failed": {"title": "Nej", "next": "c"}}},
            {"id": "c", "kind": "end", "outcome": "handoff", "text": "Ring.", "reason": "Kvar.", "counted": "false"},
        ],
    }
    *around, last = draw(st.sampled_from(list(key_paths(data))))
    inner: Any = data
    for key in around:
        inner = inner[key]
    inner[last] = draw(values)
    return json.dumps(data, ensure_ascii=False)


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing file is short as it is drawn; making it shorter takes a minute of YAML reading."""


@settings(
    deadline=None,
    max_examples=200,
    phases=UNSHRUNK,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text() | yaml_like | nearly_valid())
def test_any_file_loads_or_is_a_content_error(text: str, tmp_path: Path) -> None:
    """Whatever stands in a file, it is a guide made of texts, or problems on lines that the file has."""
    try:
        guides = load_guides(write(tmp_path, {"g.yml": text}))
    except ContentError as error:
        assert error.problems
        for problem in error.problems:
            assert 1 <= problem.line <= len(text.splitlines()) + 1
    else:
        for made in guides["g"].steps:
            assert all(isinstance(value, str) for value in (made.id, made.text, made.reason or ""))
