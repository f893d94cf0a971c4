"""Everything that is drawn and tabulated of one encoder's codes and probes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.config.views import ViewName, ViewsConfig
from sim_study.downstream.codes.frame_codes import draw_rows
from sim_study.errors import Problem, UserError
from sim_study.metrics.label_weights import (
    by_label_carried,
    carriers,
    contrasts,
    heaviest_dimensions,
    shares,
    stretched,
)
from sim_study.metrics.measures.dimensions_kept import kept
from sim_study.naming.layers import layer_title
from sim_study.views import captions
from sim_study.views.class_marks import class_marks, rest_note
from sim_study.views.decision import decision_plane
from sim_study.views.distributions import moments_beside_prior, widest
from sim_study.views.draw_carriers import LABELS, draw_carriers
from sim_study.views.draw_decision import draw_decision
from sim_study.views.draw_embedding import draw_embedding
from sim_study.views.draw_histograms import draw_histograms
from sim_study.views.draw_kept import draw_kept
from sim_study.views.draw_scatter import draw_scatter
from sim_study.views.draw_weights import draw_weights
from sim_study.views.embedding import fitting_perplexity, tsne
from sim_study.views.probed import MEANS, SAMPLED, Probed, Readout
from sim_study.views.style import Drawn
from sim_study.views.tables import write_table, write_weights

Readouts = dict[str, Readout]
"""One target's probes, by layer."""

FACTORS = ("syllable", "vowel", "consonant", "speaker")
"""What colours the t-SNE map, where clips have it."""


