"""A study at a glance: every arm beside the untrained encoder, mean and interval over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from analysis.completeness import missing_replicates, role_sentences
from analysis.configurations import UNTRAINED, Configuration, read_configurations, shown
from analysis.facts import read_facts
from analysis.grid import MANY_COLUMNS, Grid
from analysis.intervals import mean_interval
from analysis.metric_key import MetricKey, layer_order, layer_title, parse_key
from analysis.quantities import estimate, number, title_of
from analysis.replicates import ByPlace, null_place, values_by_seed
from analysis.runs import read_runs
from analysis.table import metric_table
from sim_study.ledger.ledger import Ledger

HEADLINES: tuple[tuple[str, str], ...] = (
    ("probe_accuracy", "vowel"),
    ("probe_accuracy", "syllable"),
    ("mig", "mean"),
    ("dci_disentanglement", ""),
    ("hoyer", "vowel"),
    ("hoyer", "syllable"),
    ("kl_nats", ""),
    ("active_units", ""),
)
"""Quantities and targets that get a table; the CSV holds all."""

CAPTION = "mean ± half width of the 95 % t interval over n seeds; * best configuration of its arm"


@dataclass(frozen=True)
class Summary:
    """The end-of-study table.

    Args:
        study: The study's name.
        rows: One row a configuration, quantity, target and layer: arm, method, configuration,
            config_hash, is_best, quantity, target, layer, mean, low, high, half_width (unit of
            the quantity), n, n_asked.
        grids: The headline quantities, one table each.
        notes: What the means leave out, in sentences.
    """

    study: str
    rows: pd.DataFrame
    grids: tuple[Grid, ...]
    notes: tuple[str, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render for a terminal of at least 100 columns."""
        if not self.grids:
            yield Text(f"study {self.study}: nothing has finished yet")
            return
        for grid in self.grids:
            yield grid.to_rich()
            yield Text()
        yield Text(CAPTION, style="dim")
        for note in self.notes:
            yield Text(f"note: {note}", style="yellow")

    def to_text(self, width: int = 100) -> str:
        """Plain text, at most `width` columns wide."""
        console = Console(width=width, color_system=None, force_terminal=False)
        with console.capture() as capture:
            console.print(self)
        return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"

    def to_markdown(self) -> str:
        """Markdown tables with the notes as a list."""
        parts = [grid.to_markdown() for grid in self.grids]
        notes = "\n".join(f"- {note}" for note in self.notes)
        return "\n".join([*parts, f"{CAPTION}.\n", notes]).rstrip() + "\n"

    def to_csv(self) -> str:
        """Every quantity, target and layer, long form."""
        return self.rows.to_csv(index=False)


def summary(ledger: Ledger, study: str) -> Summary:
    """Summarise a study: the best configuration of each arm, and all of an arm that has few.

    Args:
        ledger: Where the study ran.
        study: Its name.

    Returns:
        A summary that prints itself (rich), or as text, Markdown or CSV.

    Raises:
        UserError: When there is no such study.
    """
    runs, facts = read_runs(ledger, study), read_facts(ledger, study)
    metrics = metric_table(ledger, study)
    configurations = shown(read_configurations(runs, facts))
    values = [values_by_seed(metrics, one) for one in configurations]
    headlines = list(HEADLINES)
    if facts.objective:
        objective = parse_key(facts.objective[0].metric)
        headlines = [(objective.quantity, objective.target), *headlines]
    grids = (
        _grid(quantity, target, configurations, values)
        for quantity, target in dict.fromkeys(headlines)
    )
    return Summary(
        study=study,
        rows=_rows(configurations, values),
        grids=tuple(grid for grid in grids if grid),
        notes=(*role_sentences(configurations), *missing_replicates(runs, configurations)),
    )


def _rows(configurations: Sequence[Configuration], values: Sequence[ByPlace]) -> pd.DataFrame:
    rows = []
    for one, by_place in zip(configurations, values, strict=True):
        for place, by_seed in by_place.items():
            counted = [by_seed[seed] for seed in one.counted_seeds if seed in by_seed]
            interval = mean_interval(counted)
            rows.append(
                {
                    "arm": one.arm,
                    "method": one.method,
                    "configuration": one.label,
                    "config_hash": one.config_hash,
                    "is_best": one.is_best,
                    **place._asdict(),
                    "mean": interval.mean,
                    "low": interval.low,
                    "high": interval.high,
                    "half_width": interval.half_width,
                    "n": interval.n,
                    "n_asked": len(one.counted_seeds),
                }
            )
    return pd.DataFrame(rows)


def _grid(
    quantity: str,
    target: str,
    configurations: Sequence[Configuration],
    values: Sequence[ByPlace],
) -> Grid | None:
    """Rows are configurations, columns layers; None when nobody reported the quantity."""
    layers = {
        place.layer
        for by_place in values
        for place in by_place
        if (place.quantity, place.target) == (quantity, target)
    }
    places = [MetricKey(quantity, target, layer) for layer in sorted(layers, key=layer_order)]
    rows = []
    for one, by_place in zip(configurations, values, strict=True):
        if any(place in by_place for place in places):
            rows.append(_row(one, by_place, places))
    if not rows:
        return None
    nulls = _null_row(places, values)
    titles = [layer_title(place.layer) for place in places]
    return Grid(
        title=title_of(quantity, target),
        columns=("", "n", *titles),
        rows=(*rows, *nulls),
        faint=frozenset(range(len(rows), len(rows) + len(nulls))),
    )


def _row(one: Configuration, by_place: ByPlace, places: Sequence[MetricKey]) -> tuple[str, ...]:
    asked = one.counted_seeds
    compact = len(places) > MANY_COLUMNS
    cells, counts = [], set()
    for place in places:
        counted = [by_place[place][seed] for seed in asked if seed in by_place.get(place, {})]
        interval = mean_interval(counted)
        cells.append(estimate(interval.mean, interval.half_width, compact=compact))
        counts |= {interval.n} if interval.n else set()
    n = "-".join(map(str, sorted(counts))) or "0"
    mark = "* " if one.is_best and one.settings else ""
    name = f"{one.label} (untrained)" if one.method == UNTRAINED else one.label
    return (mark + name, n if counts == {len(asked)} else f"{n} of {len(asked)}", *cells)


def _null_row(places: Sequence[MetricKey], values: Sequence[ByPlace]) -> list[tuple[str, ...]]:
    """Mean over all replicates of what knows nothing: chance or permuted labels."""
    cells = []
    for place in places:
        found = [v for by_place in values for v in by_place.get(null_place(place), {}).values()]
        cells.append(number(float(np.mean(found))) if found else "")
    name = "chance" if places[0].quantity == "probe_accuracy" else "labels permuted"
    return [(name, "", *cells)] if any(cells) else []
