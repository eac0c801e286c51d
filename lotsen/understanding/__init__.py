"""Rasa graph components: how a Swedish sentence becomes an intent, entities and a decision.

The order in ``config.yml``: tokens and entities (spaCy), two TF-IDF views and a trained sentence
embedding as features, Rasa's own logistic regression, and last the decision to answer, ask or refuse.
"""
