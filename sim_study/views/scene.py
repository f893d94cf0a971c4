"""What views are drawn from, and what a view is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sim_study.config.views import ViewsConfig
from sim_study.errors import Problem, UserError
from sim_study.ledger.probe_trial import ProbeTrial
from sim_study.views.shown_probe import ShownProbe, shown_probe
from sim_study.views.style import Drawn


@dataclass(frozen=True)
class Scene:
    """What the views of one encoder are drawn from.

    Args:
        trial: What its probe trial has kept.
        config: What is drawn, and how much of it.
        seed: Of everything that is drawn at random.
        folder: Where pictures and tables go, a subfolder a view.
        metrics: Values by key, as the views are made.
    """

    trial: ProbeTrial
    config: ViewsConfig
    seed: int
    folder: Path
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def layers(self) -> list[str]:
        """Modules, then the context."""
        return self.trial.features.layers

    @cached_property
    def probes(self) -> dict[str, dict[str, ShownProbe]]:
        """The wanted targets' probes, by target and layer.

        Raises:
            UserError: The probe trial did not read a wanted target.
        """
        read = self.trial.weights.targets
        wanted: list[str] = list(self.config.targets or read)
        if missing := [target for target in wanted if target not in read]:
            law = "the probe trial did not read it"
            hint = f"it read {', '.join(read)}"
            raise UserError(*(Problem("views", law, "targets", one, hint) for one in missing))
        most = self.config.clips
        return {
            target: {
                layer: shown_probe(self.trial, target, layer, most, self.seed)
                for layer in self.layers
            }
            for target in wanted
        }


class View(NamedTuple):
    """One way of looking at an encoder.

    Args:
        heading: Of its section on the page.
        draw: Makes its pictures one after another; tables are written on the way.
    """

    heading: str
    draw: Callable[[Scene], Iterator[Drawn]]
