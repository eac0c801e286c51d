"""Att förbättra, nya exempel: questions reworded, checked, and made a patch to download or a commit on a branch."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

from starlette.responses import Response

from lotsen.channels.typed import storable
from lotsen.clock import utc_now
from lotsen.content.check import TESTS
from lotsen.desk.asked import Asked
from lotsen.desk.errors import BadInput, Unavailable
from lotsen.desk.improve import improving, looking
from lotsen.desk.improve.improving import HOME
from lotsen.desk.page import Page
from lotsen.desk.pages.improve_questions import came_from, ticked
from lotsen.desk.services import Desk
from lotsen.desk.who import OWNERS
from lotsen.improvement.adding import Addition, CannotAdd, Change, as_example, changed
from lotsen.improvement.commit import Checkout, GitFailed, Made
from lotsen.improvement.corpus import Corpus
from lotsen.improvement.patch import patch
from lotsen.settings import ROOT

EXAMPLES = f"{HOME}/examples"
_NO_STORE = {"Cache-Control": "no-store"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Draft:
    """One example as its owner has it in the form, with what is to be said of it."""

    id: int
    asked: str
    """What the user wrote, masked."""
    text: str
    place: str
    wrong: str = ""
    """Why it cannot be added; empty if it can."""
    advice: Tuple[str, ...] = ()


def check(desk: Desk, asked: Asked, status: int = 200) -> Response:
    """Show the examples with advice and the change to the files; nothing is changed yet."""
    known = looking.present()
    drafts, additions = _drafts(desk, asked, known)
    wrong, diff = "", ""
    if additions and not any(draft.wrong for draft in drafts):
        try:
            diff = patch(changed(additions.values(), _on_disk)).decode("utf-8")
        except CannotAdd as error:
            wrong = desk.say(error.why, **error.values)
    return desk.render(
        asked,
        "improve_examples.html",
        status=status,
        drafts=drafts,
        places=looking.places(desk, known),
        diff=diff,
        wrong=wrong,
        ready=bool(diff),
        can_commit=Checkout(ROOT).usable(),
        back=came_from(asked),
        list=asked.form.get("list", ""),
        title=lambda key: looking.place_name(desk, key),
    )


def download(desk: Desk, asked: Asked) -> Response:
    """Return the change as a patch."""
    additions = _ready(desk, asked)
    if additions is None:
        return check(desk, asked, 422)
    content = _patched(additions)
    name = f"exempel-{utc_now().astimezone(desk.zone):%Y-%m-%d}.patch"
    _note(desk, asked, "patch_made", additions, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **_NO_STORE}
    return Response(content, media_type="text/x-diff; charset=utf-8", headers=headers)


def commit(desk: Desk, asked: Asked) -> Response:
    """Commit the change on a branch of its own."""
    additions = _ready(desk, asked)
    if additions is None:
        return check(desk, asked, 422)
    made = _committed(desk, asked, list(additions.values()))
    _note(desk, asked, "examples_committed", additions, f"{made.branch} {made.commit[:12]}")
    return desk.redirect(asked, came_from(asked), "improve_committed", branch=made.branch, count=len(additions))


def _drafts(desk: Desk, asked: Asked, known: Corpus) -> Tuple[List[Draft], Dict[int, Addition]]:
    """Return the examples of the form, and those of them that can be added, by the message that they come from."""
    drafts: List[Draft] = []
    additions: Dict[int, Addition] = {}
    for row in improving.store_of(desk).get(ticked(asked)):
        place = asked.form.get(f"place_{row.id}") or asked.form.get("place", "")
        text, wrong = storable(asked.form.get(f"text_{row.id}", row.text)), ""
        try:
            text = as_example(text)
            if place in known.spots:
                additions[row.id] = Addition(known.spots[place], text)
            else:
                wrong = desk.say("improve_no_place")
        except CannotAdd as error:
            wrong = desk.say(error.why, **error.values)
        drafts.append(Draft(row.id, row.text, text, place, wrong))
    if not drafts:
        raise BadInput("improve_nothing_ticked")
    advice = known.advice(list(additions.values()), ROOT / TESTS)
    said = {id: tuple(advice[addition]) for id, addition in additions.items()}
    return [Draft(d.id, d.asked, d.text, d.place, d.wrong, said.get(d.id, ())) for d in drafts], additions


def _ready(desk: Desk, asked: Asked) -> Dict[int, Addition] | None:
    """Return the additions if all can be made; None if the page must tell what is wrong."""
    known = looking.present()
    rows = improving.store_of(desk).get(ticked(asked))
    additions: Dict[int, Addition] = {}
    for row in rows:
        place = asked.form.get(f"place_{row.id}", "")
        try:
            text = as_example(storable(asked.form.get(f"text_{row.id}", "")))
            additions[row.id] = Addition(known.spots[place], text)
        except (CannotAdd, KeyError):
            return None
    try:
        changed(additions.values(), _on_disk)
    except CannotAdd:
        return None
    return additions or None


def _patched(additions: Dict[int, Addition]) -> bytes:
    """Return the change to the files as they are on the disk."""
    return patch(changed(additions.values(), _on_disk))


def _committed(desk: Desk, asked: Asked, additions: Sequence[Addition]) -> Made:
    """Commit the change to the files as they are in the commit that the checkout is at."""
    checkout = Checkout(ROOT)
    try:
        head = checkout.head()
        changes: List[Change] = changed(additions, lambda path: checkout.read(path, head))
        day = utc_now().astimezone(desk.zone).date()
        return checkout.commit(changes, head, asked.who.name, _message(additions), day)
    except CannotAdd as error:
        raise BadInput("improve_not_committed_yet") from error
    except GitFailed as error:
        logger.error("Examples could not be committed: %s", error)
        raise Unavailable("improve_no_commit") from error


def _message(additions: Sequence[Addition]) -> str:
    """Return the commit's message."""
    counts: Dict[str, int] = {}
    for addition in additions:
        counts[addition.spot.intent] = counts.get(addition.spot.intent, 0) + 1
    what = "an example" if len(additions) == 1 else f"{len(additions)} examples"
    listed = "\n".join(f"- {intent}: {count}" for intent, count in sorted(counts.items()))
    return f"Add {what} that users asked\n\n{listed}\n\nMade in the triage desk.\n"


def _note(desk: Desk, asked: Asked, action: str, additions: Dict[int, Addition], detail: str) -> None:
    """Note in the audit log what was made, and that the questions are dealt with if that was ticked."""
    with desk.engine.begin() as connection:
        if asked.form.get("done") == "1":
            improving.store_of(desk).handle(connection, list(additions), utc_now())
        said = f"{detail} {len(additions)}"
        desk.audit.add(asked.who.actor, action, detail=said, connection=connection)


def _on_disk(path: str) -> bytes:
    """Return a file of the checkout."""
    return (ROOT / path).read_bytes()


PAGES: Tuple[Page, ...] = (
    Page("POST", EXAMPLES, check, OWNERS),
    Page("POST", f"{EXAMPLES}/patch", download, OWNERS),
    Page("POST", f"{EXAMPLES}/commit", commit, OWNERS),
)
