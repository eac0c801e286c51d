"""The widget for everyone: axe-core on every state, and what it can't test (the table in docs/accessibility.md)."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Tuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import FIELD, OPEN, bubbles, contrast, focused, open_chat, press, violations, visit, write
from tests.support.running import RunningLotsen

pytestmark = pytest.mark.browser
GUIDE = "det står webbsidan kan inte visas"


def _answer(page: Page) -> None:
    write(page, "Hur går gallring till?")
    page.get_by_role("button", name="Svaret hjälpte inte").click()
    expect(page.get_by_label("Vill du säga något mer?")).to_be_visible()


def _guide(page: Page) -> None:
    write(page, GUIDE)
    press(page, "Klart")
    expect(page.get_by_role("progressbar", name="Steg 2 av 8")).to_be_visible()


def _error(page: Page) -> None:
    write(page, " ")
    expect(page.locator("[role=alert]")).to_have_text("Skriv något först.")


def _number(page: Page) -> None:
    write(page, "19121212-1212")
    expect(page.get_by_role("alertdialog")).to_be_visible()


def _restart(page: Page) -> None:
    page.get_by_label(FIELD).fill("")
    page.get_by_role("button", name="Börja om").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()


def _menu(page: Page) -> None:
    page.get_by_role("button", name="Mer", exact=True).click()


def _english(page: Page) -> None:
    _menu(page)
    page.get_by_role("button", name="English").click()


def _swedish(page: Page) -> None:
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Svenska").click()


def _lost(page: Page) -> None:
    page.context.set_offline(True)
    write(page, "hej")
    expect(page.get_by_role("button", name="Försök nu")).to_be_visible()


def _stay(page: Page) -> None:
    """Leave the state as it is."""


def _escape(page: Page) -> None:
    page.keyboard.press("Escape")


State = Tuple[Callable[[Page], None], Callable[[Page], None]]
STATES: Dict[str, State] = {
    "closed": (_stay, open_chat),
    "open": (_stay, _stay),
    "answer and feedback": (_answer, _stay),
    "guide with buttons": (_guide, _stay),
    "error": (_error, _stay),
    "personal number": (_number, _escape),
    "start over": (_restart, _escape),
    "menu": (_menu, _escape),
    "english": (_english, _swedish),
    "contact lost": (_lost, _stay),
}
"""How each state is come to from the one before, and left for the next."""
LOOKS: Dict[str, Dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "320 px": {"viewport": {"width": 320, "height": 568}},
    "400 %": {"viewport": {"width": 320, "height": 256}},
}


@pytest.fixture(params=LOOKS.values(), ids=LOOKS.keys())
def look(request: pytest.FixtureRequest) -> Dict[str, Any]:
    """How the browser shows pages."""
    return dict(request.param)


def test_axe_finds_nothing(look: Dict[str, Any], browser: Browser, lotsen: RunningLotsen) -> None:
    """No violation of WCAG 2.2 A and AA nor of best practice in any state, nothing to be scrolled sideways (1.4.10)."""
    with visit(browser, lotsen.front, **look) as page:
        for name, (enter, leave) in STATES.items():
            enter(page)
            assert violations(page) == [], name
            assert sideways(page) == [], name
            leave(page)


def test_axe_finds_nothing_on_the_page_of_its_own(browser: Browser, lotsen: RunningLotsen) -> None:
    """The page that is only a chat."""
    with visit(browser, f"{lotsen.base}/") as page:
        expect(bubbles(page)).to_have_count(1)
        assert violations(page) == []


def test_axe_would_find_something(page: Page) -> None:
    """The check can fail: a button without a name inside the widget is seen."""
    page.evaluate(
        "document.querySelector('lotsen-chat').shadowRoot.querySelector('.close').removeAttribute('aria-label')"
    )
    page.evaluate("document.querySelector('lotsen-chat').shadowRoot.querySelector('.close').removeAttribute('title')")
    assert any(found.startswith("button-name") for found in violations(page))


def sideways(page: Page) -> List[str]:
    """Return what is wider than its room, but for a code example that scrolls by itself."""
    return list(
        page.evaluate(
            """() => {
              const root = document.querySelector("lotsen-chat").shadowRoot;
              const wide = (element) => element.scrollWidth > element.clientWidth + 1;
              const boxes = root.querySelectorAll(".panel, [role=log], article, .header, form");
              return [document.documentElement, ...boxes].filter((one) => one.clientWidth && wide(one))
                .map((one) => one.localName + "." + one.className);
            }"""
        )
    )


def test_text_spacing(browser: Browser, lotsen: RunningLotsen) -> None:
    """1.4.12: with wide lines, words and letters nothing is cut off or lies over something else."""
    with visit(browser, lotsen.front, viewport={"width": 320, "height": 568}) as page:
        open_chat(page)
        _guide(page)
        page.evaluate(
            """() => {
              const sheet = new CSSStyleSheet();
              sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
                word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
              const root = document.querySelector("lotsen-chat").shadowRoot;
              root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
            }"""
        )
        assert sideways(page) == []
        cut = page.evaluate(
            """() => [...document.querySelector("lotsen-chat").shadowRoot.querySelectorAll("button, article")]
              .filter((one) => one.clientHeight && one.scrollHeight > one.clientHeight + 2)
              .map((one) => one.textContent)"""
        )
        assert cut == []


def test_each_reply_is_announced_once(page: Page) -> None:
    """4.1.3: a reply of several messages is one addition to the log; the user's own words are none; nor is a reload."""
    page.evaluate(
        """() => {
          window.announced = [];
          const log = document.querySelector("lotsen-chat").shadowRoot.querySelector("[role=log]");
          new MutationObserver((records) => {
            for (const record of records) for (const node of record.addedNodes) {
              const heard = record.target === log && node.ariaLive !== "off" && log.ariaLive !== "off";
              if (heard) announced.push(node.className);
            }
          }).observe(log, {childList: true, subtree: true});
        }"""
    )
    write(page, GUIDE)
    expect(bubbles(page)).to_have_count(4)
    assert page.evaluate("announced") == ["reply"]
    press(page, "Klart")
    expect(bubbles(page)).to_have_count(5)
    assert page.evaluate("announced") == ["reply", "reply"]
    log = page.get_by_role("log", name="Samtal")
    expect(log).to_have_attribute("role", "log")
    assert log.get_attribute("aria-live") is None


