"""The loader: what is wrong in a guide file is said with its line, all of it at once, and nothing else ever escapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Tuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lotsen.content.problems import ContentError, Problem
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Answer, Guide, Reply, Status, Step, StepKind

VALID = """\
# En kommentar överst
id: restart
title: Starta om
intro: Det går fort.
steps:
- id: close
  kind: do
  text: Stäng allt.
- id: cache
  kind: include
  guide: clear
  text: Ska vi rensa?
- id: look
  kind: check
  text: Löste det sig?
  answers:
    solved: {title: Ja}
    failed: {title: Nej, next: call}
- id: call
  kind: end
  outcome: handoff
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


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write guide files; return their folder."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


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
END = "- id: over\n  kind: end\n  outcome: handoff\n  text: Ring.\n"


def test_a_valid_guide(tmp_path: Path) -> None:
    """Every field of the file is found again in the guide."""
    guides = load_guides(write(tmp_path, {"restart.yml": VALID, "clear.yml": CLEAR}))
    assert set(guides) == {"restart", "clear"}
    assert guides["restart"] == Guide(
        "restart",
        "Starta om",
        (
            Step("close", StepKind.DO, "Stäng allt."),
            Step("cache", StepKind.INCLUDE, "Ska vi rensa?", guide="clear"),
            Step(
                "look",
                StepKind.CHECK,
                "Löste det sig?",
                answers={Reply.SOLVED: Answer("Ja"), Reply.FAILED: Answer("Nej", "call")},
            ),
            Step(
                "call",
                StepKind.END,
                "Ring 14141.",
                outcome=Status.HANDOFF,
                reason="Det hjälper inte.",
                counted=False,
            ),
        ),
        "Det går fort.",
    )


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
        ["Fältet 'text' saknas.", "Okänt fält: 'txt'. Menade du 'text'?"],
    ),
    "misspelt field of an answer": (
        guide(CHECK + "  answers:\n    failed:\n      title: Nej\n      nxt: over  # fel\n", END),
        ["Okänt fält: 'nxt'. Menade du 'next'?"],
    ),
    "field of another kind of step": (
        guide("- id: look\n  kind: check\n  text: Hej?\n  outcome: handoff  # fel\n"),
        ["Okänt fält: 'outcome'."],
    ),
    "missing title": (guide(CHECK, head="id: g # fel\nsteps:\n"), ["Fältet 'title' saknas. Skriv 'title: ...'."]),
    "missing text": (guide(DO, "- id: look  # fel\n  kind: check\n"), ["Fältet 'text' saknas."]),
    "empty text": (guide("- id: look\n  kind: check\n  text:  # fel\n"), ["Fältet 'text' är tomt."]),
    "text of white space": (guide("- id: look\n  kind: check\n  text: ' '  # fel\n"), ["Fältet 'text' är tomt."]),
    "answer without a title": (
        guide(CHECK + "  answers:\n    solved: {title: Ja}\n    failed: {next: over}  # fel\n", END),
        ["Fältet 'title' saknas."],
    ),
    "unknown kind": (
        guide("- id: look\n  kind: chek  # fel\n  text: Hej?\n"),
        ["Okänd sorts steg: 'chek'. Menade du 'check'?"],
    ),
    "missing kind": (guide("- id: look  # fel\n  text: Hej?\n"), ["Fältet 'kind' saknas."]),
    "unknown next": (
        guide(CHECK + "  answers:\n    failed: {title: Nej}\n    solved: {title: Ja, next: ovr}  # fel\n", END),
        ["Steget 'ovr' finns inte. Menade du 'over'?"],
    ),
    "backwards next": (
        guide(DO, CHECK + "  answers:\n    failed: {title: Nej}\n    solved: {title: Ja, next: first}  # fel\n", END),
        ["leder bakåt till 'first'"],
    ),
    "next to itself": (
        guide(DO, CHECK + "  answers:\n    failed: {title: Nej}\n    solved: {title: Ja, next: look}  # fel\n", END),
        ["leder bakåt till 'look'"],
    ),
    "include of an unknown guide": (
        guide("- id: sub\n  kind: include\n  text: Ska vi?\n  guide: h  # fel\n", CHECK),
        ["Guiden 'h' finns inte."],
    ),
    "include of no guide": (
        guide("- id: sub  # fel\n  kind: include\n  text: Ska vi?\n", CHECK),
        ["Fältet 'guide' saknas."],
    ),
    "guide that includes itself": (
        guide("- id: sub\n  kind: include\n  text: Ska vi?\n  guide: g  # fel\n", CHECK),
        ["Guiden 'g' leder tillbaka till 'g'"],
    ),
    "guides that include each other": (
        {
            "g.yml": "id: g\ntitle: G\nsteps:\n- id: sub\n  kind: include\n  text: Ja?\n  guide: h  # fel\n" + CHECK,
            "h.yml": "id: h\ntitle: H\nsteps:\n- id: sub\n  kind: include\n  text: Ja?\n  guide: g  # fel\n" + CHECK,
        },
        ["Guiden 'h' leder tillbaka till 'g'", "Guiden 'g' leder tillbaka till 'h'"],
    ),
    "guides that include each other through a third": (
        {
            f"{one}.yml": f"id: {one}\ntitle: T\nsteps:\n"
            f"- id: sub\n  kind: include\n  text: Ja?\n  guide: {other}  # fel\n" + CHECK
            for one, other in ("gh", "hi", "ig")
        },
        ["leder tillbaka till 'g'", "leder tillbaka till 'h'", "leder tillbaka till 'i'"],
    ),
    "dead end at do": (
        guide(CHECK, "- id: last  # fel\n  kind: do\n  text: Starta om.\n"),
        ["Guiden tar slut efter 'last' utan att fråga om det hjälpte."],
    ),
    "dead end at include": (
        {**guide(CHECK, "- id: last  # fel\n  kind: include\n  guide: clear\n  text: Ja?\n"), "clear.yml": CLEAR},
        ["Guiden tar slut efter 'last'"],
    ),
    "begins with its end": (
        guide("- id: over  # fel\n  kind: end\n  outcome: handoff\n  text: Ring.\n"),
        ["Guiden börjar med sitt slut."],
    ),
    "step after an end": (
        guide(DO, END, "- id: late  # fel\n  kind: check\n  text: Hej?\n"),
        ["Ingen kommer till steget 'late'."],
    ),
    "step that all answers pass by": (
        guide(
            CHECK + "  answers:\n    solved: {title: Ja, next: over}\n    failed: {title: Nej, next: over}\n",
            "- id: missed  # fel\n  kind: check\n  text: Hej?\n",
            END,
        ),
        ["Ingen kommer till steget 'missed'."],
    ),
    "step that is passed by unless it is solved": (
        guide(
            CHECK + "  answers:\n    solved: {title: Ja}\n    failed: {title: Nej, next: over}\n",
            "- id: missed  # fel\n  kind: check\n  text: Hej?\n",
            END,
        ),
        ["Ingen kommer till steget 'missed'."],
    ),
    "duplicate id": (
        guide(DO, CHECK, "- kind: check\n  id: first  # fel\n  text: Hej?\n"),
        ["Steget 'first' finns två gånger."],
    ),
    "id with capitals": (
        guide("- id: Kolla  # fel\n  kind: check\n  text: Hej?\n"),
        ["Id 'Kolla': skriv små bokstäver a-z"],
    ),
    "duplicate key": (
        guide("- id: look\n  kind: check\n  text: Hej?\n  text: Nå?  # fel\n"),
        ["'text' står två gånger."],
    ),
    "file name differs from id": (
        {"other.yml": "# Rubrik\nid: g  # fel\ntitle: G\nsteps:\n" + CHECK},
        ["Guiden heter 'g' men filen 'other.yml'."],
    ),
    "no steps": (guide(head="id: g\ntitle: G\nsteps: []  # fel\n"), ["Guiden har inga steg."]),
    "no field steps": (guide(head="id: g  # fel\ntitle: G\n"), ["Guiden har inga steg."]),
    "steps that are no list": (guide(head="id: g\ntitle: G\nsteps: många  # fel\n"), ["Guiden har inga steg."]),
    "step that is only a word": (
        guide(CHECK, "- starta om  # fel\n"),
        ["Ett steg ska ha fälten id, kind och text."],
    ),
    "wrong answer name": (
        guide(CHECK + "  answers:\n    failed: {title: Nej}\n    solvd: {title: Ja}  # fel\n"),
        ["Okänt svar: 'solvd'. Menade du 'solved'?"],
    ),
    "answer that the kind does not take": (
        guide(CHECK + "  answers:\n    failed: {title: Nej}\n    done: {title: Klart}  # fel\n"),
        ["Okänt svar: 'done'. Välj bland: failed, solved."],
    ),
    "answer that is only a text": (
        guide(CHECK + "  answers:\n    solved: Ja  # fel\n    failed: {title: Nej}\n"),
        ["Svaret ska ha 'title'"],
    ),
    "empty answers": (guide(CHECK + "  answers:  # fel\n"), ["'answers' ska vara en lista med svar"]),
    "wrong outcome": (
        guide(DO, "- id: over\n  kind: end\n  outcome: handof  # fel\n  text: Ring.\n"),
        ["Okänt slut: 'handof'. Menade du 'handoff'?"],
    ),
    "outcome that is not an end": (
        guide(DO, "- id: over\n  kind: end\n  outcome: stopped  # fel\n  text: Ring.\n"),
        ["Okänt slut: 'stopped'."],
    ),
    "missing outcome": (guide(DO, "- id: over  # fel\n  kind: end\n  text: Ring.\n"), ["Fältet 'outcome' saknas."]),
    "counted that is neither true nor false": (
        guide(DO, END + "  counted: nej  # fel\n"),
        ["'counted' ska vara true eller false."],
    ),
}


