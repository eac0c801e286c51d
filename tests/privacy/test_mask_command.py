"""``lotsen mask`` in a pipe."""

from __future__ import annotations

import subprocess
import sys
from typing import List

import pytest

from lotsen.settings import ROOT

COMMAND = [sys.executable, "-m", "lotsen.cli", "mask"]


@pytest.mark.parametrize(
    ("arguments", "given", "printed"),
    [
        ([], b"pat 19121212-1212, SE2321000040-AB12\n", b"pat [personnummer], [HSA-id]\n"),
        (["--door"], b"pat 19121212-1212, SE2321000040-AB12\n", b"pat [personnummer], SE2321000040-AB12\n"),
        ([], b"\xff\xfe 191212121212 \xe5\r\n\n", b"\xff\xfe [personnummer] \xe5\r\n\n"),
        ([], b"utan radslut 22121212AB12", b"utan radslut [reservnummer]"),
        ([], b"", b""),
    ],
)
def test_lines(arguments: List[str], given: bytes, printed: bytes) -> None:
    """Each line is printed masked, and else as it came, also what is no UTF-8."""
    ran = subprocess.run([*COMMAND, *arguments], cwd=ROOT, input=given, capture_output=True, check=True)
    assert (ran.stdout, ran.stderr) == (printed, b"")


def test_each_line_comes_at_once() -> None:
    """Behind a program that goes on, a line is there before the next is read; whoever has enough may leave."""
    with subprocess.Popen(
        COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ran:
        assert ran.stdin is not None and ran.stdout is not None and ran.stderr is not None
        ran.stdin.write(b"pat 19121212-1212\n")
        ran.stdin.flush()
        assert ran.stdout.readline() == b"pat [personnummer]\n"
        ran.stdout.close()
        ran.stdin.write(b"mer\n" * 3)
        ran.stdin.close()
        assert ran.stderr.read() == b""
    assert ran.returncode == 0
