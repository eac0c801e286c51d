"""Microsoft's own Web Chat in a browser, with a DirectLine of ours: shown what the bot posts, asked what a user sends.

It draws cards with Microsoft's renderer for the web, under the host config ``TEAMS``: ours, near to Teams' light theme.
It is not Teams: messageBack, a phone's own renderer and Teams' own fonts and colours are not seen here.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, List, Mapping

from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.browser import AXE, RULES, host_page, visit
from tests.support.npm import npm_package

BUNDLE = "dist/webchat.js"
WIDE = {"viewport": {"width": 600, "height": 900}}
PHONE = {"viewport": {"width": 320, "height": 900}}
CARD, TEXT = ".ac-adaptiveCard", ".webchat__text-content__markdown"
"""What is ours on the page; all else is Web Chat's own: its frame, the field, times, help for the keyboard."""
TALL = 8000
"""Pixels that a whole conversation has room in."""
MESSAGE = ".webchat__basic-transcript__activity"


def _style(background: str) -> Dict[str, Any]:
    """Return a container's style: its background, and the colours of text on it."""
    colours = {
        "default": "#242424",
        "accent": "#4F52B2",
        "good": "#0E700E",
        "warning": "#835B00",
        "attention": "#B10E1C",
    }
    foreground = {name: {"default": colour, "subtle": "#616161"} for name, colour in colours.items()}
    return {"backgroundColor": background, "foregroundColors": foreground}


