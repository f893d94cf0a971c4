"""Measurements as a printed table, as Parquet and as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pandas as pd

from benchmarks.machine import describe
from benchmarks.measurement import Measurement

matplotlib.use("Agg")


def print_section(name: str, measurements: Sequence[Measurement]) -> None:
    """Print one section as a Markdown table; a number with a goal says whether it is reached."""
    quantities = list(dict.fromkeys(f"{m.quantity}, {m.unit}" for m in measurements))
    rows: dict[str, dict[str, str]] = {}
    for m in measurements:
        rows.setdefault(m.case, {})[f"{m.quantity}, {m.unit}"] = _cell(m)
    print(f"\n**{name}** ({describe()})\n", flush=True)
    print(f"| | {' | '.join(quantities)} |")
    print(f"|---|{'---:|' * len(quantities)}")
    for case, cells in rows.items():
        print(f"| {case} | {' | '.join(cells.get(q, '') for q in quantities)} |", flush=True)


def write(name: str, measurements: Sequence[Measurement], folder: Path) -> None:
    """Write `<name>.parquet` and `<name>.png` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(
        {
            "section": m.section,
            "case": m.case,
            "quantity": m.quantity,
            "value": m.value,
            "unit": m.unit,
            "goal": "" if m.goal is None else f"{m.goal.law} {m.goal.value:g}",
            "reached": None if m.goal is None else m.goal.reached(m.value),
            "machine": describe(),
        }
        for m in measurements
    )
    frame.to_parquet(folder / f"{name}.parquet")
    _draw(name, frame, folder / f"{name}.png")


def _draw(name: str, frame: pd.DataFrame, path: Path) -> None:
    """Draw one panel a quantity, one bar a case, a line where the goal is."""
    from matplotlib import pyplot

    keys = list(dict.fromkeys(zip(frame.quantity, frame.unit, strict=True)))
    cases = list(dict.fromkeys(frame.case))
    figure, panels = pyplot.subplots(
        1, len(keys), figsize=(3 + 2.2 * len(keys), 1.2 + 0.3 * len(cases)), sharey=True
    )
    for panel, (quantity, unit) in zip([panels] if len(keys) == 1 else panels, keys, strict=True):
        part = frame[(frame.quantity == quantity) & (frame.unit == unit)]
        places = [len(cases) - 1 - cases.index(case) for case in part.case]
        panel.barh(places, part.value, color="tab:blue")
        panel.set_title(f"{quantity}\n{unit}", fontsize=9)
        panel.set_yticks(range(len(cases)), cases[::-1], fontsize=8)
        for place, goal in zip(places, part.goal, strict=True):
            if goal:
                at = float(goal.split()[-1])
                panel.plot([at, at], [place - 0.45, place + 0.45], color="black")
    figure.suptitle(f"{name} (black: the goal)", fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _cell(m: Measurement) -> str:
    value = f"{m.value:.3g}" if abs(m.value) < 1000 else f"{m.value:.0f}"
    if m.goal is None:
        return value
    verdict = "reached" if m.goal.reached(m.value) else "NOT reached"
    return f"{value} ({m.goal.law} {m.goal.value:g}: {verdict})"
