"""Rasa without TensorFlow, for a model that needs none.

Rasa imports TensorFlow wherever a class is made from one of its own, although of all components only those with a
neural network ever use it. Ours have none, and TensorFlow costs the running bot a third of its memory and seconds at
each start. So ``hide_tensorflow`` puts a stand-in in its place before Rasa is imported: one that can be imported,
named and inherited from, and that says clearly what is wrong as soon as anybody really uses it.

Rasa's own commands know nothing of this and go on with the real one, training among them.
"""

from __future__ import annotations

import json
import sys
import tarfile
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator, Optional, Sequence

HIDDEN = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "matplotlib")
"""TensorFlow and what belongs to it; and what Rasa's plots of test results are drawn with."""
NEURAL = (
    "rasa.nlu.classifiers.diet_classifier",
    "rasa.nlu.selectors.response_selector",
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer",
    "rasa.core.policies.ted_policy",
    "rasa.core.policies.unexpected_intent_policy",
)
"""Rasa's own components that use TensorFlow."""
_METADATA = "metadata.json"


class TensorFlowHidden(RuntimeError):
    """Something used TensorFlow in a process where it was put aside."""


def needs_tensorflow(model: Path) -> bool:
    """Tell whether a component of the model may use TensorFlow: one of Rasa's neural ones, or one we do not know."""
    modules = {uses.rpartition(".")[0] for uses in _components(model)}
    return any(name in NEURAL or not name.startswith(("rasa.", "lotsen.")) for name in modules)


def hide_tensorflow(model: Path) -> bool:
    """Put the stand-in in TensorFlow's place if the model can do without; tell whether it is there.

    Comes too late, and does nothing, when TensorFlow has been imported already.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return True
    if "tensorflow" in sys.modules or needs_tensorflow(model):
        return False
    sys.meta_path.insert(0, _Finder())
    return True


def _components(model: Path) -> Iterator[str]:
    """Return the class paths of a model's components."""
    with tarfile.open(model) as archive:
        member = next((entry for entry in archive if Path(entry.name).name == _METADATA), None)
        file = archive.extractfile(member) if member is not None else None
        metadata = json.load(file) if file is not None else {}
    for node in metadata.get("predict_schema", {}).get("nodes", {}).values():
        yield str(node["uses"])


class _Hidden(type):
    """What the stand-in hands out for any name: a class to inherit from or to annotate with, of no other use."""

    def __getattr__(cls, name: str) -> Any:
        """Return a stand-in for a part, however deep: ``tf.keras.utils.Sequence``."""
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(f"{cls.__module__}.{cls.__name__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Refuse to be made into anything, and with it every class that inherits from it.

        Raises:
            TensorFlowHidden: always.
        """
        raise TensorFlowHidden(
            f"{cls.__module__}.{cls.__name__} needs a package that was put aside because no component of the model "
            f"is known to use it. Add the component's module to NEURAL in lotsen/runtime/light_rasa.py."
        )


def _stand_in(parent: str, name: str) -> Any:
    """Return the stand-in for one name."""
    return _Hidden(name, (), {"__module__": parent})


class _HiddenModule(ModuleType):
    """A module in which any name can be found."""

    def __getattr__(self, name: str) -> Any:
        """Return a stand-in for what somebody imports from here."""
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(self.__name__, name)


class _Finder(MetaPathFinder, Loader):
    """Finds the hidden packages and everything below them."""

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        """Answer for the hidden packages only."""
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] in HIDDEN else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the stand-in."""
        return _HiddenModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""