@dataclass(frozen=True)
class Gallery:
    """Draws the views of one encoder into a folder.

    Args:
        probed: The arrays of its probe trial.
        config: What is drawn.
        seed: Of everything that is drawn at random.
        folder: Where pictures and tables go, a subfolder a view.
        metrics: Values by key, as the views are made.
    """

    probed: Probed
    config: ViewsConfig
    seed: int
    folder: Path
    metrics: dict[str, float] = field(default_factory=dict)

    def draw(self) -> Iterator[tuple[ViewName, Drawn]]:
        """Make the views one after another; tables are written on the way.

        Raises:
            UserError: The probe trial did not read a wanted target.
        """
        of_probes: dict[ViewName, Callable[[Readouts], Iterator[Drawn]]] = {
            "weights": self._weights,
            "kept": self._kept,
            "decision": self._decision,
            "scatter": self._scatter,
        }
        of_codes: dict[ViewName, Callable[[], Iterator[Drawn]]] = {
            "histograms": self._histograms,
            "tsne": self._tsne,
        }
        wanted = [name for name in of_probes if name in self.config.draw]
        for target in self._targets() if wanted else ():
            readouts = self._readouts(target)
            for name in wanted:
                yield from ((name, drawn) for drawn in of_probes[name](readouts))
        for name in of_codes:
            if name in self.config.draw:
                yield from ((name, drawn) for drawn in of_codes[name]())

    def _targets(self) -> list[str]:
        read = self.probed.targets
        wanted: list[str] = list(self.config.targets or read)
        if missing := [target for target in wanted if target not in read]:
            law = "the probe trial did not read it"
            hint = f"it read {', '.join(read)}"
            raise UserError(*(Problem("views", law, "targets", one, hint) for one in missing))
        return wanted

    def _readouts(self, target: str) -> Readouts:
        most = self.config.clips
        return {
            layer: self.probed.readout(target, layer, most, self.seed)
            for layer in self.probed.layers
        }

    def _weights(self, readouts: Readouts) -> Iterator[Drawn]:
        target, classes = _read(readouts)
        carried = {}
        for layer, one in readouts.items():
            rescaled = stretched(one.weight)  # (label, dim)
            carried[layer] = shares(one.standard_weight)
            write_weights(self.folder / "weights" / f"{target}_{layer}", rescaled.T, classes)
            self._write_carriers(one, carried[layer])
            yield Drawn(
                f"{target}_{layer}",
                f"Probe weights, {target}, {layer_title(layer)}",
                captions.WEIGHTS,
                draw_weights(
                    rescaled,
                    by_label_carried(carried[layer]),
                    classes,
                    f"{target}, {layer_title(layer)}: {one.accuracy:.0%} of {len(one.labels)} "
                    f"right, chance {one.chance:.0%}",
                    "weight, rescaled",
                ),
            )
        yield Drawn(
            f"{target}_carriers",
            f"Dimensions that carry each {target}",
            captions.CARRIERS
            + (f" The first {LABELS} of {len(classes)} labels." if len(classes) > LABELS else ""),
            draw_carriers(
                {
                    f"{layer_title(layer)}\n{one.accuracy:.0%} right, chance {one.chance:.0%}": of
                    for (layer, one), of in zip(readouts.items(), carried.values(), strict=True)
                },
                target,
                classes,
            ),
        )

    def _write_carriers(self, one: Readout, carried: np.ndarray) -> None:
        relative = contrasts(one.standard_weight)
        rows = [
            (one.classes[label], rank + 1, int(dimension), relative[label, dimension], share)
            for label, ranked in enumerate(carriers(carried))
            for rank, dimension in enumerate(ranked)
            for share in [carried[label, dimension]]
        ]
        path = self.folder / "weights" / f"{one.target}_{one.layer}_carriers.csv"
        write_table(path, ("label", "rank", "dimension", "weight", "share"), rows)

    def _kept(self, readouts: Readouts) -> Iterator[Drawn]:
        target, _ = _read(readouts)
        found = {}
        rows = []
        for layer, one in readouts.items():
            curves = kept(
                one.standard_weight,
                one.standard_bias,
                one.codes,
                one.labels,
                one.chance,
                self.config.random_orders,
                self.seed,
            )
            found[layer] = curves
            self.metrics.update(
                {f"{key}/{target}/{layer}": value for key, value in curves.values.items()}
            )
            random = curves.random.mean(axis=0)
            rows += [
                (layer, number + 1, accuracy, random[number])
                for number, accuracy in enumerate(curves.accuracy)
            ]
        columns = ("layer", "dimensions", "accuracy", "accuracy_random_order")
        write_table(self.folder / "kept" / f"{target}.csv", columns, rows)
        yield Drawn(
            target,
            f"How many dimensions keep the {target}",
            captions.KEPT,
            draw_kept(found, target),
        )

    def _decision(self, readouts: Readouts) -> Iterator[Drawn]:
        target, classes = _read(readouts)
        planes = {layer: decision_plane(one) for layer, one in readouts.items()}
        drawable = {layer: plane for layer, plane in planes.items() if plane is not None}
        if not drawable:
            return
        labels = {layer: readouts[layer].labels for layer in drawable}
        marks = class_marks(classes, next(iter(labels.values())))
        yield Drawn(
            target,
            f"Decisions about the {target} over two dimensions",
            captions.DECISION + rest_note(classes, marks),
            draw_decision(drawable, labels, classes, marks),
        )

    def _scatter(self, readouts: Readouts) -> Iterator[Drawn]:
        target, classes = _read(readouts)
        readouts = {layer: one for layer, one in readouts.items() if one.codes.shape[1] >= 3}
        if not readouts:
            return
        strongest = {
            layer: tuple(map(int, heaviest_dimensions(one.standard_weight)[:3]))
            for layer, one in readouts.items()
        }
        points = {layer: one.codes[:, strongest[layer]] for layer, one in readouts.items()}
        labels = {layer: one.labels for layer, one in readouts.items()}
        marks = class_marks(classes, next(iter(labels.values())))
        yield Drawn(
            target,
            f"The three strongest dimensions for the {target}",
            captions.SCATTER + rest_note(classes, marks),
            draw_scatter(points, strongest, labels, marks),
        )

    def _histograms(self) -> Iterator[Drawn]:
        rows = []
        for layer in self.probed.layers:
            codes = self._frame_codes(layer)
            for kind, of_kind in codes.items():
                moments = moments_beside_prior(of_kind)
                rows += [(layer, kind, number, *line) for number, line in enumerate(moments)]
            broadest = widest(next(iter(codes.values())), self.config.histogram_dimensions)
            yield Drawn(
                layer,
                f"Latents beside N(0, 1), {layer_title(layer)}",
                captions.HISTOGRAMS,
                draw_histograms(codes, broadest),
            )
        columns = ("layer", "code", "dimension", "mean", "deviation", "kl_from_n01_nats")
        write_table(self.folder / "histograms" / "moments.csv", columns, rows)

    def _frame_codes(self, layer: str) -> dict[str, np.ndarray]:
        """By kind of code; a method that does not sample has one."""
        means, sampled = (self.probed.frame_codes(one, layer) for one in (MEANS, SAMPLED))
        if np.array_equal(means, sampled):
            return {"latents": means}
        return {"mean code": means, "sampled code": sampled}

    def _tsne(self) -> Iterator[Drawn]:
        labels = {one: self.probed.clip_labels(one) for one in FACTORS}
        known = {one: of_clips for one, of_clips in labels.items() if of_clips is not None}
        if not known:
            return
        codes = self.probed.clip_codes(MEANS, "context")
        if not np.ptp(codes, axis=0).any():
            return  # nothing to lay out: t-SNE would divide by 0, and end the process
        rows = draw_rows(len(codes), self.config.clips, seed_for(self.seed, "views", "tsne"))
        perplexity = fitting_perplexity(self.config.tsne_perplexity, len(rows))
        places = tsne(codes[rows], perplexity, seed_for(self.seed, "tsne"))
        shown = {one: of_clips[rows] for one, of_clips in known.items()}
        marks = {one: class_marks(self.probed.classes(one), shown[one]) for one in shown}
        notes = (rest_note(self.probed.classes(one), marks[one]) for one in shown)
        yield Drawn(
            "context",
            "t-SNE of the context",
            captions.TSNE.format(points=len(rows), perplexity=perplexity)
            + "".join(dict.fromkeys(notes)),
            draw_embedding(places, shown, marks),
        )


def _read(readouts: Readouts) -> tuple[str, tuple[str, ...]]:
    """What probes read, and the names of its labels; the same in every layer."""
    one = next(iter(readouts.values()))
    return one.target, one.classes
