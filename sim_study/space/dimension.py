"""One searched hyperparameter: its range, its conditions, the points of a grid."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from sim_study.config.strict import Strict

Value = bool | int | float | str | tuple[int, ...]
"""A value a dimension can take; a tuple is an explicit split."""

Kind = Literal["loguniform", "uniform", "int", "choice"]


class Dimension(Strict):
    """Exactly one of `loguniform`, `uniform`, `int`, `choice`, with optional conditions."""

    model_config = ConfigDict(populate_by_name=True)

    loguniform: tuple[float, float] | None = Field(
        None, description="Lowest and highest value, drawn evenly on a logarithmic scale."
    )
    uniform: tuple[float, float] | None = Field(None, description="Lowest and highest value.")
    integers: tuple[int, int] | None = Field(
        None, alias="int", description="Lowest and highest whole number."
    )
    choice: tuple[Value, ...] | None = Field(None, description="The values themselves.")
    points: Annotated[int, Field(ge=2)] | None = Field(
        None, description="How many points a grid takes from a uniform or loguniform range."
    )
    when: dict[str, Value | list[Value]] = Field(
        default_factory=dict,
        description="Only for these arms (`arm: sim`) or these values of another dimension.",
    )

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        given = self._laws
        if len(given) != 1:
            raise ValueError(
                "needs exactly one of loguniform, uniform, int, choice"
                + (f"; it has {' and '.join(given)}" if given else "")
            )
        kind, law = self.kind, self.bounds
        if kind == "choice":
            if not law:
                raise ValueError("choice is empty: list at least one value")
            if len(set(law)) != len(law):
                raise ValueError("choice lists a value twice")
        elif not law[0] < law[1]:
            raise ValueError(f"{kind}: the lowest value must be below the highest")
        if kind == "loguniform" and law[0] <= 0:
            raise ValueError("loguniform: the lowest value must be above 0")
        if self.points is not None and kind not in ("loguniform", "uniform"):
            raise ValueError("points belongs to uniform or loguniform")
        return self

    @property
    def _laws(self) -> dict[Kind, tuple[Any, ...]]:
        """The laws that are given: one, once that is checked."""
        laws: dict[Kind, tuple[Any, ...] | None] = {
            "loguniform": self.loguniform,
            "uniform": self.uniform,
            "int": self.integers,
            "choice": self.choice,
        }
        return {kind: law for kind, law in laws.items() if law is not None}

    @property
    def kind(self) -> Kind:
        """Which law the dimension follows."""
        return next(iter(self._laws))

    @property
    def bounds(self) -> tuple[Any, ...]:
        """Lowest and highest value of a range; every value of a choice."""
        return next(iter(self._laws.values()))

    @property
    def tried(self) -> tuple[Value, ...]:
        """Values that laws look at: bounds or choices, and one step inside a range of integers."""
        if self.integers is not None:
            low, high = self.integers
            return (low, low + 1, high)
        return self.bounds

    def grid(self) -> list[Value]:
        """Return the values a grid visits; a range without `points` has none."""
        if self.choice is not None:
            return list(self.choice)
        if self.integers is not None:
            return list(range(self.integers[0], self.integers[1] + 1))
        if self.points is None:
            return []
        low, high = self.bounds
        fractions = [index / (self.points - 1) for index in range(self.points)]
        if self.uniform is not None:
            return [low + fraction * (high - low) for fraction in fractions]
        # Ten significant digits: 0.001 reads as 0.001 in names and hashes alike on every machine.
        return [float(f"{low * math.exp(f * math.log(high / low)):.10g}") for f in fractions]

    def applies(self, arm: str, settings: Mapping[str, Value]) -> bool:
        """Whether the conditions hold for an arm and the settings drawn so far."""
        known = {"arm": arm, **settings}
        return all(known.get(key) in _listed(wanted) for key, wanted in self.when.items())

    def arms(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The arms among `names` for which the dimension can be drawn."""
        wanted = self.when.get("arm")
        return names if wanted is None else tuple(n for n in names if n in _listed(wanted))


def _listed(wanted: Value | list[Value]) -> list[Value]:
    return list(wanted) if isinstance(wanted, list) else [wanted]
