"""``lotsen mask``: lines of text with what identifies somebody masked."""

from __future__ import annotations

import argparse
import sys
from typing import Any, BinaryIO, Callable

from lotsen.settings import Settings


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "mask",
        help="read lines, print them with identity numbers masked",
        description="Reads lines on standard input and prints each masked as transcripts and logs are: numbers of "
        "patients, HSA-ids, and what LOTSEN_MASK_ALSO names.",
    )
    parser.add_argument("--door", action="store_true", help="only numbers of patients, as at the chat's door")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Mask standard input until it ends."""
    from lotsen.privacy.masking import mask, mask_transcript

    try:
        _mask_lines(sys.stdin.buffer, sys.stdout.buffer, mask if arguments.door else mask_transcript)
    except BrokenPipeError:  # Who reads has seen enough.
        sys.stdout = None  # Python would flush it, and say so.
    return 0


def _mask_lines(lines: BinaryIO, masked: BinaryIO, mask: Callable[[str], str]) -> None:
    """Write each line as soon as it is read; bytes that are no UTF-8 come out as they went in."""
    for line in lines:
        text = line.decode("utf-8", "surrogateescape")
        masked.write(mask(text).encode("utf-8", "surrogateescape"))
        masked.flush()
