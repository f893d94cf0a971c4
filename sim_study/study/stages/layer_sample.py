"""One layer's codes and the factors to hold them against, as a probe trial has kept them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim_study.config.probe import Pooling
from sim_study.data.clips import SPLITS, Split
from sim_study.errors import Problem, UserError
from sim_study.ledger.feature_file import MEANS, SAMPLED, FeatureFile, FramesOf, Unit
from sim_study.metrics.contract import Sample
from sim_study.metrics.sample import UNLABELLED


def layer_sample(
    features: FeatureFile,
    layer: str,
    factors: Sequence[str],
    pooling: Pooling,
    *,
    sampled: bool = False,
) -> Sample:
    """Return a layer's mean codes with the factors to hold them against.

    Where frames have labels of their own and one of these is asked for, the codes are of single
    frames. Else they are pooled as configured: of whole clips, of their thirds, or, for each factor
    by itself, of single frames of the phone that carries it.

    Args:
        features: Of the probe trial.
        layer: Such as module_0.
        factors: What the codes are held against.
        pooling: As configured.
        sampled: Whether to read one sample of the latents too.

    Raises:
        UserError: When the file lacks labels; all missing factors are named.
    """
    of_labelled = any(features.has_labels("frames", factor) for factor in factors)
    if pooling == "frames" and not of_labelled:
        return _of_carriers(features, layer, factors, sampled=sampled)
    unit: Unit = "frames" if of_labelled else "thirds" if pooling == "thirds" else "clips"
    _check(features, dict.fromkeys(factors, unit))
    # Of thirds no samples are kept: what is read of one sample is read of whole clips then.
    of_sampled: Unit = "clips" if unit == "thirds" else unit
    train_codes, test_codes = (features.codes(unit, MEANS, split, layer) for split in SPLITS)
    train, test = (
        {factor: features.labels(unit, split, factor) for factor in factors} for split in SPLITS
    )
    return Sample(
        train_codes,
        test_codes,
        train,
        test,
        {factor: features.classes(factor) for factor in factors},
        train_groups=features.groups(unit, "train") if features.has_groups(unit) else None,
        sampled_codes=features.codes(of_sampled, SAMPLED, "train", layer) if sampled else None,
        sampled_frames=features.codes("frames", SAMPLED, "test", layer),
    )


def _of_carriers(
    features: FeatureFile, layer: str, factors: Sequence[str], *, sampled: bool
) -> Sample:
    """Single frames of the phones that carry the factors, one carrier after the other."""
    _check(features, {factor: FramesOf(factor) for factor in factors})
    # Factors that are heard in the same frames, as the voice is in all that sounds, share rows.
    carriers: list[tuple[FramesOf, list[str]]] = []
    for factor in factors:
        for unit, carried in carriers:
            if unit.span == FramesOf(factor).span:
                carried.append(factor)
                break
        else:
            carriers.append((FramesOf(factor), [factor]))
    units = [unit for unit, _ in carriers]
    of_splits = [_labels(features, carriers, split) for split in SPLITS]
    blocks = [_blocks(features, carriers, split) for split in SPLITS]
    drawn = all(features.has_codes(unit, SAMPLED) for unit in units)  # latents have a spread

    def codes_of(protocol: str, split: Split) -> np.ndarray:
        return np.concatenate([features.codes(unit, protocol, split, layer) for unit in units])

    return Sample(
        codes_of(MEANS, "train"),
        codes_of(MEANS, "test"),
        of_splits[0],
        of_splits[1],
        {factor: features.classes(factor) for factor in factors},
        train_groups=np.concatenate([features.groups(unit, "train") for unit in units]),
        blocks=(blocks[0], blocks[1]),
        sampled_codes=codes_of(SAMPLED, "train") if sampled and drawn else None,
        sampled_frames=features.codes("frames", SAMPLED, "test", layer),
    )


def _labels(
    features: FeatureFile, carriers: Sequence[tuple[FramesOf, Sequence[str]]], split: Split
) -> dict[str, np.ndarray]:
    """Labels (frame,) of all carriers' frames by factor; of other carriers' frames `UNLABELLED`."""
    lengths = [len(features.groups(unit, split)) for unit, _ in carriers]
    starts = np.cumsum([0, *lengths])
    found = {}
    for number, (_, carried) in enumerate(carriers):
        for factor in carried:
            labels = np.full(starts[-1], UNLABELLED, np.int64)
            own = features.labels(FramesOf(factor), split, factor)
            labels[starts[number] : starts[number + 1]] = own
            found[factor] = labels
    return found


def _blocks(
    features: FeatureFile, carriers: Sequence[tuple[FramesOf, Sequence[str]]], split: Split
) -> np.ndarray:
    """Number (frame,) of the run of frames of one word and one label that a frame is in."""
    found: list[np.ndarray] = []
    for unit, carried in carriers:
        marks = [features.groups(unit, split)]
        marks += [features.labels(FramesOf(factor), split, factor) for factor in carried]
        changes = np.any([np.diff(one, prepend=one[:1] - 1) != 0 for one in marks], axis=0)
        before = 0 if not found else found[-1][-1] + 1
        found.append(before + np.cumsum(changes) - 1)
    return np.concatenate(found)


def _check(features: FeatureFile, units: dict[str, Unit]) -> None:
    missing = [factor for factor, unit in units.items() if not features.has_labels(unit, factor)]
    if missing:
        raise UserError(
            *(Problem("metrics", "no labels of this factor", "factors", one) for one in missing)
        )
