"""What the bot says as Teams shows it: plain text, or an Adaptive Card where there is something to choose. Pure.

Adaptive Cards 1.5, as Teams shows on the desktop and on phones. A button is an ``Action.Submit`` with Teams'
messageBack, so that what was chosen is seen in the conversation. It carries the choice's id, never its payload. A card
also says in plain text what it shows, for clients and notifications that show none.

Nothing depends on how wide a client is: renderers cut off buttons that have no room beside each other, and squeeze the
titles of a FactSet, so buttons stand in lines that fit a phone, and facts are lines of text.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any, Callable, Dict, List, Mapping, Tuple

from lotsen.channels.chat.message import ChatMessage
from lotsen.channels.teams.bar import HEIGHT, WIDTH, progress_bar

LOCALE = "sv-SE"
LINE, AROUND = 34, 4
"""Characters that a phone has room for beside each other in buttons, and how many of them a button's frame takes."""
MAX_SUMMARY = 200
MAX_BYTES = 27_000
"""Teams takes messages of about 28 KB; a card over this repeats only its beginning as plain text."""
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
Button = Tuple[str, str]
"""A choice's id and title."""
_FACT = re.compile(r"\*\*[^*\n]+:\*\*")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.) ")
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_ADDRESS = re.compile(rf"{_LINK.pattern}|https?://[^\s<>()\[\]]*[^\s<>()\[\].,:;!?'\"”]")
_HTML = re.compile(r"<(?=[a-zA-Z/!?])|&(?=#?\w+;)")
_STYLES = {"preview": "emphasis", "receipt": "good"}


def activity(message: ChatMessage) -> Dict[str, Any]:
    """Return a message as Teams gets it."""
    if not (message.choices or message.step or message.card):
        return text_activity(message)
    shown = card(message)
    written = {
        "type": "message",
        "locale": LOCALE,
        "summary": _summary(message.text),
        "attachments": [{"contentType": CARD_TYPE, "content": shown}],
    }
    if len(json.dumps(written)) > MAX_BYTES:
        shown["fallbackText"] = written["summary"]
    return written


def text_activity(message: ChatMessage) -> Dict[str, Any]:
    """Return a message as text alone; what can be chosen is listed, to be written. The desk's has the name in front."""
    if message.name:
        # A person's words are no Markdown: Teams shows them as they were written.
        text = f"{message.name}:\n\n{message.text}"
        return {"type": "message", "locale": LOCALE, "textFormat": "plain", "text": text}
    parts = [part for text in (message.text, _listed(message)) for paragraph in _paragraphs(text) for part in paragraph]
    spread = "\n\n".join(parts).replace("\r", "\n")
    written = _escaped(spread, lambda text: html.escape(text, quote=False), bare="{0}")
    return {"type": "message", "locale": LOCALE, "textFormat": "markdown", "text": written}


def typing() -> Dict[str, Any]:
    """Return the sign that the bot is at work."""
    return {"type": "typing", "locale": LOCALE}


def card(message: ChatMessage) -> Dict[str, Any]:
    """Return a message as an Adaptive Card."""
    first, *rest = _blocks(message.text)
    body = [first, *rest]
    if message.step is not None:
        heading = {**first, "text": first["text"].replace("**", ""), "weight": "Bolder", "color": "Accent"}
        body = [heading, _progress(message.step, heading["text"]), *rest]
    style = _STYLES.get(message.card)
    if style is not None:
        body = [{"type": "Container", "style": style, "bleed": True, "items": body}]
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "lang": "sv",
        "fallbackText": plain(message),
        "body": [*body, *_buttons(message)],
    }


def plain(message: ChatMessage) -> str:
    """Return all that a card says as plain text, its buttons too."""
    text = _LINK.sub(r"\1 (\2)", message.text).replace("**", "")
    return "\n\n".join(filter(None, (text, _listed(message))))


def _listed(message: ChatMessage) -> str:
    return "\n".join(f"- {choice.title}" for choice in message.choices)