@pytest.mark.parametrize(("files", "messages"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_said_with_its_line(files: Dict[str, str], messages: List[str], tmp_path: Path) -> None:
    """Each fault is one problem on the line where it stands, in words that say what it is."""
    problems = problems_in(write(tmp_path, files))
    assert places(problems) == marked(files)
    for problem, message in zip(problems, messages, strict=True):
        assert message in problem.message


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
    (tmp_path / "g.yml").write_bytes(content)
    (problem,) = problems_in(tmp_path)
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
    write(tmp_path, {"a.yml": "", "b.yml": ""})
    with pytest.raises(ContentError) as caught:
        load_guides(tmp_path)
    assert str(caught.value).split("\n") == [
        f"{tmp_path / name}:1: Filen är tom eller ingen guide. Den ska ha fälten id, title och steps."
        for name in ("a.yml", "b.yml")
    ]


WORDS = [
    *("id", "title", "intro", "steps", "kind", "text", "answers", "guide", "outcome", "reason", "counted", "next"),
    *("do", "check", "include", "end", "solved", "failed", "done", "handoff", "resolved", "true", "g", "look"),
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
            {"id": "a", "kind": "do", "text": "Gör."},
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
    write(tmp_path, {"g.yml": text})
    try:
        guides = load_guides(tmp_path)
    except ContentError as error:
        assert error.problems
        for problem in error.problems:
            assert 1 <= problem.line <= len(text.splitlines()) + 1
    else:
        for made in guides["g"].steps:
            assert all(isinstance(value, str) for value in (made.id, made.text, made.reason or ""))