def test_typing_is_said_once_and_errors_are_alerts(page: Page) -> None:
    """4.1.3: "Lotsen skriver …" is set once in a turn; an error is a role=alert that is there before its text."""
    page.evaluate(
        """() => {
          window.said = [];
          const status = document.querySelector("lotsen-chat").shadowRoot.querySelector(".panel [role=status]");
          const note = () => said.push(status.textContent);
          new MutationObserver(note).observe(status, {childList: true, characterData: true});
        }"""
    )
    page.route("**/chat/events*", lambda route: route.continue_())
    write(page, "vad är ett moment?")
    expect(bubbles(page)).to_have_count(2)
    expect(page.locator(".dots")).to_be_hidden()
    said = page.evaluate("said")
    assert said.count("Lotsen skriver …") <= 1
    assert page.locator("[role=alert]").count() == 1
    write(page, " ")
    expect(page.get_by_role("alert")).to_have_text("Skriv något först.")


def test_everything_by_keyboard(browser: Browser, lotsen: RunningLotsen) -> None:
    """2.1.1, 2.1.2, 2.4.3: Tab goes in the order that is seen, out at the end, and back; Enter and Esc do the rest."""
    with visit(browser, lotsen.front) as page:
        page.get_by_role("button", name=OPEN).focus()
        page.keyboard.press("Enter")
        expect(bubbles(page)).to_have_count(1)
        assert focused(page).startswith(FIELD)
        page.get_by_role("button", name="Börja om").focus()
        order = [focused(page)]
        for _ in range(8):
            page.keyboard.press("Tab")
            order.append(focused(page))
        assert order[:4] == ["Börja om", "Mer", "Stäng chatten", "Samtal"]
        assert order[4:7] == ["Jag kan inte logga in", "Visa alla frågor", "Kontakta IT kundservice"]
        assert order[7].startswith(FIELD) and order[8] == "Skicka"
        page.keyboard.press("Tab")
        assert focused(page) not in order, "the focus must leave the chat at its end"
        page.get_by_role("button", name="Mer").focus()
        page.keyboard.press("Enter")
        assert focused(page) == "Kopiera samtalet"
        page.keyboard.press("Escape")
        assert focused(page) == "Mer"
        page.keyboard.press("Escape")
        assert focused(page) == OPEN