TEAMS: Dict[str, Any] = {
    "fontFamily": "'Segoe UI', 'Noto Sans', sans-serif",
    "fontSizes": {"small": 12, "default": 14, "medium": 16, "large": 18, "extraLarge": 24},
    "fontWeights": {"lighter": 400, "default": 400, "bolder": 600},
    "lineHeights": {"small": 16, "default": 20, "medium": 22, "large": 24, "extraLarge": 32},
    "spacing": {"small": 8, "default": 12, "medium": 16, "large": 20, "extraLarge": 24, "padding": 16},
    "separator": {"lineThickness": 1, "lineColor": "#E0E0E0"},
    "containerStyles": {
        "default": _style("#FFFFFF"),
        "emphasis": _style("#F5F5F5"),
        "accent": _style("#E8EBFA"),
        "good": _style("#F1FAF1"),
        "warning": _style("#FFF9F5"),
        "attention": _style("#FDF3F4"),
    },
    "actions": {
        "maxActions": 6,
        "spacing": "medium",
        "buttonSpacing": 8,
        "actionsOrientation": "horizontal",
        "actionAlignment": "left",
    },
    "factSet": {"title": {"weight": "bolder", "wrap": True, "maxWidth": 150}, "value": {"wrap": True}, "spacing": 16},
    "supportsInteractivity": True,
}
LOOK = {
    "backgroundColor": "#F5F5F5",
    "primaryFont": "'Segoe UI', 'Noto Sans', sans-serif",
    "bubbleBorderColor": "#E0E0E0",
    "bubbleBorderRadius": 6,
    "bubbleMaxWidth": 540,
    "bubbleFromUserBackground": "#E8EBFA",
    "bubbleFromUserBorderRadius": 6,
    "hideUploadButton": True,
    "timestampColor": "#616161",
}
"""Web Chat's own options."""
PAGE = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>Lotsen i Teams</title><style>
  html, body, main { height: 100%; margin: 0 }
  .ac-pushButton { min-height: 32px; padding: 5px 12px; border: 1px solid #d1d1d1 !important; border-radius: 4px;
    background: #fff !important; color: #242424 !important; font: 600 14px/20px 'Segoe UI', 'Noto Sans', sans-serif }
  .ac-selectable { border-radius: 4px }
  .webchat__text-content { font-size: 14px !important; line-height: 20px !important }
</style></head><body><main></main></body></html>"""
BEGIN = """([look, hostConfig]) => {
  const sinks = new Set();
  const observable = (begin) => ({
    subscribe(next, error, complete) {
      const sink = typeof next === "function" ? {next, error, complete} : next;
      begin(sink);
      return {unsubscribe: () => sinks.delete(sink)};
    },
  });
  const tell = (activity) => sinks.forEach((sink) => sink.next(activity));
  const posted = [];
  const postActivity = (activity) => observable((sink) => {
    const id = `user-${posted.push(activity)}`;
    sink.next(id);
    sink.complete?.();
    tell({...activity, id, timestamp: new Date().toISOString()});
  });
  const directLine = {
    connectionStatus$: observable((sink) => [0, 1, 2].forEach((status) => sink.next(status))),
    activity$: observable((sink) => sinks.add(sink)),
    postActivity,
    end() {},
  };
  window.told = {tell, posted, listening: () => sinks.size > 0};
  WebChat.renderWebChat(
    {directLine, locale: "sv-SE", userID: "user", styleOptions: look, adaptiveCardsHostConfig: hostConfig},
    document.querySelector("main"),
  );
}"""


class WebChat:
    """An open chat."""

    def __init__(self, page: Page) -> None:
        """Use a page in which Web Chat is drawn."""
        self.page = page
        self.foreign: List[str] = []
        """Where the page has tried to go: nothing gets there."""
        self._told = 0

    def refuse(self, route: Route) -> None:
        """Let no request out, and note where it was to go."""
        self.foreign.append(route.request.url)
        route.abort()

    def tell(self, activity: Mapping[str, Any], role: str = "bot") -> Locator:
        """Hand in what the bot posts, or what the ``user`` wrote; return how that is shown: the card, or the text."""
        self._told += 1
        address = {"channelId": "directline", "conversation": {"id": "chat"}, "from": {"id": role, "role": role}}
        at = datetime.now(timezone.utc).isoformat()
        self.page.evaluate("told.tell", {**activity, **address, "id": f"told-{self._told}", "timestamp": at})
        messages = self.page.locator(MESSAGE)
        expect(messages).to_have_count(self._told)
        shown = messages.last.locator(CARD if activity.get("attachments") else TEXT)
        expect(shown).to_be_visible()
        return shown

    def posted(self) -> List[Dict[str, Any]]:
        """Return what the user has sent."""
        return list(self.page.evaluate("told.posted"))

    def press(self, card: Locator, title: str) -> Dict[str, Any]:
        """Press a button of a card; return the activity that Web Chat sends."""
        sent = len(self.posted())
        card.get_by_role("button", name=title, exact=True).click()
        self.page.wait_for_function("sent => told.posted.length > sent", arg=sent)
        return self.posted()[-1]

    def fit(self) -> None:
        """Make the page as high as what it shows."""
        self.stretch(TALL)
        above = self.page.get_by_role("feed").evaluate("feed => feed.getBoundingClientRect().top")
        self.stretch(TALL - round(above))

    def stretch(self, height: int) -> None:
        """Make the page so many pixels high."""
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({"width": size["width"], "height": height})


def violations(chat: WebChat) -> List[str]:
    """Return what axe-core finds wrong in our cards and texts, with where; Web Chat's own frame is left out."""
    chat.stretch(TALL)  # axe-core sees no colours out of view.
    ours = [[where] for where in (CARD, TEXT) if chat.page.locator(where).count()]
    found = AXE.run(chat.page, context={"include": ours}, options=RULES).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html']}" for one in found for node in one["nodes"]]


def cut_off(shown: Locator) -> List[str]:
    """Return what of a card has no room: wider than its place, or than the page."""
    return list(
        shown.evaluate(
            """(card) => [card, ...card.querySelectorAll("*")].filter((one) => {
              const {left, right} = one.getBoundingClientRect();
              return one.scrollWidth > one.clientWidth + 1 && one.clientWidth || left < 0 || right > innerWidth;
            }).map((one) => one.outerHTML.slice(0, 200))"""
        )
    )


@contextmanager
def web_chat(browser: Browser, **options: Any) -> Iterator[WebChat]:
    """Open Web Chat in Swedish. A fault in its console, or a request to anything but this page, fails the test."""
    bundle = npm_package("botframework-webchat") / BUNDLE
    with host_page(PAGE, "", 0) as host, visit(browser, host.address, "http", **options) as page:
        chat = WebChat(page)
        page.route(re.compile(r"https?://"), chat.refuse)
        page.add_script_tag(path=bundle)
        page.evaluate(BEGIN, [LOOK, TEAMS])
        page.wait_for_function("told.listening()")
        yield chat
        assert chat.foreign == []
