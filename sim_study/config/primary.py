"""Primary tests: what a study will be judged by, named before there are results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from sim_study.config.method import COMPARED, is_untrained
from sim_study.config.strict import Strict
from sim_study.naming.result_keys import layer_title

MOST = 5
"""So many tests at most: each further one makes all of them harder to pass."""

FORM = "QUANTITY, TARGET, LAYER, ARM - ARM"
EXAMPLE = "accuracy, vowel, module 2, sim - gim"

ALL_LAYERS = "mean"
"""As a test's layer: the mean over all layers."""

_LAYER_WORDS = {"mean over layers": ALL_LAYERS}


class Decidable(NamedTuple):
    """A quantity that a primary test can be about.

    Args:
        title: As tables print it.
        kind: Which smallest difference that matters it has.
    """

    title: str
    kind: Literal["accuracy", "alignment"]

    @property
    def has_target(self) -> bool:
        """Whether each target has a value of its own, and no mean over all is reported."""
        return self.kind == "accuracy"


ALIGNMENT_SUFFIX = "_alignment"
_ALIGNED = {
    "dci_disentanglement": "DCI disentanglement",
    "dci_completeness": "DCI completeness",
    "mig": "MIG",
    "sap": "SAP",
    "modularity": "Modularity",
    "infom": "InfoM modularity",
    "infoc": "InfoC compactness",
    "hoyer": "Hoyer sparsity",
    "gini": "Gini index",
}

DECIDABLE: dict[str, Decidable] = {
    "accuracy": Decidable("Accuracy, mean code", "accuracy"),
    "accuracy_sampled": Decidable("Accuracy, sampled code", "accuracy"),
    "probe_accuracy": Decidable("Probe accuracy, mean code", "accuracy"),
    "probe_interpretability": Decidable("Probe accuracy, sampled code", "accuracy"),
    **{
        name + ALIGNMENT_SUFFIX: Decidable(f"{title}, alignment", "alignment")
        for name, title in _ALIGNED.items()
    },
}
"""By key. They stand here and not in the catalogue, because a space file is read before any room
that measures; a test compares the two."""

LEADING = "dci_disentanglement" + ALIGNMENT_SUFFIX
"""The alignment that a study is judged by unless it says otherwise."""


class Matters(Strict):
    """The smallest difference that matters; a smaller one counts as none."""

    accuracy: float = Field(0.05, gt=0, description="In accuracy, 0-1.")
    alignment: float = Field(
        0.1, gt=0, description="In alignment: 0 a random rotation, 1 the best axes."
    )


class PrimaryTest(Strict):
    """One quantity at one place, of one arm against another."""

    quantity: str = Field(description=f"One of {', '.join(DECIDABLE)}; or as tables print it.")
    target: str = Field("", description="Such as vowel; left out where there is a mean over all.")
    layer: str = Field(description="module 0, module 1, ..., context, or mean over layers.")
    arms: tuple[str, str] = Field(
        description="What is tested is the first minus the second: `sim - gim`."
    )
    matters: float | None = Field(
        None, gt=0, description="Smallest difference that matters; default: the study's `matters`."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, data: Any) -> Any:
        """Read "accuracy, vowel, module 2, sim - gim"; without a target, three parts."""
        if not isinstance(data, str):
            return data
        parts = [part.strip() for part in data.split(",")]
        if len(parts) < 3 or not all(parts):
            raise ValueError(f"must read {FORM}, such as '{EXAMPLE}'; TARGET may be left out")
        *before, layer, arms = parts
        name, target = ", ".join(before), ""
        if quantity_key(name) is None and len(before) > 1:
            name, target = ", ".join(before[:-1]), before[-1]
        return {"quantity": name, "target": target, "layer": layer, "arms": arms}

    @field_validator("quantity")
    @classmethod
    def _by_key(cls, quantity: str) -> str:
        return quantity_key(quantity) or quantity

    @field_validator("layer")
    @classmethod
    def _layer_by_key(cls, layer: str) -> str:
        return _LAYER_WORDS.get(layer.strip(), layer.strip().replace(" ", "_"))

    @field_validator("arms", mode="before")
    @classmethod
    def _two_arms(cls, arms: Any) -> Any:
        if not isinstance(arms, str):
            return arms
        parts = [part.strip() for part in re.split(r"\s-\s", arms)]
        if len(parts) != 2 or not all(parts):
            raise ValueError("must read ARM - ARM, such as 'sim - gim'")
        return parts

    @property
    def place(self) -> tuple[str, str, str]:
        """Quantity, target and layer."""
        return self.quantity, self.target, self.layer

    def __str__(self) -> str:
        """As a space file may state it."""
        layer = "mean over layers" if self.layer == ALL_LAYERS else layer_title(self.layer)
        parts = [self.quantity, self.target, layer, " - ".join(self.arms)]
        return ", ".join(part for part in parts if part)


def quantity_key(name: str) -> str | None:
    """Return the key of a decidable quantity from its key or title, in any order of words."""
    wanted = _words(name)
    by_key = (key for key in DECIDABLE if _words(key) == wanted)
    by_title = (key for key, one in DECIDABLE.items() if _words(one.title) == wanted)
    return next(by_key, None) or next(by_title, None)


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name.lower())) - {"of", "the"}


def with_matters(tests: Sequence[PrimaryTest], matters: Matters) -> tuple[PrimaryTest, ...]:
    """Return tests that each know the smallest difference that matters; quantities are known."""
    return tuple(
        one
        if one.matters is not None
        else one.model_copy(update={"matters": getattr(matters, DECIDABLE[one.quantity].kind)})
        for one in tests
    )


def default_tests(
    arms: tuple[str, str] | None,
    target: str,
    modules: int | None,
    *,
    accuracy: str | None,
    aligned: bool,
) -> tuple[PrimaryTest, ...]:
    """Name the tests of a study that names none.

    The rule: accuracy of one target, and alignment of DCI disentanglement, each in the context and
    in the last conv module; four tests, or two where alignment is not measured. Where encoders
    differ in their number of modules, "the last" is not one place, and only the context is left.

    Args:
        arms: The arm in question and the one it is compared with; None: no tests.
        target: What accuracy is of.
        modules: Number of conv modules; None where encoders differ in it.
        accuracy: Quantity of accuracy; None where there are no probes.
        aligned: Whether alignment is measured.
    """
    layers = ["context"] + ([] if modules is None else [f"module_{modules - 1}"])
    asked = [(accuracy, target)] if accuracy is not None else []
    asked += [(LEADING, "")] if aligned else []
    return tuple(
        PrimaryTest(quantity=quantity, target=of, layer=layer, arms=arms)
        for quantity, of in asked
        for layer in layers
        if arms is not None
    )


def compared_pair(
    methods: Mapping[str, str], a: str | None = None, b: str | None = None
) -> tuple[str | None, str | None]:
    """Choose which arm is held against which, where it is not said.

    Args:
        methods: Of every arm, by its name.
        a: Compared with this arm; None: one of method gim other than b, else another trained one.
        b: The arm in question; None: one of method sim other than a, else another trained one.

    Returns:
        a and b; None where no arm is left.
    """
    first = a or _other(methods, COMPARED[0], but=b)
    return first, b or _other(methods, COMPARED[1], but=first)


def _other(methods: Mapping[str, str], wanted: str, but: str | None) -> str | None:
    """An arm other than `but`: of the wanted method, else a trained one, else any."""
    others = [arm for arm in methods if arm != but]
    return min(
        others, key=lambda arm: (methods[arm] != wanted, is_untrained(methods[arm])), default=None
    )
