"""Tables as files that a Swedish Excel opens as they are: UTF-8 with its mark, semicolons, and no cell that acts."""

from __future__ import annotations

import csv
import io
from typing import Iterable, Iterator, Sequence

from starlette.responses import StreamingResponse

BOM = "\ufeff"
_ACTS = tuple("=+-@\t\r\n|%＝＋－＠")
"""A cell that begins so may be taken for a formula, or for a command."""
_BLANK = " \u00a0\u2009\u202f\ufeff\u200b"


def harmless(cell: object) -> str:
    """Return a cell as text that no program takes for a formula.

    >>> harmless("=cmd|' /C calc'!A0"), harmless(-5), harmless("a=b")
    ("'=cmd|' /C calc'!A0", '-5', 'a=b')
    """
    if isinstance(cell, (int, float)):
        return str(cell)
    text = str(cell)
    return f"'{text}" if text.lstrip(_BLANK).startswith(_ACTS) else text


def written(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a file, a line at a time."""
    yield BOM + _line(head)
    for row in rows:
        yield _line(row)


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingResponse:
    """Answer with a file, named in plain ASCII."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(written(head, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return line.getvalue()
