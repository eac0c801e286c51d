"""From a handed-off chat to a reply read by its user: the widget in one browser, the desk in another."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import bubbles, open_chat, press, visit, write
from tests.support.handoff import CHAT
from tests.support.running import READY, RunningLotsen
from tests.support.triage import (
    AGENT,
    AUDITOR,
    LEAD,
    OTHER_AGENT,
    OWNER,
    at_desk,
    flash,
    open_case,
    row,
)

PROBLEM = "Skärmen är svart när jag öppnar patientens moment"
TARGET = "IT kundservice"


def hand_off(page: Page, problem: str = PROBLEM, affected: str = "Jag eller en kollega") -> str:
    """Hand off a case in the widget; return its number."""
    open_chat(page)
    write(page, "jag vill prata med en människa")
    press(page, affected)
    expect(page.get_by_label("Skriv din fråga")).to_be_enabled()
    write(page, problem)
    press(page, CHAT)
    press(page, "Ja, skicka")
    receipt = bubbles(page).filter(has_text="LOT-").last
    expect(receipt).to_be_visible()
    return "LOT-" + receipt.inner_text().split("LOT-")[1][:6]


def test_from_hand_off_to_a_reply_that_is_read(browser: Browser, triage: RunningLotsen) -> None:
    """The case comes by itself, is taken and answered; its user reads the answer, writes back, and is told the end."""
    with visit(browser, triage.front) as user, at_desk(browser, triage, AGENT, "/queue") as agent:
        number = hand_off(user)
        expect(row(agent, number)).to_contain_text(PROBLEM)
        open_case(agent, number)
        agent.get_by_role("button", name="Ta ärendet").click()
        flash(agent, "Nu har du ärendet.")
        agent.get_by_label("Till användaren", exact=True).fill("Vilken webbläsare använder du?")
        agent.get_by_role("checkbox", name="Be om mer").check()
        agent.get_by_role("button", name="Skicka svaret").click()
        flash(agent, "Frågan är skickad.")

        expect(bubbles(user).filter(has_text="Vilken webbläsare använder du?")).to_be_visible()
        press(user, f"Svara {TARGET}")
        expect(bubbles(user).filter(has_text="Skriv ditt svar")).to_be_visible()
        write(user, "Edge, på datorn i rum 3")

        talk = agent.get_by_role("region", name="Det som är sagt")
        expect(talk.get_by_text("Edge, på datorn i rum 3")).to_be_visible()
        expect(agent.get_by_text("Användaren har svarat").first).to_be_visible()
        agent.reload()
        agent.locator("#resolve summary").click()
        agent.get_by_label("Varför", exact=True).select_option(label="Felet är löst")
        agent.get_by_label("Ett sista ord till användaren").fill("Nu är det rättat. Ladda om sidan.")
        agent.get_by_role("button", name="Avsluta", exact=True).click()
        flash(agent, "Ärendet är avslutat.")
        expect(bubbles(user).filter(has_text="Nu är det rättat. Ladda om sidan.")).to_be_visible()


def test_the_desk_takes_the_conversation(browser: Browser, triage: RunningLotsen) -> None:
    """Both sides read each other at once, Lotsen is quiet and says who answers, and answers again afterwards."""
    with visit(browser, triage.front) as user, at_desk(browser, triage, AGENT, "/queue") as agent:
        number = hand_off(user, "Signering går inte", "En patient väntar på mig")
        open_case(agent, number)
        agent.get_by_role("button", name="Ta över samtalet").click()
        flash(agent, "Nu har du samtalet.")
        expect(user.locator("article").filter(has_text="Agnes Agent")).not_to_have_count(0)

        agent.get_by_label("Skriv i samtalet").fill("Hej, jag ser ditt ärende. Står kortet i läsaren?")
        agent.get_by_label("Skriv i samtalet").press("Control+Enter")
        expect(user.locator("article.desk").filter(has_text="Står kortet i läsaren?")).to_be_visible()
        said_by_bot = bubbles(user).count()
        write(user, "hur går gallring till?")
        talk = agent.get_by_role("region", name="Det som är sagt")
        expect(talk.get_by_text("hur går gallring till?")).to_be_visible()
        agent.get_by_label("Skriv i samtalet").fill("Det tar vi sedan.")
        agent.get_by_label("Skriv i samtalet").press("Control+Enter")
        expect(user.locator("article.desk").filter(has_text="Det tar vi sedan.")).to_be_visible()
        assert bubbles(user).count() == said_by_bot, "Lotsen spoke while the desk had the conversation"

        agent.get_by_role("button", name="Lämna tillbaka samtalet till Lotsen").click()
        flash(agent, "Lotsen svarar användaren igen.")
        expect(bubbles(user)).to_have_count(said_by_bot + 1)
        write(user, "hur går gallring till?")
        expect(bubbles(user).filter(has_text="Dataadministratör")).to_be_visible()


def test_two_agents_at_once(browser: Browser, triage: RunningLotsen) -> None:
    """Who comes too late changes nothing, reads what the other did, and has kept what they wrote."""
    with (
        visit(browser, triage.front) as user,
        at_desk(browser, triage, AGENT, "/queue") as first,
        at_desk(browser, triage, OTHER_AGENT, "/queue") as second,
    ):
        number = hand_off(user, "Jag hittar inte formuläret")
        open_case(first, number)
        open_case(second, number)
        second.get_by_label("Till användaren", exact=True).fill("Det finns under Moment.")
        first.get_by_role("button", name="Ta ärendet").click()
        flash(first, "Nu har du ärendet.")
        second.get_by_role("button", name="Skicka svaret").click()
        warning = second.get_by_role("alert").filter(has_text="Ärendet har ändrats")
        expect(warning).to_contain_text("Agnes Agent tog ärendet.")
        expect(second.get_by_label("Till användaren", exact=True)).to_have_value("Det finns under Moment.")
        expect(bubbles(user).filter(has_text="Det finns under Moment.")).to_have_count(0)


@pytest.mark.parametrize(
    ("user", "first", "sees"),
    [
        (AGENT, "/queue", ["Kö", "Läs av en text", "Störningar"]),
        (LEAD, "/queue", ["Kö", "Läs av en text", "Störningar"]),
        (OWNER, "/improve", ["Att förbättra"]),
        (AUDITOR, "/audit", ["Logg"]),
    ],
)
def test_each_role_begins_at_its_page(
    browser: Browser, triage: RunningLotsen, user: str, first: str, sees: list[str]
) -> None:
    """Nobody is shown a way that is closed to them."""
    with at_desk(browser, triage, user) as page:
        assert page.url.removeprefix(triage.desk).startswith(first)
        links = page.get_by_role("navigation", name="Sidor", exact=True).get_by_role("link")
        assert [link.inner_text() for link in links.all()][: len(sees)] == sees


def test_the_password_that_the_first_start_prints(browser: Browser, lotsen: RunningLotsen) -> None:
    """Without an identity provider the desk has one account, and its password is said once, before all is ready."""
    (line,) = [line for line in lotsen.output if line.startswith("Lösenord för IT kundservice:")]
    assert lotsen.output.index(line) < next(at for at, said in enumerate(lotsen.output) if READY in said)
    with visit(browser, lotsen.desk) as page:
        page.get_by_label("Lösenord").fill("fel lösenord helt och hållet")
        page.get_by_role("button", name="Logga in").click()
        expect(page.get_by_role("alert")).to_contain_text("Lösenordet stämmer inte.")
        page.get_by_label("Lösenord").fill(line.split(":")[1].split()[0])
        page.get_by_role("button", name="Logga in").click()
        expect(page.get_by_role("heading", level=1, name="Kö")).to_be_visible()
        expect(page.get_by_text("Reservkonto")).to_be_visible()
