"""What leads say of disturbances: confirm, word, prolong, lift. Each change and its audit are one transaction.

A kind of trouble is named in the address (``?kind=``). Forms carry what was seen (``Notice.version``), so that of two
leads at once the second learns what the first has done, and nothing of either is lost.
"""

from __future__ import annotations

from functools import partial
from typing import Dict, Optional, Sequence
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from lotsen.clock import utc_now
from lotsen.desk import disturbing
from lotsen.desk.asked import Asked
from lotsen.desk.disturbing import MAX_WORDS, BadTime, changed_since, shown, title_of
from lotsen.desk.errors import BadInput, NotThere
from lotsen.desk.services import Desk
from lotsen.disturbances.notices import Notice
from lotsen.disturbances.reach import reach_of
from lotsen.guides.lettering import rendered
from lotsen.privacy.masking import mask

ENDED = 20
"""So many that are over are shown."""
HOME = "/disturbances"


def show_form(desk: Desk, asked: Asked) -> Response:
    """Show the form for a new notice of a kind, or for the active one."""
    kind = asked.query.get("kind", "")
    if not kind:
        return RedirectResponse(HOME, 303)
    notice = _active(desk, kind)
    ends = disturbing.suggested_end(notice, utc_now())
    text = notice.text if notice is not None else ""
    return _form(desk, asked, kind, notice, text, disturbing.written_time(ends, desk.zone))


def save(desk: Desk, asked: Asked) -> Response:
    """Keep what a lead says, or only show how users will read it (``do=preview``)."""
    kind = asked.form.get("kind", "")
    notice = _active(desk, kind)
    errors: Dict[str, str] = {}
    until, text = asked.form.get("until", ""), asked.form.get("text", "")
    try:
        text = asked.text("text", MAX_WORDS, needed=False)
    except BadInput:
        errors["text"] = "long"
    ends = utc_now()
    try:
        ends = disturbing.read_time(until, desk.zone, ends)
    except BadTime as error:
        errors["until"] = str(error)
    answer = partial(_form, desk, asked, kind, text=text, until=until)
    seen = asked.form.get("seen", "")
    if errors:
        return answer(notice, errors=errors, seen=seen, status=422)
    changed = changed_since(seen, notice)
    if asked.form.get("do") == "preview":
        return answer(notice, seen=seen, changed=changed, previewed=True)
    if not changed:
        with desk.engine.begin() as connection:
            saved = desk.notices.set_seen(connection, notice, kind, text, ends)
            if saved is not None:
                action = "disturbance_set" if notice is None else "disturbance_changed"
                detail = f"{kind}: {desk.pages.day(ends)}. {saved.text}".strip()
                desk.audit.add(asked.who.actor, action, detail=detail, connection=connection)
        if saved is not None:
            return _back(kind)
        notice = desk.notices.active(kind, utc_now())
        changed = changed_since(seen, notice) or ("another",)
    return answer(notice, changed=changed, status=409)


def ask_lift(desk: Desk, asked: Asked) -> Response:
    """Ask whether a disturbance is over, and say who hears of it."""
    kind = asked.query.get("kind", "")
    notice = _active(desk, kind)
    return _back(kind) if notice is None else _lifting(desk, asked, kind, notice)


def lift(desk: Desk, asked: Asked) -> Response:
    """End a disturbance; users who were told of it are told."""
    kind = asked.form.get("kind", "")
    notice = _active(desk, kind)
    changed = changed_since(asked.form.get("seen", ""), notice)
    if notice is not None and not changed:
        told = reach_of(desk.engine, [notice])[notice.id].waiting
        with desk.engine.begin() as connection:
            lifted = desk.notices.lift_seen(connection, notice)
            if lifted:
                detail = f"{kind}: {told}"
                desk.audit.add(asked.who.actor, "disturbance_lifted", detail=detail, connection=connection)
        if lifted:
            return _back(kind)
        notice = desk.notices.active(kind, utc_now())
        changed = changed_since(asked.form.get("seen", ""), notice) or ("another",)
    return _lifting(desk, asked, kind, notice, changed or ("ended",), 409)


def _form(
    desk: Desk,
    asked: Asked,
    kind: str,
    notice: Optional[Notice],
    text: str,
    until: str,
    errors: Optional[Dict[str, str]] = None,
    seen: Optional[str] = None,
    changed: Sequence[str] = (),
    previewed: bool = False,
    status: int = 200,
) -> Response:
    """Answer with the form. What the form has seen stays as it was, unless the page tells what has changed."""
    version = notice.version if notice is not None else ""
    return desk.render(
        asked,
        "disturbances_form.html",
        status,
        kind=kind,
        title=title_of(desk.content, kind),
        shown=shown(desk, [notice])[0] if notice is not None else None,
        text=text,
        until=until,
        seen=version if changed or seen is None else seen,
        errors={"text": "", "until": "", **(errors or {})},
        wrong=bool(errors),
        changed=changed,
        previewed=previewed,
        preview=rendered(disturbing.words_for_users(desk.content, text[:MAX_WORDS])),
        masked=mask(text) != text,
        longest=MAX_WORDS,
    )


def _lifting(
    desk: Desk, asked: Asked, kind: str, notice: Optional[Notice], changed: Sequence[str] = (), status: int = 200
) -> Response:
    """Answer with the question whether it is over."""
    return desk.render(
        asked,
        "disturbances_lift.html",
        status,
        kind=kind,
        title=title_of(desk.content, kind),
        shown=shown(desk, [notice])[0] if notice is not None else None,
        seen=notice.version if notice is not None else "",
        changed=changed,
        words=rendered(disturbing.words_when_over(desk.content, kind)),
    )


def _active(desk: Desk, kind: str) -> Optional[Notice]:
    """Return the active notice of a kind.

    Raises:
        NotThere: if there is none and no guide either, so that none can be set.
    """
    notice = desk.notices.active(kind, utc_now())
    if notice is None and kind not in desk.content.guides and not _was_there(desk, kind):
        raise NotThere("no_such_page")
    return notice


def _was_there(desk: Desk, kind: str) -> bool:
    """Tell whether a kind without a guide has had a notice, which may just have ended."""
    return kind in desk.notices.last_lifts() or any(notice.kind == kind for notice in desk.notices.ended(ENDED))


def _back(kind: str) -> Response:
    """Send the browser to the overview, which says how the kind stands."""
    return RedirectResponse(f"{HOME}?kind={quote(kind)}", 303)