def _buttons(message: ChatMessage) -> List[Dict[str, Any]]:
    """Return what can be chosen: buttons in lines, or a row for each if hardly two would stand beside each other."""
    buttons = [(f"{message.id}.{place}", choice.title) for place, choice in enumerate(message.choices)]
    lines = _lines(buttons)
    together = all(len(title) + AROUND <= LINE for _, title in buttons) and 2 * len(lines) <= len(buttons) + 1
    shown = [_line(line) for line in lines] if together else [_row(*button) for button in buttons]
    return [{**one, "spacing": "Small" if number else "Medium"} for number, one in enumerate(shown)]


def _lines(buttons: List[Button]) -> List[List[Button]]:
    """Return buttons in lines that a phone has room for."""
    lines: List[List[Button]] = []
    room = 0
    for button in buttons:
        needed = len(button[1]) + AROUND
        if not lines or needed > room:
            lines.append([])
            room = LINE
        lines[-1].append(button)
        room -= needed
    return lines


def _line(buttons: List[Button]) -> Dict[str, Any]:
    return {"type": "ActionSet", "actions": [_submit(*button) for button in buttons]}


def _row(id: str, title: str) -> Dict[str, Any]:
    """Return a button with room for a long title, which is wrapped."""
    return {
        "type": "Container",
        "style": "emphasis",
        "selectAction": _submit(id, title),
        "items": [{**_block(title, "None"), "weight": "Bolder", "color": "Accent"}],
    }


def _submit(id: str, title: str) -> Dict[str, Any]:
    """Return a button. A client that does not know ``msteams`` sends the whole of ``data``: both have the choice."""
    back = {"type": "messageBack", "displayText": title, "text": title, "value": {"choice": id}}
    return {"type": "Action.Submit", "title": title, "data": {"choice": id, "msteams": back}}


def _progress(step: Mapping[str, int], heading: str) -> Dict[str, Any]:
    """Return a bar that shows how far a guide has come; it is read out as the ``heading`` before it."""
    bar = progress_bar(step["number"], step["total"])
    size = {"width": f"{WIDTH // 2}px", "height": f"{HEIGHT // 2}px"}
    return {"type": "Image", "url": bar, "altText": heading, "spacing": "Small", **size}


def _blocks(text: str) -> List[Dict[str, Any]]:
    """Return a text's paragraphs, lists, and lines that say what something is, as blocks of a card."""
    blocks: List[Dict[str, Any]] = []
    for first, *rest in _paragraphs(text):
        blocks.append(_block(first, "Medium"))
        blocks += [_block(part, "Small" if _FACT.match(part) or _ITEM.match(part) else "None") for part in rest]
    return blocks or [_block("", "None")]


def _block(text: str, spacing: str) -> Dict[str, Any]:
    written = _escaped(text, lambda part: _HTML.sub(lambda found: html.escape(found[0]), part), bare="[{0}]({0})")
    return {"type": "TextBlock", "text": written, "wrap": True, "spacing": spacing}


def _paragraphs(text: str) -> List[List[str]]:
    """Return the lines of each paragraph, those of a list as one: Markdown shows no other line break."""
    paragraphs: List[List[str]] = [[]]
    for line in re.split(r"\r\n?|\n", text):
        parts = paragraphs[-1]
        if not line.strip():
            paragraphs.append([])
        elif parts and _ITEM.match(line) and _ITEM.match(parts[-1]):
            parts[-1] += f"\r{line.rstrip()}"
        else:
            parts.append(line.strip())
    return list(filter(None, paragraphs))


def _escaped(text: str, escape: Callable[[str], str], bare: str) -> str:
    """Return ``text`` with ``escape`` done to all but the addresses of links; ``bare`` is one without a title."""
    written, at = "", 0
    for found in _ADDRESS.finditer(text):
        link = f"[{escape(found[1])}]({found[2]})" if found[1] else bare.format(found[0])
        written, at = written + escape(text[at : found.start()]) + link, found.end()
    return written + escape(text[at:])


def _summary(text: str) -> str:
    """Return the beginning of a text, as a notification shows it."""
    line = " ".join(_LINK.sub(r"\1", text).replace("**", "").split())
    return line if len(line) <= MAX_SUMMARY else f"{line[: MAX_SUMMARY - 1].rstrip()}…"
