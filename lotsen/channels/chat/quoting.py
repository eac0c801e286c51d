"""What somebody at a desk wrote, put into a text that is shown as Markdown."""

from __future__ import annotations


def quoted(text: str) -> str:
    r"""Return what a desk wrote so that the chat shows it as it is, not as Markdown: people write stars and brackets.

    >>> quoted("Starta *om* [nu]")
    'Starta ∗om∗ (nu)'
    """
    return text.replace("*", "∗").replace("[", "(").replace("]", ")").replace("`", "'")
