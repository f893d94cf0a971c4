"""Section `planted`: which measures tell an aligned code from a rotated one?

Codes of 32 dimensions hold consonant and vowel on axes of their own, or the same turned at random.
A measure's power is d', the difference of its means over both in units of their standard deviation;
below 2 it cannot tell a single code. Beside it stands what alignment reads of both: 1 and 0, if the
instrument is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.measurement import Measurement
from sim_study.config.metrics import CodeMetricName, MetricsConfig
from sim_study.config.probe import PENALTIES
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.metrics.contract import Sample
from sim_study.metrics.evaluate import evaluate
from sim_study.metrics.prepared import prepare
from sim_study.metrics.registry import METRICS
from sim_study.metrics.rotation import random_rotation

DIMENSIONS = 32
CLASSES = {"consonant": ("b", "d", "g"), "vowel": ("a", "i", "u")}
NAMES: tuple[CodeMetricName, ...] = (
    "dci", "dci_forest", "mig", "sap", "infomec", "modularity_explicitness",
)  # fmt: skip
FOREST = "dci_forest"
DRAWS, FOREST_DRAWS = 20, 8
"""Codes of each kind; fewer for the forest, which takes a second to fit."""


@dataclass(frozen=True)
class Planted:
    """What is planted.

    Args:
        title: Of its column.
        dimensions: That consonant and vowel have for themselves.
        distance: Of class means from their mean, in deviations of the noise, root mean square.
        clips: For fitting, and to be scored: 2,181 and 360 of artificial speech, 960 and 480 of the
            default study.
    """

    title: str
    dimensions: tuple[int, int]
    distance: float
    clips: tuple[int, int]


CASES = (
    Planted("1 and 1 dimensions", (1, 1), 2.0, (2181, 360)),
    Planted("3 and 2 dimensions", (3, 2), 1.5, (2181, 360)),
    Planted("3 and 2, 960 + 480 clips", (3, 2), 1.5, (960, 480)),
    Planted("3 and 2, much noise", (3, 2), 0.8, (2181, 360)),
)


def plant(case: Planted, seed: int) -> Sample:
    """Return a code whose first dimensions are the consonant's, the next the vowel's."""
    generator = np.random.default_rng(seed)
    total = sum(case.clips)
    factors = {name: generator.integers(0, 3, total) for name in CLASSES}
    codes = generator.standard_normal((total, DIMENSIONS))
    start = 0
    for labels, width in zip(factors.values(), case.dimensions, strict=True):
        means = generator.standard_normal((3, width)) if width > 1 else np.array([[-1.0], [0], [1]])
        means -= means.mean(axis=0)
        means *= case.distance / np.sqrt((means**2).sum(axis=1).mean())
        codes[:, start : start + width] += means[labels]
        start += width
    train, test = (slice(0, case.clips[0]), slice(case.clips[0], None))
    return Sample(
        codes[train],
        codes[test],
        {name: labels[train] for name, labels in factors.items()},
        {name: labels[test] for name, labels in factors.items()},
        CLASSES,
    )


def turned(sample: Sample, seed: int) -> Sample:
    """Return the sample with its code turned at random."""
    turn = random_rotation(DIMENSIONS, np.random.default_rng(seed))
    return replace(
        sample, train_codes=sample.train_codes @ turn, test_codes=sample.test_codes @ turn
    )


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield d' of every measure in every case, then alignments of aligned and of turned codes."""
    draws = 3 if quick else DRAWS
    for case in CASES[:1] if quick else CASES:
        yield from _power(case, draws)
    yield from _alignment(CASES[0], 2 if quick else 10)


def _power(case: Planted, draws: int) -> Iterator[Measurement]:
    aligned, turned_ones = [], []
    for seed in range(draws):
        sample = plant(case, seed)
        names = [name for name in NAMES if name != FOREST or seed < FOREST_DRAWS]
        aligned.append(_read(sample, names))
        turned_ones.append(_read(turned(sample, seed), names))
    for key in aligned[0]:
        both = [
            np.array([one[key] for one in of_kind if key in one])
            for of_kind in (aligned, turned_ones)
        ]
        yield Measurement("planted", _title(key), case.title, power(*both), "d'")


def power(aligned: np.ndarray, turned_ones: np.ndarray) -> float:
    """Return d' of values (draw,) of aligned and of turned codes."""
    spread = np.sqrt((aligned.var(ddof=1) + turned_ones.var(ddof=1)) / 2)
    return float((aligned.mean() - turned_ones.mean()) / spread)


def _read(sample: Sample, names: Sequence[CodeMetricName]) -> dict[str, float]:
    prepared = prepare(sample, penalties=PENALTIES)
    return {
        key: value
        for name in names
        for key, value in METRICS[name].read(prepared, 0).values.items()
        if _is_shown(key)
    }


def _alignment(case: Planted, draws: int) -> Iterator[Measurement]:
    names = [name for name in NAMES if name != FOREST]
    for kind in ("aligned", "turned"):
        found: dict[str, list[float]] = {}
        for seed in range(draws):
            sample = plant(case, seed)
            sample = turned(sample, seed) if kind == "turned" else sample
            for one in _measured(sample, names):
                for key, of_key in one.items():
                    found.setdefault(key, []).append(of_key)
        for key, values in found.items():
            mean = float(np.mean(values))
            yield Measurement("planted", _title(key), f"alignment, {kind}", mean, "mean")


def _measured(sample: Sample, names: Sequence[str]) -> Iterator[dict[str, float]]:
    config = MetricsConfig()
    for one in evaluate(
        sample, names, permutations=19, rotations=config.rotations, bins=config.bins, seed=0
    ):
        yield {
            key: of_key.alignment
            for key, of_key in one.alignments.items()
            if of_key.alignment is not None and _is_shown(key)
        }


def _is_shown(key: str) -> bool:
    quantity, _, target = key.partition("/")
    return CATALOGUE[quantity].aligned and target in ("", "mean")


def _title(key: str) -> str:
    return CATALOGUE[key.partition("/")[0]].title
