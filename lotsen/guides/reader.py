"""Reading fields of a guide's document, collecting problems instead of stopping at the first."""

from __future__ import annotations

from typing import Any, Collection, Dict, List, Mapping, Optional, Tuple

from lotsen.content.located_yaml import Document, Key
from lotsen.content.problems import Problem, did_you_mean

Where = Tuple[Key, ...]


class Reader:
    """One document, and what is wrong with it so far. Paths (``Where``) lead to the value that a problem is about."""

    def __init__(self, document: Document) -> None:
        """Start with no problems."""
        self.document = document
        self.problems: List[Problem] = []

    def wrong(self, message: str, *path: Key) -> None:
        """Add a problem."""
        self.problems.append(self.document.problem(message, *path))

    def unknown(self, mapping: Mapping[str, Any], known: Collection[str], path: Where) -> None:
        """Refuse fields that nobody reads."""
        for name in mapping:
            if name not in known:
                self.wrong(f"Okänt fält: '{name}'.{did_you_mean(name, known)}", *path, name)

    def text(self, mapping: Mapping[str, Any], name: str, path: Where) -> str:
        """Return the text of a field that must be there."""
        value = mapping.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        missing = "saknas" if name not in mapping else "är tomt"
        self.wrong(f"Fältet '{name}' {missing}. Skriv '{name}: ...'.", *path, name)
        return ""

    def optional(self, mapping: Mapping[str, Any], name: str, path: Where) -> Optional[str]:
        """Return the text of a field that may be left out."""
        return self.text(mapping, name, path) if name in mapping else None

    def texts(self, mapping: Mapping[str, Any], name: str, path: Where) -> Tuple[str, ...]:
        """Return the texts of a list that may be left out; a single text is a list of one."""
        value = mapping.get(name, [])
        listed = [value] if isinstance(value, str) else value
        if isinstance(listed, list) and all(isinstance(text, str) and text.strip() for text in listed):
            return tuple(text.strip() for text in listed)
        self.wrong(f"'{name}' ska vara en text eller en lista med texter.", *path, name)
        return ()

    def pairs(self, mapping: Mapping[str, Any], name: str, path: Where) -> Dict[str, str]:
        """Return texts by name, as ``{browser: Edge}``, that may be left out."""
        value = mapping.get(name, {})
        if isinstance(value, dict) and all(isinstance(text, str) and text.strip() for text in value.values()):
            return dict(value)
        self.wrong(f"Under '{name}' ska det stå 'namn: värde', ett på varje rad.", *path, name)
        return {}

    def choice(self, mapping: Mapping[str, Any], name: str, allowed: Collection[str], path: Where) -> Optional[str]:
        """Return a field that must be one of some words, or None if it is left out or wrong."""
        if name not in mapping:
            return None
        written = self.text(mapping, name, path)
        if written and written not in allowed:
            self.wrong(f"'{name}' kan inte vara '{written}'.{did_you_mean(written, allowed)}", *path, name)
            return None
        return written or None