def test_focus_is_never_lost(page: Page) -> None:
    """2.4.3: after a choice the focus is on it, and Tab leads to the new reply's buttons; it is never on the body."""
    write(page, GUIDE)
    expect(bubbles(page)).to_have_count(4)
    page.locator(".choices").get_by_role("button", name="Klart").focus()
    page.keyboard.press("Enter")
    expect(bubbles(page).last).to_contain_text("Steg 2 av 8")
    assert focused(page).startswith("Klart")
    page.keyboard.press("Tab")
    at = page.evaluate("document.querySelector('lotsen-chat').shadowRoot.activeElement.closest('article').textContent")
    assert "Steg 2 av 8" in at
    page.get_by_role("button", name="Börja om").click()
    assert focused(page) == "Ja, börja om"
    page.keyboard.press("Enter")
    expect(bubbles(page)).to_have_count(1)
    assert focused(page).startswith(FIELD)


def test_no_single_key_does_anything(page: Page) -> None:
    """2.1.4: letters typed with the focus on a button or the log change nothing."""
    page.get_by_role("log").focus()
    before = page.locator(".panel").inner_text()
    for key in "abcdefghijklmnopqrstuvwxyz0123456789/?.":
        page.keyboard.press(key)
    assert page.locator(".panel").inner_text() == before


COLOURS = """() => {
  const root = document.querySelector("lotsen-chat").shadowRoot;
  const of = (selector) => getComputedStyle(root.querySelector(selector));
  return {
    "a button's border": [of(".choices button").borderTopColor, of("article.bot").backgroundColor],
    "the field's border": [of("textarea").borderTopColor, of(".composer").backgroundColor],
    "the bubble's border": [of("article.bot").borderTopColor, of(".panel").backgroundColor],
    "the send button": [of(".primary").backgroundColor, of(".composer").backgroundColor],
    "the progress": [of(".choices button").borderTopColor, of(".panel").backgroundColor],
    "the thumbs": [of(".thumb").color, of("article.bot").backgroundColor],
    "the focus on the panel": [of("a").color, of(".panel").backgroundColor],
    "the focus on a bubble": [of("a").color, of("article.bot").backgroundColor],
    "the panel's border": [of(".panel").borderTopColor, "white"],
  };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_no_text_has_contrast(scheme: str, browser: Browser, lotsen: RunningLotsen) -> None:
    """1.4.11: borders, icons and the focus ring stand out by 3:1 from what is around them."""
    with visit(browser, lotsen.front, color_scheme=scheme) as page:
        open_chat(page)
        write(page, "Hur går gallring till?")
        expect(page.locator(".thumb")).to_have_count(2)
        pairs = page.evaluate(COLOURS)
        low = {name: contrast(page, *pair) for name, pair in pairs.items() if contrast(page, *pair) < 3}
        assert low == {}


def test_focus_is_seen(page: Page) -> None:
    """2.4.7, 2.4.11: each thing that takes the focus shows a ring, and is not hidden behind something else."""
    write(page, GUIDE)
    expect(bubbles(page)).to_have_count(4)
    page.get_by_role("button", name="Börja om").focus()
    seen = 0
    while focused(page) != "Skicka":
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => {
              const at = document.querySelector("lotsen-chat").shadowRoot.activeElement;
              const {outlineStyle, outlineWidth} = getComputedStyle(at);
              const box = at.getBoundingClientRect();
              const x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 12);
              const over = document.querySelector("lotsen-chat").shadowRoot.elementFromPoint(x, y);
              return [outlineStyle, parseFloat(outlineWidth), at === over || at.contains(over)];
            }"""
        )
        assert ring[0] == "solid" and ring[1] >= 2 and ring[2], focused(page)
        seen += 1
    assert seen > 6


