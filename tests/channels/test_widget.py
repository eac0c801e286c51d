"""The widget's file: how modules are joined, what cannot be, and what holds for ours."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from lotsen.channels.web.pages import WIDGET
from lotsen.channels.web.versions import WidgetVersions
from lotsen.channels.web.widget import Widget, WidgetError, join, snippet
from lotsen.storage.database import open_engine

LIMIT = 20_000
"""Bytes as gzip, script, styles and texts together."""
MODULES = sorted(WIDGET.glob("*.js"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A widget of three modules, a style sheet and texts."""
    (tmp_path / "entry.js").write_text('import { b } from "./b.js";\nimport { css } from "./s.css";\nb(css);\n')
    (tmp_path / "b.js").write_text(
        'import { c, d } from "./c.js";\nimport { sv } from "./t.json";\nexport function b() { c(d, sv); }\n'
    )
    (tmp_path / "c.js").write_text("export const d = 1;\nexport async function c() {}\n")
    (tmp_path / "s.css").write_text('a { content: "`${x}" }')
    (tmp_path / "t.json").write_text('{"hej": "å"}')
    return tmp_path


def test_modules_are_joined_in_order(folder: Path) -> None:
    """Each comes before those that need it, once, without import and export; texts and styles are constants."""
    joined = join(folder, "entry.js")
    assert "import " not in joined and "export " not in joined
    places = [joined.index(f"// {name}\n") for name in ("c.js", "t.json", "b.js", "s.css", "entry.js")]
    assert places == sorted(places)
    assert 'const css = "a { content: \\"`${x}\\" }";' in joined
    assert 'const sv = {"hej": "å"};' in joined


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("b.js", 'import b from "./c.js";', "b.js:1"),
        ("b.js", "export default 1;", "b.js:1"),
        ("b.js", 'import { nothing } from "./c.js";\nexport function b() {}', "has no nothing"),
        ("b.js", "export function b() {}\nconst d = 2;\n", ""),
        ("c.js", "export const d = 1;\nexport function c() {}\nfunction b() {}\n", "b is taken by c.js"),
        ("c.js", 'import { b } from "./b.js";\nexport const d = 1;\nexport function c() {}', "imports itself"),
        ("b.js", 'import { x } from "./none.js";', "cannot be read"),
    ],
)
def test_what_cannot_be_joined_is_named(file: str, text: str, said: str, folder: Path) -> None:
    """File, line and what to do."""
    (folder / file).write_text(text)
    if not said:
        assert "const d = 2;" in join(folder, "entry.js")
        return
    with pytest.raises(WidgetError, match=re.escape(said)):
        join(folder, "entry.js")


def test_every_version_is_found_whatever_server_kept_it(database_url: str, tmp_path: Path) -> None:
    """Two servers keep theirs in one database; what 0.8 kept as files is taken over, but not what has another name."""
    one, other, old = (Widget.of(f"console.log({number});") for number in range(3))
    first, second = (WidgetVersions(open_engine(database_url)) for _ in range(2))
    first.keep(one)
    second.keep(one)
    second.keep(other)
    (tmp_path / old.name).write_bytes(old.script)
    (tmp_path / f"widget-{'0' * 16}.js").write_text("console.log('not ours');", encoding="utf-8")
    first.adopt(tmp_path)
    second.adopt(tmp_path / "none")
    for store in (first, second):
        assert [store.find(widget.name) for widget in (one, other, old)] == [one, other, old]
    assert first.find(f"widget-{'0' * 16}.js") is None


def test_a_version_is_named_by_its_content() -> None:
    """Name and integrity follow the content, and what is kept is what was served."""
    widget = Widget.of("console.log('å');")
    digest = hashlib.sha384("console.log('å');".encode()).digest()
    assert widget.integrity == f"sha384-{base64.b64encode(digest).decode()}"
    assert gzip.decompress(widget.packed) == widget.script
    assert Widget.of("console.log('ä');").name != widget.name
    assert widget.integrity in snippet(widget, "https://lotsen.example.se")


def test_ours_is_light() -> None:
    """Script, styles and texts together."""
    assert len(Widget.of(join(WIDGET)).packed) <= LIMIT


def test_ours_has_the_same_texts_in_both_languages() -> None:
    """Each key in both, with the same words in braces; each that the code asks for is there, and none too many."""
    swedish, english = (
        json.loads((WIDGET / "texts" / f"{name}.json").read_text(encoding="utf-8")) for name in ("sv", "en")
    )
    assert list(swedish) == list(english)
    for key in swedish:
        assert set(re.findall(r"\{\w+\}", swedish[key])) == set(re.findall(r"\{\w+\}", english[key])), key
        assert swedish[key].strip() and english[key].strip()
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    unused = [
        key for key in swedish if not key.startswith("error_") and f'"{key}"' not in code and f" {key}: " not in code
    ]
    assert unused == []


def test_every_refusal_has_a_sentence() -> None:
    """Each code that the server refuses with."""
    texts = json.loads((WIDGET / "texts" / "sv.json").read_text(encoding="utf-8"))
    server = WIDGET.parent / "lotsen" / "channels" / "web"
    source = "\n".join(path.read_text(encoding="utf-8") for path in server.glob("*.py"))
    codes = set(re.findall(r'Refused\(\d{3}, "(\w+)"', source))
    assert len(codes) > 10
    assert {f"error_{code}" for code in codes} <= set(texts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_ours_never_makes_markup_of_text(path: Path) -> None:
    """No text becomes HTML or code, no style is set inline, no cookie is written, and nobody else is named."""
    source = path.read_text(encoding="utf-8")
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.cookie|\.style\b"
    assert re.findall(forbidden, source) == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg|lotsen\.example\.se)[\w.]+", source) == []
