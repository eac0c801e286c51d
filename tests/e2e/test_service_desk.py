"""From the chat into a real Request Tracker, and its answer back into the chat; also while RT is down."""

from __future__ import annotations

from typing import Iterator, List

import pytest

from lotsen.cases.store import CaseStore
from lotsen.storage.database import open_engine
from tests.support.chat import ChatClient
from tests.support.expected import text
from tests.support.handoff import CHAT, eventually, number_and_code, send_case
from tests.support.request_tracker import RealRT
from tests.support.running import RunningLotsen, environment


@pytest.fixture(scope="module")
def desk_lotsen(
    model: object, request_tracker: RealRT, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLotsen]:
    """A Lotsen that sends its cases to the real RT."""
    settings = {
        "LOTSEN_DESKS": "request_tracker",
        "LOTSEN_DESK_HOSTS": "127.0.0.1",
        "LOTSEN_POLL_SECONDS": "0.5",
        "LOTSEN_DISTURBANCE_COUNT": "3",
    }
    folder = tmp_path_factory.mktemp("desk")
    running = RunningLotsen(environment(folder, **settings, **request_tracker.environment()))
    yield running
    assert running.stop() == 0, "".join(running.output)


def tickets(rt: RealRT, number: str) -> List[dict]:
    """Return RT's own tickets whose subject has the case number."""
    return [ticket for ticket in rt.tickets() if number in ticket["Subject"]]


def test_a_case_arrives_and_its_answer_comes_back(desk_lotsen: RunningLotsen, request_tracker: RealRT) -> None:
    """The steps tried stand in the ticket; a reply is read in the chat, an internal comment never."""
    chat = desk_lotsen.chat()
    chat.say("sidan finns inte står det, och patienten sitter här och väntar")
    chat.press("Det gick inte")
    chat.say("jag vill prata med en människa")
    chat.press("Nej, inget mer")
    preview = chat.press(CHAT)[-1].text
    assert "Brådskande" in preview
    number, _ = number_and_code(chat.press("Ja, skicka")[0])
    (ticket,) = eventually(lambda: tickets(request_tracker, number))
    content = request_tracker.history(ticket["id"])[0]["Text"]
    assert "– hjälpte inte" in content
    assert "Prioritet: Brådskande (en patient väntar)" in content
    assert "Användaren: sidan finns inte står det" in content
    request_tracker.note(ticket["id"], "Ring Kalle internt")
    request_tracker.answer(ticket["id"], "Hej! Vi har startat om tjänsten. Prova igen.\nÅsa på *IT*")
    said = chat.listen_for("Vi har startat om tjänsten")
    answer = next(one.text for one in said if "startat om tjänsten" in one.text)
    assert answer.startswith(f"IT kundservice har svarat på ditt ärende **{number}**")
    assert "∗IT∗" in answer
    # The desk tells its answer and its status one after the other.
    eventually(lambda: " open " in desk_lotsen.command("cases", "list"))
    status = chat.say("hur går det med mitt ärende?")[0].text
    assert text("status_open") in status
    assert "Prova igen." in status
    request_tracker.set_status(ticket["id"], "resolved")
    chat.listen_for(text("news_resolved", number=number, target="IT kundservice"))
    assert all("Kalle internt" not in message["text"] for message in chat.history())
    assert sum("startat om tjänsten" in message["text"] for message in chat.history()) == 2, "told once, shown once"


def test_while_rt_is_down(desk_lotsen: RunningLotsen, request_tracker: RealRT) -> None:
    """The user gets number and phone all the same; when RT is back the case arrives, once, though all was killed."""
    request_tracker.stop()
    chat = desk_lotsen.chat()
    number, _ = send_case(chat, "Listan är tom sedan i morse")
    assert "14141" in chat.history()[-1]["text"]
    store = CaseStore(open_engine(desk_lotsen.database_url))
    id = int(number[4:])
    eventually(lambda: store.outbox.of(id)[0].attempts > 0)
    deliverer = next(process for process in desk_lotsen.processes() if "deliver" in process.cmdline())
    deliverer.kill()
    desk_lotsen.wait_for_line("Starting it again")
    request_tracker.start()
    eventually(lambda: tickets(request_tracker, number), seconds=150)
    eventually(lambda: store.outbox.of(id)[0].receipt)
    assert len(tickets(request_tracker, number)) == 1


def test_several_users_one_fault(desk_lotsen: RunningLotsen, request_tracker: RealRT) -> None:
    """After some users the desk has one ticket of it; the next is told, may walk the guide, and is added to it."""

    def fail(chat: ChatClient) -> List[str]:
        said = [one.text for one in chat.say("Det står: ett fel har inträffat vid inloggningen")]
        for button in ("Klart", "Hoppa över", "Klart", "Det gick inte"):
            said += [one.text for one in chat.press(button)]
        return said

    for _ in range(3):
        assert text("disturbance") not in fail(desk_lotsen.chat())
    (lead,) = eventually(lambda: tickets(request_tracker, "Möjlig störning"))
    chat = desk_lotsen.chat()
    assert text("disturbance") in fail(chat)
    chat.press("Nej, inget mer")
    assert "kan höra till en störning" in chat.press(CHAT)[-1].text
    receipt = chat.press("Ja, skicka")[0]
    assert text("handoff_linked") in receipt.text
    number, _ = number_and_code(receipt)
    eventually(lambda: any(number in one["Text"] for one in request_tracker.history(lead["id"])))
    assert tickets(request_tracker, number) == []
    request_tracker.answer(lead["id"], "Leverantören felsöker inloggningen.")
    chat.listen_for("Leverantören felsöker inloggningen.")
