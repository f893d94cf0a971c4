"""The metrics stage: how entangled the codes are that a probe trial has kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.downstream.codes.standardise import standardise
from sim_study.errors import Problem, UserError
from sim_study.ledger.files import write_bytes
from sim_study.metrics.contract import Measurement, Sample
from sim_study.metrics.evaluate import evaluate, evaluate_probe
from sim_study.metrics.measurement_files import part_arrays, parts_table, values_table
from sim_study.metrics.null import NullProbes, of_clips, of_frames
from sim_study.metrics.registry import PROBE_METRICS
from sim_study.study.stages.bench import Bench, save_arrays
from sim_study.views.probed import MEANS, SAMPLED, Probed, read_probe_trial

PARTS_FILE = "metrics.npz"
"""Parts by `{layer}/{metric}/{part}`: (dim,), (dim, factor) or (factor,); for probe weights
`{target}/{layer}/probe_weights/share` (dim, label)."""
VALUES_TABLE, PARTS_TABLE = "metrics.csv", "metrics_by_dimension.csv"


def run_metrics(trial: Trial, config: MetricsConfig, bench: Bench) -> dict[str, float]:
    """Measure how entangled every layer's code is."""
    folder = bench.upstream(trial)
    probe = folder.trial().config
    assert isinstance(probe, ProbeConfig)
    probed = read_probe_trial(folder)
    sampled = f"{MEANS}/test/"
    measurements: dict[str, list[Measurement]] = {}
    for layer in [key.removeprefix(sampled) for key in probed.features if key.startswith(sampled)]:
        measurements[layer] = evaluate(
            layer_sample(probed, layer, config.factors),
            config.names,
            permutations=config.permutations,
            bins=config.bins,
            seed=trial.seed,
        )
        for target in probe.targets if PROBE_METRICS.keys() & {*config.names} else ():
            measurements[f"{target}/{layer}"] = _of_probe(
                probed, target, layer, trial.seed, config, probe, bench
            )
    artifacts = bench.folder.artifacts
    save_arrays(artifacts / PARTS_FILE, part_arrays(measurements))
    write_bytes(artifacts / VALUES_TABLE, values_table(measurements).encode())
    write_bytes(artifacts / PARTS_TABLE, parts_table(measurements, config.factors).encode())
    return {
        f"{key}/{place}": value
        for place, of_place in measurements.items()
        for one in of_place
        for key, value in one.flat.items()
    }


def layer_sample(probed: Probed, layer: str, factors: tuple[str, ...]) -> Sample:
    """Return a layer's mean codes with the factors to hold them against.

    Codes of single frames where frames have labels of their own, else of whole clips, averaged
    over their frames.

    Raises:
        UserError: When neither have the labels; all missing factors are named.
    """
    features = probed.features
    frames = any(f"frames/train/label/{factor}" in features for factor in factors)
    start, labels = ("frames/", "frames/{}/label/{}") if frames else ("", "label/{}/{}")
    missing = [one for one in factors if labels.format("train", one) not in features]
    if missing:
        raise UserError(
            *(Problem("metrics", "no labels of this factor", "factors", one) for one in missing)
        )

    def of(split: str) -> Mapping[str, np.ndarray]:
        return {factor: features[labels.format(split, factor)] for factor in factors}

    return Sample(
        features[f"{start}{MEANS}/train/{layer}"],
        features[f"{start}{MEANS}/test/{layer}"],
        of("train"),
        of("test"),
        {factor: tuple(map(str, features[f"classes/{factor}"])) for factor in factors},
    )


def _of_probe(
    probed: Probed,
    target: str,
    layer: str,
    seed: int,
    config: MetricsConfig,
    probe: ProbeConfig,
    bench: Bench,
) -> list[Measurement]:
    """Examine the probe without bias on one layer's sampled code."""
    features, key = probed.features, f"{SAMPLED}/{target}/{layer}"
    chosen = probed.weights.get(f"learning_rate/{key}")
    rate = {} if chosen is None else {"learning_rate": float(chosen)}
    fit_null: NullProbes
    if f"label/train/{target}" in features:
        start, labels = "", "label/{}"
        fit_null = of_clips(probe.model_copy(update=rate))
    else:
        start, labels = "labelled/", "frames/{}/label"
        utterances = bench.corpus.utterances("train")
        assert utterances is not None, "a target whose labels are frames' is of utterances"
        fit_null = of_frames(probe.phone.model_copy(update=rate), len(utterances))
    drawn = [features[f"{start}{SAMPLED}/{split}/{layer}"] for split in ("train", "test")]
    if probe.standardise:  # the weights belong to what the probe saw
        drawn = [*standardise(*drawn)]
    train_labels, test_labels = (
        features[f"{labels.format(split)}/{target}"] for split in ("train", "test")
    )
    return evaluate_probe(
        probed.weights[key],
        None,
        (drawn[0], train_labels),
        (drawn[1], test_labels),
        config.names,
        permutations=config.permutations,
        seed=seed,
        fit_null=fit_null,
    )
