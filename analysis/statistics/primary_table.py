"""The primary tests as a table: every number that a verdict rests on."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.statistics.power import ALPHA
from analysis.statistics.primary import Outcome, Primary


def primary_table(primary: Primary) -> pd.DataFrame:
    """Return one row a test, all values in the unit of its quantity; seeds_needed -1: unknown."""
    return pd.DataFrame([_row(one) for one in primary.outcomes])


def _row(one: Outcome) -> dict[str, object]:
    reading, judged = one.reading, one.judged
    a, b = reading.a_values, reading.b_values
    interval, within = reading.difference.interval(), reading.difference.interval(1 - 2 * ALPHA)
    unpaired = reading.unpaired.interval()
    quantity, target, layer = reading.place or reading.test.place
    related = len(a) > 2 and min(np.ptp(a), np.ptp(b)) > 0
    return {
        "test": str(reading.test),
        "quantity": quantity,
        "target": target,
        "layer": layer,
        "a": reading.a.label if reading.a else reading.test.arms[1],
        "b": reading.b.label if reading.b else reading.test.arms[0],
        "role": reading.role,
        "n": reading.difference.n,
        "n_asked": len(reading.asked),
        "a_mean": float(np.mean(a)) if a else math.nan,
        "b_mean": float(np.mean(b)) if b else math.nan,
        "difference": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "low_90": within.low,
        "high_90": within.high,
        "matters": reading.matters,
        "spread": reading.spread,
        "correlation": float(np.corrcoef(a, b)[0, 1]) if related else math.nan,
        "p": reading.difference.p,
        "p_holm": judged.p,
        "p_equivalent": reading.difference.p_equivalent(reading.matters),
        "p_equivalent_holm": judged.p_equivalent,
        "verdict": judged.verdict,
        "welch_low": unpaired.low,
        "welch_high": unpaired.high,
        "welch_p": reading.unpaired.p,
        "welch_p_holm": one.unpaired.p,
        "welch_verdict": one.unpaired.verdict,
        "seeds_needed": -1 if one.seeds_needed is None else one.seeds_needed,
    }