def test_focus_stays_seen_in_forced_colours(browser: Browser, lotsen: RunningLotsen) -> None:
    """High contrast mode: buttons have borders, the focus a ring, and how far the guide is can be seen."""
    with visit(browser, lotsen.front, forced_colors="active") as page:
        open_chat(page)
        _guide(page)
        last = page.locator(".choices").get_by_role("button", name="Det gick inte").last
        last.focus()
        page.keyboard.press("Tab")
        width, style = page.evaluate(
            """() => {
              const at = getComputedStyle(document.querySelector("lotsen-chat").shadowRoot.activeElement);
              return [at.borderTopWidth, at.outlineStyle];
            }"""
        )
        assert (width, style) == ("1px", "solid")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_unless_that_is_wanted(motion: Any, browser: Browser, lotsen: RunningLotsen) -> None:
    """2.2.2, 2.3.3: with reduced motion nothing is animated; else only the dots of typing are."""
    with visit(browser, lotsen.front, reduced_motion=motion) as page:
        open_chat(page)
        running = page.evaluate(
            """() => {
              const root = document.querySelector("lotsen-chat").shadowRoot;
              root.querySelector(".dots").hidden = false;
              return root.getAnimations().map((one) => one.animationName);
            }"""
        )
        assert set(running) == (set() if motion == "reduce" else {"breathe"})


def test_targets_are_large_enough(page: Page) -> None:
    """2.5.8: everything that is pressed is at least 24 px high and wide, buttons 32."""
    write(page, "Hur går gallring till?")
    expect(page.locator(".thumb")).to_have_count(2)
    small = page.evaluate(
        """() => [...document.querySelector("lotsen-chat").shadowRoot.querySelectorAll("button, textarea")]
          .map((one) => [one.textContent, one.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 32 || box.height < 32))
          .map(([name]) => name)"""
    )
    assert small == []


def test_language_is_marked(browser: Browser, lotsen: RunningLotsen) -> None:
    """3.1.1, 3.1.2: the widget says its language, whatever the page's is; English follows an English page."""
    with visit(browser, lotsen.front) as page:
        page.evaluate("document.documentElement.lang = 'de'")
        open_chat(page)
        expect(page.locator(".panel")).to_have_attribute("lang", "sv")
        page.evaluate("document.querySelector('lotsen-chat').setAttribute('language', 'en')")
        expect(page.locator(".panel")).to_have_attribute("lang", "en")
        expect(page.get_by_role("button", name="Svenska")).to_have_count(0)
        page.get_by_role("button", name="More").click()
        expect(page.get_by_role("button", name="Svenska")).to_have_attribute("lang", "sv")


def test_whatever_the_page_sets_the_text_is_as_large_as_the_user_wants(page: Page) -> None:
    """1.4.4: a page that makes a rem of 10 px or sets tiny text does not shrink the chat."""
    page.evaluate("document.documentElement.style.fontSize = '62.5%'; document.body.style.fontSize = '8px'")
    size = page.evaluate(
        "getComputedStyle(document.querySelector('lotsen-chat').shadowRoot.querySelector('article')).fontSize"
    )
    assert size == "16px"


def test_help_is_in_one_place(page: Page) -> None:
    """3.2.6: the way to a person and the names of the controls stay where they are, in every state."""
    names = [re.sub(r"\s+", " ", one) for one in page.locator(".header button").all_inner_texts()]
    write(page, GUIDE)
    expect(bubbles(page)).to_have_count(4)
    assert [re.sub(r"\s+", " ", one) for one in page.locator(".header button").all_inner_texts()] == names
