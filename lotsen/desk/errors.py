"""What can stand in the way of a request, each with the page that tells it."""

from __future__ import annotations


class DeskProblem(Exception):
    """A request that is not obeyed. ``text`` names the sentence in ``texts.yml``; ``values`` are put into it."""

    status = 400

    def __init__(self, text: str, **values: object) -> None:
        """Name the sentence."""
        super().__init__(text)
        self.text, self.values = text, values


class BadInput(DeskProblem):
    """A field is missing, too long, or none of its choices."""

    status = 422


class NotAllowed(DeskProblem):
    """Who asks has not the role for it, or the form is not from a page of ours."""

    status = 403


class NotThere(DeskProblem):
    """There is no such page, case or thing."""

    status = 404


class Overtaken(DeskProblem):
    """Somebody else has changed it since the page was shown; nothing was written."""

    status = 409


class Unavailable(DeskProblem):
    """Something behind the desk does not answer now."""

    status = 503
