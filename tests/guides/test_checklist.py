"""The checklists: every step once in each place, where answers lead, nothing that a text could smuggle in."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Iterator, List, Optional, Tuple

import pytest

from lotsen.cli import main
from lotsen.content.catalogue import load_targets
from lotsen.content.texts import load_texts
from lotsen.guides.checklist import Around, Item, checklist, contents, items
from lotsen.guides.facts import load_facts
from lotsen.guides.lettering import plain, rendered
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Answer, Guide, Help, Status, Step, StepKind, Variant, included
from lotsen.guides.run import version_of
from lotsen.settings import CONTENT

GUIDES = load_guides(CONTENT / "guides")
UNSOLVED = "Gör ett ärende."
AROUND = Around(
    GUIDES,
    load_facts(CONTENT / "facts.yml"),
    load_targets(CONTENT / "targets.yml"),
    load_texts(CONTENT / "texts.yml")["guide_unsolved"].text,
)

SUB = Guide(
    "sub",
    "Läs in kortet",
    (
        Step("look", StepKind.CHECK, "Titta på kortet."),
        Step("call", StepKind.END, "Ring någon.", outcome=Status.HANDOFF, counted=False),
    ),
    intro="Se [listan](https://a.se/lista).",
)
OUTER = Guide(
    "outer",
    "Allt",
    (
        Step(
            "begin", StepKind.DO, "Börja.", Help(why="Därför.", how=("Ett.", "Två."), see="Grönt."), frozenset({"how"})
        ),
        Step("card", StepKind.INCLUDE, "Läsa in kortet?", guide="sub"),
        Step("rest", StepKind.WAIT, "Vila.", minutes=2.5),
        Step(
            "clear",
            StepKind.DO,
            "Rensa.",
            Help(how=("Allmänt.",)),
            variants=(Variant(MappingProxyType({"browser": "Edge"}), "Rensa i Edge.", Help(how=("Rensa nu.",))),),
            ask="browser",
        ),
        Step(
            "which",
            StepKind.CHOOSE,
            "Vilket?",
            answers=MappingProxyType({"a": Answer("Det ena", "last"), "b": Answer("Det andra")}),
            fact="error_text",
            counted=False,
        ),
        Step("write", StepKind.NOTE, "Skriv av.", counted=False),
        Step("last", StepKind.CHECK, "Prova."),
    ),
)
SMALL = Around({"outer": OUTER, "sub": SUB}, AROUND.questions, AROUND.targets, UNSOLVED)


class Page(HTMLParser):
    """Collects tags, addresses, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: List[str] = []
        self.addresses: List[Tuple[str, Optional[str]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        self.tags.append(tag)
        self.addresses += [(name, value) for name, value in attrs if name in ("href", "src", "action", "srcset")]

    def handle_data(self, data: str) -> None:
        self.words += data


def walk(listed: Tuple[Item, ...]) -> Iterator[Item]:
    """Yield items and what is inside them."""
    for item in listed:
        yield item
        yield from walk(item.inside)


def by_mark(around: Around, guide: str) -> dict[str, Item]:
    """Return a page's items by what stands before them."""
    return {item.mark: item for item in walk(items(around, guide))}


def places(guide_id: str, outer: bool = True) -> Iterator[str]:
    """Yield the text of every step in every place; an included guide's hand-off is no end there."""
    for step in GUIDES[guide_id].steps:
        if outer or step.kind is not StepKind.END or step.outcome is Status.RESOLVED:
            yield step.text
        if step.guide is not None:
            yield from places(step.guide, outer=False)


@pytest.mark.parametrize("name", GUIDES)
def test_every_text_is_there_once_in_each_place(name: str) -> None:
    """Nothing of a guide, or of those that it includes, is lost or doubled."""
    page = checklist(AROUND, name)
    shown = re.findall(r'<p class="text">(.*?)</p>', page, re.DOTALL)
    onward = [item for item in walk(items(AROUND, name)) if item.kind == "onward"]
    unsolved = [rendered(AROUND.unsolved)] if 'class="mark">Sist' in page else []
    expected = [*(rendered(text) for text in places(name)), *(rendered(item.text) for item in onward), *unsolved]
    assert sorted(shown) == sorted(map(str, expected))


@pytest.mark.parametrize("name", GUIDES)
def test_page_loads_nothing_and_is_the_same_each_time(name: str) -> None:
    """No script and no address but the links of the guide's own texts; the version is told, and no date."""
    html = checklist(AROUND, name)
    page = Page(html)
    own = {
        address
        for guide in included(GUIDES, name)
        for text in (guide.intro, *(part for step in guide.steps for part in _texts(step)))
        for address in re.findall(r"\]\((\S+?)\)", text)
    }
    assert {value for _, value in page.addresses} == own
    assert set(re.findall(r"https?://[^\s\"<)]+", html)) == {a for a in own if a.startswith("http")}
    assert not {"script", "link", "img", "iframe", "form", "object"} & set(page.tags)
    assert "url(" not in html and "@import" not in html
    assert version_of(GUIDES, name) in page.words
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", html)
    assert html == checklist(AROUND, name)


@pytest.mark.parametrize("name", GUIDES)
def test_every_way_leads_to_a_mark_on_the_page(name: str) -> None:
    """Whoever is told to go to a step finds it."""
    listed = list(walk(items(AROUND, name)))
    marks = {item.mark for item in listed}
    assert len(marks) == len(listed)
    page = Page(checklist(AROUND, name)).words
    led = re.findall(r"Gå till (?:steg )?([\w.]+)\.(?=\s|$)", page)
    wanted = [way for item in listed for way in item.ways if way.leads.startswith("Gå till")]
    assert len(led) >= len(wanted)
    assert set(led) <= marks


def test_answers_lead_where_the_guide_leads() -> None:
    """Numbers for numbered steps, letters for others; solved is the end, and after the last comes what is left."""
    listed = by_mark(SMALL, "outer")
    assert list(listed) == ["1", "2", "2.1", "2.A", "3", "4", "A", "B", "5"]
    ways = {mark: [(way.answer, way.leads) for way in item.ways] for mark, item in listed.items() if item.ways}
    assert ways == {
        "2": [("Ja", "Gör stegen som börjar med 2."), ("Nej", "Gå till steg 3.")],
        "2.1": [("Det löste sig", "Klart, problemet är löst."), ("Det gick inte", "Gå till 2.A.")],
        "A": [("Det ena", "Gå till steg 5."), ("Det andra", "Gå till B.")],
        "5": [
            ("Det löste sig", "Klart, problemet är löst."),
            ("Det gick inte", "Fortsätt till rutan sist på sidan."),
        ],
    }
    assert UNSOLVED in Page(checklist(SMALL, "outer")).words


def test_included_hand_off_goes_on_in_the_outer_guide() -> None:
    """As in the chat: the inner guide's end is no end when there is more to try."""
    assert by_mark(SMALL, "outer")["2.A"].text == "Hjälpte det inte? Gå till steg 3."
    assert "Ring någon." not in checklist(SMALL, "outer")
    assert "Ring någon." in checklist(SMALL, "sub")


def test_help_variants_times_and_lines_are_written_out() -> None:
    """Help stands with its heading, marked where it says more than the source; notes have lines to write on."""
    words = " ".join(Page(checklist(SMALL, "outer")).words.split())
    for expected in (
        "Gör så här: (tips) Ett. Två. Det här ska du se: Grönt. Varför? Därför.",
        "Vänta 2,5 minuter",
        "Vilken webbläsare använder du? Edge Google Chrome En annan, eller vet inte",
        "I Edge: Rensa i Edge. Gör så här: Rensa nu. Annars, gör så här: Allmänt.",
    ):
        assert expected in words
    assert checklist(SMALL, "outer").count('class="rule"') == 3


def test_texts_are_escaped_and_only_safe_links_are_links() -> None:
    """A text cannot bring a tag or a script; bold and links to the web are rendered."""
    bad = '<script>alert("x")</script> **fet** [a](javascript:alert(1)) [b](https://a.se/?x=1&y=2) <b onclick=x>'
    step = Step("s", StepKind.CHECK, bad, Help(bad, (bad,), bad, bad))
    guide = Guide("bad", bad, (step,), intro=bad, errors=(bad,))
    page = Page(checklist(Around({"bad": guide}, {}, {}, bad), "bad"))
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert {value for _, value in page.addresses} == {"https://a.se/?x=1&y=2"}
    assert page.words.count('<script>alert("x")</script> fet [a](javascript:alert(1)) b <b onclick=x>') >= 7
    assert page.tags.count("strong") == 7


def test_links_keep_to_their_address() -> None:
    """A quote cannot end the attribute, and stars are never part of an address."""
    page = Page(str(rendered('[a](https://a.se/"onmouseover="x) [b](https://a.se/**b**)')))
    assert page.addresses == [("href", 'https://a.se/"onmouseover="x')]
    assert page.tags == ["a", "strong"]


def test_steps_are_not_broken_over_pages() -> None:
    """The print style is that of A4, and keeps a step together."""
    page = checklist(SMALL, "outer")
    assert re.search(r"@page \{ size: A4;", page)
    assert re.search(r"\.step \{[^}]*break-inside: avoid", page)


def test_index_leads_to_each_page() -> None:
    """One link for each guide, by its title."""
    page = Page(contents(AROUND, list(GUIDES)))
    assert page.addresses == [("href", f"{name}.html") for name in GUIDES]
    for guide in GUIDES.values():
        assert plain(guide.title) in page.words


def test_command_writes_one_page_for_each_guide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All guides, or those that are named, and the index; the folder is made."""
    folder = tmp_path / "new" / "folder"
    assert main(["guides", "print", "--output", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {"index.html", *(f"{name}.html" for name in GUIDES)}
    assert main(["guides", "print", "clear_cache", "--output", str(tmp_path / "one")]) == 0
    assert {path.name for path in (tmp_path / "one").iterdir()} == {"index.html", "clear_cache.html"}
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == f"1 checklista. Öppna {tmp_path}/one/index.html och skriv ut."


def test_faults_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown guide and a folder that is a file are said on standard error, and are exit code 1."""
    assert main(["guides", "print", "clear_cash", "--output", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == (f"lotsen: Guiden 'clear_cash' finns inte. Det här finns: {', '.join(GUIDES)}.\n")
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["guides", "print", "--output", str(tmp_path / "file")]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"lotsen: Det går inte att skriva i {tmp_path}/file: ")
    assert told.count("\n") == 1


def _texts(step: Step) -> Iterator[str]:
    """Yield everything that a step says on paper."""
    yield step.text
    for text, help in ((step.text, step.help), *((variant.text, variant.help) for variant in step.variants)):
        yield from (text, help.why, help.see, help.if_not, *help.how)
