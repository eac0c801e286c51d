"""The documentation is held to the code: settings, commands, guide fields, actions, and every path and link in it."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Dict, Iterator, List, Set, Tuple

import pytest

from lotsen.channels.teams import config, package
from lotsen.cli import _parser
from lotsen.content.located_yaml import read_yaml
from lotsen.desk.access.config import TRIAGE_OPTIONS
from lotsen.guides.loader import GUIDE_FIELDS
from lotsen.guides.model import FAILED, SOLVED, StepKind
from lotsen.guides.notes import FORMATS
from lotsen.guides.step_reader import ANSWER_FIELDS, OUTCOMES, STEP_FIELDS, VARIANT_FIELDS
from lotsen.options import Option
from lotsen.service_desks.config import desk_settings
from lotsen.settings import ROOT, SETTINGS, Setting

DOCS = ROOT / "docs"
PAGES: List[Path] = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
NEEDED = ("content-owner.md", "support-desk.md", "operator.md", "developer.md")

_FENCE = re.compile(r"^ *```.*?^ *```[^\n]*$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(?P<title>.+)$", re.MULTILINE)
_SETTING_ROW = re.compile(r"^\| `(?P<name>LOTSEN_\w+)` \| (?P<default>[^|]*?) \|", re.MULTILINE)
_MAKE_TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
_PATH = re.compile(r"[\w.*<>-]+(/[\w.*<>-]+)*/?")
_ENDINGS = (".yml", ".py", ".md")


def read(page: Path) -> str:
    """Return a page's text."""
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """Return a page's text without its blocks of code."""
    return _FENCE.sub("", read(page))


def all_pages() -> str:
    """Return the text of README.md and all pages in docs/."""
    return "\n".join(read(page) for page in PAGES)


def sub_commands() -> List[str]:
    """Return the names of the sub-commands of ``lotsen``."""
    groups = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return sorted(name for group in groups for name in group.choices)


def guide_words() -> List[str]:
    """Return every word that a guide file can be written with: fields, outcomes, forms, and answers with a meaning."""
    fields: Set[str] = {*GUIDE_FIELDS, *VARIANT_FIELDS}.union(*STEP_FIELDS.values(), *ANSWER_FIELDS.values())
    return sorted({*fields, *OUTCOMES, *FORMATS, SOLVED, FAILED})


def anchors(page: Path) -> Set[str]:
    """Return what a link to a heading of the page is called, by GitHub's rule."""
    titles = (found["title"].lower() for found in _HEADING.finditer(prose(page)))
    return {re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles}


def built_folders() -> Tuple[str, ...]:
    """Return the folders that .gitignore leaves out: a fresh checkout has none of them."""
    lines = read(ROOT / ".gitignore").splitlines()
    return tuple(line.rstrip("/") for line in lines if line.endswith("/") and "*" not in line)


def named_paths() -> Iterator[Tuple[Path, str]]:
    """Yield each page with each path of this repository that it names in backticks."""
    built = built_folders()
    values = {setting.default for setting in SETTINGS}
    for page in PAGES:
        for word in sorted(set(_CODE.findall(prose(page)))):
            looks_like_path = _PATH.fullmatch(word) and ("/" in word or word.endswith(_ENDINGS))
            if looks_like_path and word not in values and word.split("/")[0] not in built:
                yield page, word


def relative_links() -> Iterator[Tuple[Path, str]]:
    """Yield each page with each of its links that stays in the repository."""
    for page in PAGES:
        for target in sorted({found["target"] for found in _LINK.finditer(_CODE.sub("", prose(page)))}):
            if not re.match(r"[a-z]+:", target):
                yield page, target


def tree() -> List[str]:
    """Return the paths in the tree of docs/developer.md; two spaces of indent are one level."""
    block = _FENCE.search(read(DOCS / "developer.md"))
    assert block is not None, "docs/developer.md has no tree"
    paths: List[str] = []
    above: Dict[int, str] = {-1: ""}
    for line in block[0].splitlines()[1:-1]:
        level = (len(line) - len(line.lstrip())) // 2
        above[level] = above[level - 1] + line.split()[0]
        paths.append(above[level])
    return paths


@pytest.mark.parametrize("name", NEEDED)
def test_every_reader_has_a_page(name: str) -> None:
    """Content owner, support desk, operator and developer each find their page."""
    assert read(DOCS / name).startswith("# ")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_setting_is_documented(setting: Setting) -> None:
    """docs/operator.md has a row for the setting, with its default."""
    rows = {found["name"]: found["default"] for found in _SETTING_ROW.finditer(read(DOCS / "operator.md"))}
    assert rows.get(setting.name) == (f"`{setting.default}`" if setting.default else "(empty)")


