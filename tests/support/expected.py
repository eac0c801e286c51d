"""The exact texts that the bot shall say, read from ``data/`` independently of the running bot."""

from __future__ import annotations

from typing import Any, Dict, List

from lotsen.content.located_yaml import read_yaml
from lotsen.content.texts import load_texts
from lotsen.settings import ROOT

_DATA = ROOT / "data"


def catalog() -> List[Dict[str, Any]]:
    """Return the rows of the catalogue."""
    return list(read_yaml(ROOT / "tests" / "content" / "catalog.yml").data)


def answers() -> Dict[str, str]:
    """Return the text of every response in ``data``, by name."""
    texts: Dict[str, str] = {}
    for path in sorted([*(_DATA / "faq").glob("*.yml"), *(_DATA / "conversation").glob("*.yml")]):
        for name, variants in ((read_yaml(path).data or {}).get("responses") or {}).items():
            texts[name] = variants[0]["text"].strip()
    return texts


def text(name: str, **values: Any) -> str:
    """Return a text of ``data/texts.yml`` with its words in braces filled in."""
    return load_texts(_DATA / "texts.yml")[name].text.format(**values).strip()
