"""python -m sim_study.metrics CODES.npz: how entangled are anyone's codes?"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from sim_study.config.metrics import CodeMetricName, MetricsConfig
from sim_study.entry import Verb
from sim_study.errors import Problem, UserError, near_miss

if TYPE_CHECKING:
    import numpy as np

    from sim_study.metrics.contract import Measurement

DEFAULT = MetricsConfig()
UDR = "udr"
OF_CODES: tuple[str, ...] = get_args(CodeMetricName)
NAMES = (*OF_CODES, UDR)
CHOSEN = tuple(name for name in NAMES if name in (*DEFAULT.names, UDR))
LEFT_OUT = ", ".join(name for name in NAMES if name not in CHOSEN)


@click.command(cls=Verb)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--names",
    default=",".join(CHOSEN),
    metavar="A,B",
    help=f"Metrics, of {', '.join(NAMES)}. [default: all but {LEFT_OUT}]",
)
@click.option(
    "--permutations",
    type=click.IntRange(min=1),
    default=DEFAULT.permutations,
    show_default=True,
    help="Draws behind each null.",
)
@click.option(
    "--rotations",
    type=click.IntRange(min=0),
    default=DEFAULT.rotations,
    show_default=True,
    help="Random rotations behind each alignment; 0: none.",
)
@click.option(
    "--bins",
    type=click.IntRange(min=2),
    default=DEFAULT.bins,
    show_default=True,
    help="Equal-width bins a dimension, for mutual information.",
)
@click.option(
    "--test-fraction",
    type=click.FloatRange(min=0.05, max=0.95),
    default=0.25,
    show_default=True,
    help="Share of the samples that are only scored, where the file has no split.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all draws."
)
@click.option("--json", "form", flag_value="json", help="Print JSON, with every part.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV, one row a value.")
def main(
    file: Path,
    names: str,
    permutations: int,
    rotations: int,
    bins: int,
    test_fraction: float,
    seed: int,
    form: str | None,
) -> None:
    """Measure how entangled codes are, each metric beside what chance reads.

    FILE is an .npz archive: `codes` (sample, dim), and every other array a factor (sample,) of
    integers, strings or booleans. A split of your own goes under train/ and test/ (train/codes,
    train/vowel, test/codes ...); without one, a random part of the samples is only scored.
    Samples that belong together (takes of one word) should not be in both: then give a split.

    Several encoders' codes of the same samples, `codes_0`, `codes_1` ..., are each measured and
    compared with one another (UDR).

    Aligned is a code whose axes go with the factors: it is held against random rotations of itself,
    which hold as much, and against a code that tells as much, each factor on axes of its own.

    Above chance is a value more than two spreads above its null (mean over permuted labels;
    over dimensions permuted each by itself for total correlation; over shuffled samples for UDR).
    """
    if rotations == 1:
        raise UserError(
            Problem("--rotations", "must be 0, or at least 2 for a spread", "", rotations)
        )
    from sim_study.metrics.code_file import read_code_file
    from sim_study.metrics.evaluate import evaluate
    from sim_study.metrics.measurement_files import rows, values_table
    from sim_study.metrics.measurement_table import print_measurements
    from sim_study.metrics.measures.udr import METRIC as UDR_OF_CODES

    chosen = _chosen(names)
    found = read_code_file(file)
    wanted = [name for name in chosen if name != UDR] if found.factors else []
    measurements: dict[str, Sequence[Measurement]] = {
        name: evaluate(
            sample, wanted, permutations=permutations, rotations=rotations, bins=bins, seed=seed
        )
        for name, sample in found.samples(test_fraction, seed).items()
        if wanted
    }
    if UDR in chosen and len(found.codes) > 1:
        several = [*found.codes.values()]
        measurements["codes"] = [UDR_OF_CODES.measure(several, permutations, seed, rotations)]
    if form == "csv":
        click.echo(values_table(measurements), nl=False)
    elif form == "json":
        parts = {
            place: [_parts(one, sorted(found.factors)) for one in of_place]
            for place, of_place in measurements.items()
        }
        click.echo(json.dumps({"values": [*rows(measurements)], "parts": parts}, indent=1))
    else:
        print_measurements(measurements, str(file))


def _chosen(names: str) -> list[str]:
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in NAMES]
    if unknown or not chosen:
        known = f"one of {', '.join(NAMES)}"
        raise UserError(
            *(
                Problem("--names", "unknown metric", "", name, near_miss(name, NAMES) or known)
                for name in unknown or [names]
            )
        )
    return list(dict.fromkeys(chosen))


def _parts(one: Measurement, factors: list[str]) -> dict[str, object]:
    """A measurement's parts as plain lists; null where a dimension is inactive."""

    def plain(array: np.ndarray) -> object:
        """Lists of numbers, with None for what is not finite: JSON has no NaN."""
        if array.ndim > 1:
            return [plain(row) for row in array]
        return [value if math.isfinite(value) else None for value in array.tolist()]

    return {
        "metric": one.metric,
        "factors": factors,
        "by_dimension": {name: plain(array) for name, array in one.by_dimension.items()},
        "by_factor": {name: plain(array) for name, array in one.by_factor.items()},
    }


if __name__ == "__main__":
    main(prog_name="python -m sim_study.metrics")
