"""`robustness.csv`: how well the probes of an encoder read perturbed test clips, point by point."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sim_study.ledger.arrays import MADE_ANEW
from sim_study.ledger.damage import damaged
from sim_study.ledger.files import csv_text, write_text

ROBUSTNESS_FILE = "robustness.csv"

CLEAN = "clean"
"""The kind of a point whose clips are as they were; its level is written as nothing."""


class RobustnessPoint(NamedTuple):
    """One point of a curve.

    Args:
        target, layer: Of the probe.
        kind: gain, white or babble; clean: not perturbed.
        level_db: Of gain, what was added; of noise, the signal-to-noise ratio; 0 of clean.
        accuracy: Of the probe, fraction 0-1.
        n: Examples that were read.
    """

    target: str
    layer: str
    kind: str
    level_db: float
    accuracy: float
    n: int


def write_robustness(folder: Path, points: Iterable[RobustnessPoint]) -> None:
    """Write the points into a probe trial's artifacts."""
    rows = (
        (*one[:3], "" if one.kind == CLEAN else f"{one.level_db:g}", f"{one.accuracy:.6f}", one.n)
        for one in points
    )
    write_text(folder / ROBUSTNESS_FILE, csv_text([RobustnessPoint._fields, *rows]))


def read_robustness(folder: Path) -> list[RobustnessPoint]:
    """Read a probe trial's points; none where it was not asked for them.

    Raises:
        UserError: The file is damaged.
    """
    path = folder / ROBUSTNESS_FILE
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                RobustnessPoint(
                    line["target"],
                    line["layer"],
                    line["kind"],
                    float(line["level_db"] or 0),
                    float(line["accuracy"]),
                    int(line["n"]),
                )
                for line in csv.DictReader(file, strict=True)
            ]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise damaged(path, error, MADE_ANEW) from error
