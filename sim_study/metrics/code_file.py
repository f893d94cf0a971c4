"""Anyone's codes and factors, as an .npz file holds them, checked before anything is measured."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim_study.errors import Problem, UserError
from sim_study.metrics.sample import Sample

CODES = re.compile(r"codes(_\d+)?")
STARTS = ("train/", "test/")
LEAST_SAMPLES = 20
"""Of codes and labels, in all: with fewer, nothing is left to score."""

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class CodeFile:
    """What a file holds.

    Args:
        codes: By name ("codes", "codes_0"): (sample, dim), training samples first.
        factors: By name: (sample,) class indices, in the same order.
        classes: By name: names of the classes.
        train: How many of the samples are for fitting; None: the file does not say which.
    """

    codes: dict[str, np.ndarray]
    factors: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    train: int | None

    def samples(self, test_fraction: float, seed: int) -> dict[str, Sample]:
        """Return a sample of every code; where the file has no split, a random one.

        Args:
            test_fraction: Share of the samples that are only scored, where the file has no split.
            seed: Draws them.
        """
        total = len(next(iter(self.codes.values())))
        order = np.arange(total)
        train = self.train
        if train is None:
            order = np.random.default_rng(seed).permutation(total)
            train = total - max(1, round(test_fraction * total))
        fitted, scored = order[:train], order[train:]
        return {
            name: Sample(
                codes[fitted],
                codes[scored],
                {factor: labels[fitted] for factor, labels in self.factors.items()},
                {factor: labels[scored] for factor, labels in self.factors.items()},
                self.classes,
            )
            for name, codes in self.codes.items()
        }


def read_code_file(path: Path) -> CodeFile:
    """Read codes and factors.

    Keys: `codes`, or `codes_0`, `codes_1` ... of several encoders, (sample, dim); every other key
    a factor (sample,) of integers, strings or booleans. With a split of its own the same under
    `train/` and `test/`.

    Raises:
        UserError: Listing everything that is wrong with the arrays.
    """
    arrays = _load(path)
    split = any(key.startswith(STARTS) for key in arrays)
    parts = {start: _part(arrays, start) for start in (STARTS if split else ("",))}
    problems = [*_split_problems(arrays, *parts.values())] if split else []
    if not problems:
        problems = [one for start, part in parts.items() for one in _problems(part, start)]
        problems += _width_problems(*parts.values()) if split else ()
    whole: Arrays = {}
    if not problems:
        first, *others = parts.values()
        whole = {key: np.concatenate([first[key], *(one[key] for one in others)]) for key in first}
        problems = [*_total_problems(whole)]
    if problems:
        raise UserError(*(Problem(str(path), one.law, one.key, hint=one.hint) for one in problems))
    codes = {key: whole[key].astype(np.float64) for key in sorted(whole) if CODES.fullmatch(key)}
    factors, classes = {}, {}
    for key, labels in whole.items():
        if key not in codes:
            names, factors[key] = np.unique(labels, return_inverse=True)
            classes[key] = tuple(map(str, names))
    train = len(parts["train/"][next(iter(codes))]) if split else None
    return CodeFile(codes, factors, classes, train)


def _load(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise UserError(Problem(str(path), "no such file"))
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (
        ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error, AttributeError, TypeError,
    ) as error:  # fmt: skip
        raise UserError(Problem(str(path), f"cannot be read as .npz: {error}")) from None
    others = [key for key, one in arrays.items() if not isinstance(one, np.ndarray)]
    if others:
        raise UserError(*(Problem(str(path), "is not an array", key) for key in others))
    return arrays


def _part(arrays: Arrays, start: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(start): one for key, one in arrays.items() if key.startswith(start)}


def _split_problems(arrays: Arrays, train: Arrays, test: Arrays) -> Iterator[Problem]:
    """Keys outside of the split, and keys that only one part has."""
    for key in sorted(arrays):
        if not key.startswith(STARTS):
            yield Problem("", "must be under train/ and test/, as others are", key)
    for key in sorted({*train} ^ {*test}):
        has, lacks = ("train", "test") if key in train else ("test", "train")
        yield Problem("", f"is missing, while there is {has}/{key}", f"{lacks}/{key}")


def _problems(arrays: Arrays, start: str) -> Iterator[Problem]:
    """Shapes, types, lengths and values of one part."""
    codes = [key for key in sorted(arrays) if CODES.fullmatch(key)]
    if not codes:
        hint = "(sample, dim), or codes_0, codes_1 ... of several encoders"
        yield Problem("", "is missing", f"{start}codes", hint=hint)
    for key in codes:
        one = arrays[key]
        if one.dtype.kind not in "fiu":
            yield Problem("", f"must hold real numbers, not {one.dtype}", start + key)
        elif one.ndim != 2 or 0 in one.shape:
            yield Problem("", f"must be (sample, dim), not {one.shape}", start + key)
        elif bad := int((~np.isfinite(one)).sum()):
            yield Problem("", f"holds {bad} values that are NaN or infinite", start + key)
    samples = len(arrays[codes[0]]) if codes and arrays[codes[0]].ndim == 2 else None
    for key in sorted(arrays):
        one = arrays[key]
        if key not in codes:
            yield from _factor_problems(start + key, one)
        fits = one.ndim == (2 if key in codes else 1)
        if fits and samples is not None and len(one) != samples:
            law = f"has {len(one)} samples, {start}{codes[0]} has {samples}"
            yield Problem("", law, start + key)


def _factor_problems(key: str, labels: np.ndarray) -> Iterator[Problem]:
    if labels.ndim != 1:
        yield Problem("", f"is a factor and must be (sample,), not {labels.shape}", key)
    elif labels.dtype.kind == "f" and not np.array_equal(labels, np.floor(labels)):
        law = "must hold classes: integers, strings or booleans"
        yield Problem("", law, key, hint="cut a continuous factor into bins of your choice")
    elif labels.dtype.kind not in "fiubUS":
        yield Problem("", f"must hold integers, strings or booleans, not {labels.dtype}", key)


def _width_problems(train: Arrays, test: Arrays) -> Iterator[Problem]:
    for key in sorted(train):
        both = CODES.fullmatch(key) and train[key].ndim == test[key].ndim == 2
        if both and train[key].shape[1] != test[key].shape[1]:
            law = f"has {test[key].shape[1]} dimensions, train/{key} {train[key].shape[1]}"
            yield Problem("", law, f"test/{key}")


def _total_problems(whole: Arrays) -> Iterator[Problem]:
    """Too few samples to score, or classes to tell apart, once shapes and types are right."""
    codes = [key for key in sorted(whole) if CODES.fullmatch(key)]
    samples = len(whole[codes[0]])
    if samples < LEAST_SAMPLES:
        yield Problem("", f"must have at least {LEAST_SAMPLES} samples, not {samples}", codes[0])
    factors = [key for key in sorted(whole) if key not in codes]
    if not factors and len(codes) == 1:
        law = "there is neither a factor, (sample,), nor a second encoder's codes_1"
        yield Problem("", law, hint="what should the codes be held against?")
    for key in factors:
        classes = len(np.unique(whole[key]))
        if classes < 2:
            yield Problem("", "must have at least two classes", key)
        elif 2 * classes > samples:
            law = f"has {classes} classes in {samples} samples, fewer than two samples each"
            yield Problem("", law, key)
