"""Stock Rasa: what ``rasa init`` gives, written out in full, to be measured beside ours."""

from __future__ import annotations

from typing import Any, Dict

STOCK_EPOCHS = 100
"""As Rasa trains by default."""


def stock_config(epochs: int = STOCK_EPOCHS, language: str = "sv") -> Dict[str, Any]:
    """Return ``config.yml`` as Rasa fills it in for a project made by ``rasa init``, with both parts written out.

    ``tests/bench/test_stock.py`` compares it with the default of the Rasa that is installed. Fewer ``epochs`` make a
    worse model in less time; how fast it answers stays the same.
    """
    neural = {"epochs": epochs, "constrain_similarities": True}
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": language,
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "DIETClassifier", **neural},
            {"name": "EntitySynonymMapper"},
            {"name": "ResponseSelector", **neural},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
        "policies": [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy"},
            {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": epochs},
            {"name": "TEDPolicy", "max_history": 5, **neural},
        ],
    }
