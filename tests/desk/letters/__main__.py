"""``python -m tests.desk.letters``: prints how well letters are read. Needs a trained model (``lotsen train``)."""

from __future__ import annotations

import sys
import warnings

from lotsen.content.catalogue import load_content
from lotsen.runtime.model import fitting, newest
from lotsen.settings import CONTENT, ROOT
from tests.desk.letters.measure import judge_all, table

warnings.simplefilter("ignore")
model = fitting(ROOT) or newest(ROOT)
if model is None:
    sys.exit("There is no trained model. Make one with: make train")
print(table(judge_all(model, load_content(CONTENT))))
