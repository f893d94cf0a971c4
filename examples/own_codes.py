"""Anyone's codes under this project's metrics: `python examples/own_codes.py codes.npz`.

Writes a file that `python -m sim_study.metrics codes.npz` reads, and measures the same codes
in Python. Replace `draw_codes` by codes of your own model.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from sim_study.metrics.evaluate import evaluate
from sim_study.metrics.sample import Sample


def draw_codes(samples: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draw codes of 6 dimensions: the first follows the vowel, the second the consonant.

    Returns:
        Codes (sample, dim), and class indices (sample,) by factor.
    """
    generator = np.random.default_rng(seed)
    factors = {name: generator.integers(3, size=samples) for name in ("vowel", "consonant")}
    codes = generator.normal(size=(samples, 6))
    codes[:, 0] += 4 * factors["vowel"]
    codes[:, 1] += 4 * factors["consonant"]
    return codes, factors


def split(codes: np.ndarray, factors: dict[str, np.ndarray], fitted: int) -> Sample:
    """Return a sample whose first `fitted` codes are for fitting, the others only scored.

    Samples that belong together (takes of one word, of one speaker) should be on one side.
    """
    train, test = slice(0, fitted), slice(fitted, None)
    return Sample(
        codes[train],
        codes[test],
        {name: labels[train] for name, labels in factors.items()},
        {name: labels[test] for name, labels in factors.items()},
        dict.fromkeys(factors, ("0", "1", "2")),  # names of the classes
    )


def main(path: Path = Path("codes.npz")) -> None:
    """Write codes and factors to a file; print each metric beside what chance reads."""
    codes, factors = draw_codes(400, seed=0)
    np.savez(path, codes=codes, **factors)

    sample = split(codes, factors, 300)
    names = ("mig", "sap", "dci", "infomec", "total_correlation")
    for result in evaluate(sample, names, permutations=10, bins=20, seed=0):
        for key, value in result.values.items():
            chance = result.nulls[key].mean if key in result.nulls else float("nan")
            print(f"{key:<32} {value:6.3f}   chance {chance:6.3f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
