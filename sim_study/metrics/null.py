"""What a metric reads when the code has nothing to do with the factors, or with itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim_study.metrics.contract import Metric, Null, Prepared
from sim_study.metrics.sample import UNLABELLED


def nulls(
    metrics: Sequence[Metric], sample: Prepared, permutations: int, seed: int
) -> list[dict[str, Null]]:
    """Measure every metric where what it measures is left to chance.

    All metrics read the same draws, so that what they share is computed once a draw.

    Args:
        metrics: The metrics.
        sample: Codes and factors.
        permutations: How many times to permute.
        seed: Draws the permutations, and the metrics' own draws under each.

    Returns:
        Of each metric, the null by the metric's own keys; empty for one without chance.
    """
    found: list[list[Mapping[str, float]]] = [[] for _ in metrics]
    for chance, draws in (
        ("permuted labels", permuted_labels),
        ("independent dimensions", independent_dimensions),
    ):
        readers = [index for index, metric in enumerate(metrics) if metric.chance == chance]
        if readers:
            for number, drawn in enumerate(draws(sample, permutations, seed)):
                for index in readers:
                    found[index].append(metrics[index].read(drawn, seed + number).values)
    return [summarise(values) if values else {} for values in found]


def permuted_labels(sample: Prepared, permutations: int, seed: int) -> Iterator[Prepared]:
    """Yield the sample with labels that have nothing to do with their clips.

    All factors of a clip move together, so the factors keep their relation to one another. Of
    single frames each factor has its own, and the frames of one phone get one label: frame by frame
    they would spread less than the labels of so few phones do.
    """
    if sample.blocks is not None:
        yield from _permuted_blocks(sample, sample.blocks, permutations, seed)
        return
    train_orders = label_orders(len(sample.train_codes), permutations, seed, "train")
    test_orders = label_orders(len(sample.test_codes), permutations, seed, "test")
    for train, test in zip(train_orders, test_orders, strict=True):
        yield replace(
            sample,
            train_factors={k: v[train] for k, v in sample.train_factors.items()},
            test_factors={k: v[test] for k, v in sample.test_factors.items()},
        )


def _permuted_blocks(
    sample: Prepared, blocks: tuple[np.ndarray, np.ndarray], permutations: int, seed: int
) -> Iterator[Prepared]:
    generator = np.random.default_rng([seed, 4])
    for _ in range(permutations):
        train, test = (
            {factor: _dealt(labels, of_part, generator) for factor, labels in factors.items()}
            for factors, of_part in zip(
                (sample.train_factors, sample.test_factors), blocks, strict=True
            )
        )
        yield replace(sample, train_factors=train, test_factors=test)


def _dealt(labels: np.ndarray, blocks: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Deal the labels (row,) of blocks (row,) anew among those that have one."""
    rows = np.flatnonzero(labels != UNLABELLED)
    _, first, places = np.unique(blocks[rows], return_index=True, return_inverse=True)
    dealt = labels.copy()
    dealt[rows] = generator.permutation(labels[rows][first])[places]
    return dealt


def independent_dimensions(sample: Prepared, permutations: int, seed: int) -> Iterator[Prepared]:
    """Yield the sample with every dimension's values in an order of their own.

    Each dimension keeps its distribution, and has nothing to do with any other any more. Labels
    lose their meaning: no metric that reads them may use this null.
    """
    generator, of_sampled, of_frames = (np.random.default_rng([seed, part]) for part in (2, 3, 5))
    assert sample.sampled_codes is not None, "prepare gives every sample some"
    for _ in range(permutations):
        order = generator.permuted(_columns(sample.train_codes.shape), axis=0)  # (sample, dim)
        test_order = generator.permuted(_columns(sample.test_codes.shape), axis=0)
        frames = sample.sampled_frames
        yield replace(
            sample,
            train_codes=np.take_along_axis(sample.train_codes, order, axis=0),
            raw_codes=np.take_along_axis(sample.raw_codes, order, axis=0),
            test_codes=np.take_along_axis(sample.test_codes, test_order, axis=0),
            sampled_codes=of_sampled.permuted(sample.sampled_codes, axis=0),
            sampled_frames=None if frames is None else of_frames.permuted(frames, axis=0),
        )


def _columns(shape: tuple[int, ...]) -> np.ndarray:
    """Row numbers in every column: (sample, dim)."""
    return np.broadcast_to(np.arange(shape[0])[:, None], shape)


def label_orders(samples: int, permutations: int, seed: int, part: str) -> np.ndarray:
    """Draw orders of the labels of one part ("train" or "test").

    Returns:
        (permutation, sample) int64.
    """
    generator = np.random.default_rng([seed, ("train", "test").index(part)])
    return np.stack([generator.permutation(samples) for _ in range(permutations)])


def summarise(values: Sequence[Mapping[str, float]]) -> dict[str, Null]:
    """Summarise what a metric read under each permutation, key by key."""
    return {key: Null.of([row[key] for row in values]) for key in values[0]}
