"""spaCy without torch: spaCy's ``thinc`` imports torch if it is installed, only to have it at hand.

Our rules need no neural network, and torch would cost the running bot 450 MB and several seconds at each start. So
torch is hidden while spaCy is imported, and found again afterwards by whoever really needs it (the training).
"""

from __future__ import annotations

import sys

_HIDDEN = "torch"

if _HIDDEN not in sys.modules:
    sys.modules[_HIDDEN] = None  # type: ignore[assignment]
    try:
        import spacy
        from spacy.language import Language
    finally:
        del sys.modules[_HIDDEN]
else:
    import spacy
    from spacy.language import Language

__all__ = ["Language", "spacy"]
