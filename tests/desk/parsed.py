"""A page read as a strict browser reads it: what is open is closed, and what the rules of our pages forbid is named."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Dict, List, Optional, Set, Tuple

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
LABELLED = frozenset({"input", "select", "textarea"})
UNSEEN = frozenset({"hidden", "submit", "button", "reset"})
REFERRING = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")


class Parsed(HTMLParser):
    """A page, and its faults in words."""

    def __init__(self, html: str, part: bool = False) -> None:
        """Read it; ``part``: it is no whole page, but a part of one, so it may name what stands elsewhere."""
        super().__init__(convert_charrefs=True)
        self.faults: List[str] = []
        self.ids: Set[str] = set()
        self.headings: List[str] = []
        self._open: List[str] = []
        self._in_label = 0
        self._fields: List[Tuple[str, Dict[str, Optional[str]], bool]] = []
        self._refers: List[Tuple[str, str]] = []
        self._for: Set[str] = set()
        self._buttons: List[Tuple[str, List[str]]] = []
        self.feed(html)
        self.close()
        self._finish(part)

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        names = [name for name, _ in attrs]
        attributes = dict(attrs)
        self._check(tag, names, attributes)
        if tag in LABELLED and attributes.get("type") not in UNSEEN:
            self._fields.append((tag, attributes, self._in_label > 0))
        if tag == "label":
            self._in_label += 1
            self._for.add(attributes.get("for") or "")
        if tag in ("button", "a") and (tag == "button" or "href" in attributes):
            self._buttons.append((tag, [attributes.get("aria-label") or ""]))
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(tag)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            self.faults.append(f"</{tag}> closes what has no end")
            return
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:] or 'nothing'} ({self.getpos()})")
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "label":
            self._in_label -= 1

    def handle_data(self, data: str) -> None:
        if self._buttons and data.strip() and {"button", "a"} & set(self._open):
            self._buttons[-1][1].append(data)
        if self._open and self._open[-1] in ("script", "style") and data.strip():
            self.faults.append(f"<{self._open[-1]}> has something in it: {data[:40]}")

    def _check(self, tag: str, names: List[str], attributes: Dict[str, Optional[str]]) -> None:
        for name, value in attributes.items():
            if name == "style" or name.startswith(("on", "hx-on")) or (name == "hx-vals" and "js:" in (value or "")):
                self.faults.append(f"<{tag}> has {name}")
            if name in ("href", "src", "action", "hx-get", "hx-post"):
                self._address(tag, name, value or "")
            if name in REFERRING:
                self._refers += [(name, id) for id in (value or "").split()]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice: {names}")
        if tag == "style" or (tag == "script" and not attributes.get("src")):
            self.faults.append(f"<{tag}> is inline")
        if "id" in attributes:
            id = attributes["id"] or ""
            if id in self.ids or not id or " " in id:
                self.faults.append(f"id {id!r} is there twice, or is none")
            self.ids.add(id)

    def _address(self, tag: str, name: str, value: str) -> None:
        if value.startswith(("javascript:", "data:", "//")) or (tag in ("script", "link") and "://" in value):
            self.faults.append(f"<{tag} {name}={value[:40]}>")

    def _finish(self, part: bool) -> None:
        self.faults += [f"<{tag}> is not closed" for tag in self._open]
        for tag, attributes, within in self._fields:
            named = within or attributes.get("id") in self._for or attributes.get("aria-label")
            if not (named or attributes.get("aria-labelledby")):
                self.faults.append(f"<{tag} name={attributes.get('name')}> has no label")
        for tag, texts in self._buttons:
            if not "".join(texts).strip():
                self.faults.append(f"a <{tag}> says nothing")
        if part:
            return
        self.faults += [f"{name} names #{id}, which is not there" for name, id in self._refers if id not in self.ids]
        if self.headings.count("h1") != 1:
            self.faults.append(f"{self.headings.count('h1')} h1")
