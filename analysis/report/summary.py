"""A study at a glance: every arm beside the untrained encoder, mean and interval over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from analysis.read.configurations import Configuration
from analysis.read.study import StudyRecord
from analysis.report.grid import Grid
from analysis.report.summary_grid import summary_grid, udr_grid
from analysis.statistics.intervals import Interval, mean_interval
from analysis.statistics.measured import MARK, NOTE, Measured
from analysis.statistics.udr import NOTE as UDR_NOTE
from analysis.statistics.udr import QUANTITY, ByLayer, udr_by_layer
from analysis.words.limits import means_sentences
from analysis.words.quantities import CODES, HEADLINES, short_title
from sim_study.naming.result_keys import MetricKey, parse_key

CAPTION = (
    "mean ± half width of the 95 % t interval over n seeds (no ±: one seed, or equal seeds); "
    "* best configuration of its arm; labels permuted: what the measure reads of the same code "
    "when labels are shuffled, so compare what lies above it"
)

LOST_FACTOR = (
    "modularity and InfoM say nothing where a factor cannot be read (its explicitness is at its "
    "null): each dimension then tells the others alone"
)


@dataclass(frozen=True)
class Summary:
    """The end-of-study table.

    Args:
        study: The study's name.
        rows: One row a configuration, quantity, target and layer: arm, method, configuration,
            config_hash, is_best, quantity, target, layer, mean, low, high, half_width (unit of
            the quantity), n, n_asked, null (mean chance or permuted-label null over the same
            seeds), at_chance (whether the probe whose weights it reads knows nothing).
        grids: The headline quantities, one table each.
        udr: How far each configuration's seeds find the same dimensions, where it can be told.
        caption: How to read them.
        notes: What the means leave out, in sentences.
    """

    study: str
    rows: pd.DataFrame
    grids: tuple[Grid, ...]
    udr: Grid | None
    caption: str
    notes: tuple[str, ...]

    @property
    def all_grids(self) -> tuple[Grid, ...]:
        """Every table, UDR last."""
        return (*self.grids, *([self.udr] if self.udr else []))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render for a terminal of at least 100 columns."""
        if not self.grids:
            yield Text(f"study {self.study}: nothing has finished yet")
            return
        for grid in self.all_grids:
            yield grid.to_rich()
            yield Text()
        yield Text(self.caption, style="dim")
        for note in self.notes:
            yield Text(f"note: {note}", style="yellow")

    def to_markdown(self) -> str:
        """Markdown tables with the notes as a list."""
        parts = [grid.to_markdown() for grid in self.all_grids]
        notes = "\n".join(f"- {note}" for note in self.notes)
        return "\n".join([*parts, f"{self.caption}.\n", notes]).rstrip() + "\n"

    def to_csv(self) -> str:
        """Every quantity, target and layer, long form."""
        return self.rows.to_csv(index=False)


def summary(study: StudyRecord) -> Summary:
    """Summarise a study: the best configuration of each arm, and all of an arm that has few."""
    measured = [Measured(one, study.values(one)) for one in study.shown]
    objective = [parse_key(one.metric)[:2] for one in study.facts.objective[:1]]
    headlines = dict.fromkeys([*objective, *HEADLINES])
    drawn = (summary_grid(quantity, target, measured) for quantity, target in headlines)
    grids = tuple(grid for grid in drawn if grid)
    shared = [udr_by_layer(study.runs, one) for one in study.shown]
    across_seeds = udr_grid(study.shown, shared)
    return Summary(
        study=study.name,
        rows=pd.DataFrame([*_rows(measured), *_udr_rows(study.shown, shared)]),
        grids=grids,
        udr=across_seeds,
        caption=caption_of(grids, across_seeds),
        notes=tuple(means_sentences(study)),
    )


def _rows(measured: Sequence[Measured]) -> Iterator[dict[str, Any]]:
    for side in measured:
        for place in side.values:
            null = mean_interval(side.nulls(place)).mean
            interval = mean_interval(side.counted(place))
            yield _row(side.one, place, interval, null, at_chance=side.reads_chance(place))


def _udr_rows(
    configurations: Sequence[Configuration], values: Sequence[ByLayer]
) -> Iterator[dict[str, Any]]:
    """One number over all seeds together: it has no interval."""
    for one, of_one in zip(configurations, values, strict=True):
        for layer, found in of_one.items():
            whole = Interval(found.value, math.nan, math.nan, len(found.by_encoder))
            yield _row(one, MetricKey(QUANTITY, "", layer), whole, found.null.mean)


def _row(
    one: Configuration, place: MetricKey, over: Interval, null: float, *, at_chance: bool = False
) -> dict[str, Any]:
    return {
        "arm": one.arm,
        "method": one.method,
        "configuration": one.label,
        "config_hash": one.config_hash,
        "is_best": one.is_best,
        **place._asdict(),
        "mean": over.mean,
        "low": over.low,
        "high": over.high,
        "half_width": over.half_width,
        "n": over.n,
        "n_asked": len(one.counted_seeds),
        "null": null,
        "at_chance": at_chance,
    }


def caption_of(grids: Sequence[Grid], across_seeds: Grid | None) -> str:
    """How to read the tables, with the footnotes that they need."""
    titles = tuple(short_title(quantity) for quantity in ("modularity", "infom"))
    marked = any(MARK in cell for grid in grids for row in grid.rows for cell in row)
    modular = any(grid.title.startswith(titles) for grid in grids)
    notes = ((NOTE, marked), (LOST_FACTOR, modular), (UDR_NOTE, across_seeds))
    return ".\n".join([CAPTION, CODES, *(note for note, is_needed in notes if is_needed)])