DESK_SETTINGS = [option for options in desk_settings().values() for option in options]
TEAMS_SETTINGS = [*config.SETTINGS, *package.SETTINGS]
OPTIONS = [
    *(("service-desks.md", option) for option in DESK_SETTINGS),
    *(("teams-channel.md", option) for option in TEAMS_SETTINGS),
]


@pytest.mark.parametrize(("page", "option"), OPTIONS, ids=[option.name for _, option in OPTIONS])
def test_option_is_documented(page: str, option: Option) -> None:
    """The page of desks has a row for each desk's setting, that of Teams for each of its own, with the default."""
    rows = {found["name"]: found["default"] for found in _SETTING_ROW.finditer(read(DOCS / page))}
    assert rows.get(option.name) == (f"`{option.default}`" if option.default else "(empty)")


@pytest.mark.parametrize("page", ["operator.md", "service-desks.md", "teams-channel.md", "teams-administrator.md"])
def test_no_documented_setting_is_unknown(page: str) -> None:
    """Every LOTSEN_* variable that operators read of is one that is read."""
    parts = (*DESK_SETTINGS, *TEAMS_SETTINGS, *TRIAGE_OPTIONS)
    known = {setting.name for setting in (*SETTINGS, *parts)}
    known |= {f"{option.name}_FILE" for option in (*SETTINGS, *parts) if option.secret}
    assert set(re.findall(r"LOTSEN_\w*[A-Z](?!\w|\.\.)", read(DOCS / page))) <= known


@pytest.mark.parametrize("command", sub_commands())
def test_command_is_documented(command: str) -> None:
    """README.md or a page in docs/ tells of the sub-command."""
    assert re.search(rf"\blotsen {command}\b", all_pages())


@pytest.mark.parametrize("target", _MAKE_TARGET.findall(read(ROOT / "Makefile")))
def test_make_target_is_documented(target: str) -> None:
    """README.md or a page in docs/ tells of the make target."""
    assert re.search(rf"\bmake {target}\b", all_pages())


@pytest.mark.parametrize("kind", StepKind, ids=lambda kind: kind.value)
def test_step_kind_has_an_example(kind: StepKind) -> None:
    """docs/content-owner.md has a heading and an example for the step kind."""
    page = read(DOCS / "content-owner.md")
    assert f"### `{kind.value}`" in page
    assert f"  kind: {kind.value}\n" in page


@pytest.mark.parametrize("word", guide_words())
def test_guide_word_is_documented(word: str) -> None:
    """docs/content-owner.md tells of every field, outcome and reply that a guide file can have."""
    assert f"`{word}`" in read(DOCS / "content-owner.md")


@pytest.mark.parametrize("action", read_yaml(ROOT / "domain.yml").data["actions"])
def test_action_is_documented(action: str) -> None:
    """docs/developer.md has a row for the action."""
    assert f"| `{action}` |" in read(DOCS / "developer.md")


@pytest.mark.parametrize("path", tree())
def test_tree_is_true(path: str) -> None:
    """What the tree in docs/developer.md shows is there, and folders are shown as folders."""
    assert (ROOT / path).exists()
    assert (ROOT / path).is_dir() == path.endswith("/")


def test_tree_has_every_room() -> None:
    """No package of lotsen and no module of actions is missing from the tree in docs/developer.md."""
    rooms = {f"lotsen/{init.parent.name}/" for init in (ROOT / "lotsen").glob("*/__init__.py")}
    modules = {f"actions/{module.name}" for module in (ROOT / "actions").glob("*.py") if module.name != "__init__.py"}
    assert (rooms | modules) - set(tree()) == set()


@pytest.mark.parametrize(
    ("page", "path"), [pytest.param(*pair, id=f"{pair[0].name}:{pair[1]}") for pair in named_paths()]
)
def test_named_path_exists(page: Path, path: str) -> None:
    """A path in backticks is there, counted from the root; ``<word>`` in it stands for any name."""
    pattern = re.sub(r"<[^>]*>", "*", path).rstrip("/")
    assert (ROOT / pattern).exists() or list(ROOT.glob(pattern)), f"{page.name} names {path}, which is not there"


@pytest.mark.parametrize(
    ("page", "target"), [pytest.param(*pair, id=f"{pair[0].name}:{pair[1]}") for pair in relative_links()]
)
def test_link_leads_somewhere(page: Path, target: str) -> None:
    """A link within the repository has its file, and its heading if it names one."""
    name, _, anchor = target.partition("#")
    path = page.parent / name if name else page
    assert path.exists(), f"{page.name} links to {target}, which is not there"
    if anchor:
        assert anchor in anchors(path), f"{page.name} links to {target}, but {path.name} has no such heading"
