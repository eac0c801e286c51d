"""Training of the static sentence embedding. Imports torch: only ``rasa train`` comes here.

A static embedding is a table with one vector per word piece; a sentence is the mean of its pieces. It is trained
from nothing on the project's own examples: sentences with the same intent are pulled together, others pushed apart
(supervised contrastive loss, Khosla et al. 2020). Words are dropped at random so that no single word decides.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from pathlib import Path
from typing import Iterator, Sequence

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

logger = logging.getLogger(__name__)

PER_CLASS = 4
CLASSES_PER_BATCH = 48
TEMPERATURE = 0.1
LEARNING_RATE = 0.02
LOG_EVERY = 10


def train_static_embedding(
    texts: Sequence[str],
    labels: Sequence[str],
    extra_texts: Sequence[str],
    target: Path,
    *,
    dimensions: int = 256,
    pieces: int = 3000,
    epochs: int = 60,
    word_dropout: float = 0.2,
    seed: int = 42,
) -> None:
    """Train an embedding and write it to ``target`` in sentence-transformers' format.

    Args:
        texts: normalised training sentences.
        labels: the intent of each sentence.
        extra_texts: more text in the same language (the answers), for the word pieces only.
        target: a folder; readable without torch by ``model2vec``.
        dimensions: length of the vectors.
        pieces: size of the word-piece vocabulary.
        epochs: passes over the data.
        word_dropout: share of words left out of a sentence each time it is seen.
        seed: makes two trainings on the same machine give the same vectors.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    static = StaticEmbedding(_train_tokenizer([*texts, *extra_texts], pieces), embedding_dim=dimensions)
    model = SentenceTransformer(modules=[static], device="cpu")
    optimizer = torch.optim.Adam(static.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    by_label = defaultdict(list)
    for text, label in zip(texts, labels, strict=True):
        by_label[label].append(text)
    model.train()
    for epoch in range(1, epochs + 1):
        total, batches = 0.0, 0
        for batch_texts, batch_labels in _batches(by_label, len(texts), rng):
            dropped = [_drop_words(text, word_dropout, rng) for text in batch_texts]
            embedded = model(static.preprocess(dropped))["sentence_embedding"]
            loss = _contrastive_loss(embedded, batch_labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, batches = total + loss.item(), batches + 1
        schedule.step()
        if epoch % LOG_EVERY == 0 or epoch == epochs:
            logger.info("Sentence embedding: epoch %d of %d, loss %.3f", epoch, epochs, total / batches)
    model.eval()
    model.save(str(target), create_model_card=False)


def _train_tokenizer(texts: Sequence[str], pieces: int) -> Tokenizer:
    """Learn a Unigram word-piece vocabulary from ``texts``."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=pieces, special_tokens=["[UNK]", "[PAD]"], unk_token="[UNK]", show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _batches(by_label: dict[str, list[str]], size: int, rng: random.Random) -> Iterator[tuple[list[str], torch.Tensor]]:
    """Yield batches of several sentences each from several intents, about ``size`` sentences in all."""
    names = list(by_label)
    per_batch = min(CLASSES_PER_BATCH, len(names))
    for _ in range(max(1, size // (per_batch * PER_CLASS))):
        texts, labels = [], []
        for number, name in enumerate(rng.sample(names, per_batch)):
            chosen = rng.sample(by_label[name], min(PER_CLASS, len(by_label[name])))
            texts += chosen
            labels += [number] * len(chosen)
        yield texts, torch.tensor(labels)


def _drop_words(text: str, share: float, rng: random.Random) -> str:
    """Leave out words at random, but never all."""
    words = text.split()
    kept = [word for word in words if rng.random() >= share]
    return " ".join(kept or words)


def _contrastive_loss(embedded: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the supervised contrastive loss: for each sentence, how far its intent's others are from first."""
    unit = torch.nn.functional.normalize(embedded, dim=1)
    similarity = unit @ unit.T / TEMPERATURE
    itself = torch.eye(len(labels), dtype=torch.bool)
    similarity = similarity.masked_fill(itself, float("-inf"))
    log_share = similarity - torch.logsumexp(similarity, dim=1, keepdim=True)
    same = (labels[:, None] == labels[None, :]) & ~itself
    per_sentence = log_share.masked_fill(~same, 0.0).sum(1) / same.sum(1).clamp(min=1)
    return -per_sentence.mean()
