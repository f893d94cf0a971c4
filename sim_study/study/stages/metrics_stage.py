"""The metrics stage: how entangled the codes are that a probe trial has kept."""

from __future__ import annotations

from collections.abc import Mapping

from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import CONVERGED_SAMPLED, PENALTIES
from sim_study.config.trial import Trial
from sim_study.data.clips import SPLITS
from sim_study.downstream.codes.standardise import standardise
from sim_study.ledger.arrays import write_arrays
from sim_study.ledger.feature_file import SAMPLED
from sim_study.ledger.files import write_text
from sim_study.ledger.probe_trial import ProbeTrial, read_probe_trial
from sim_study.metrics.contract import Measurement
from sim_study.metrics.evaluate import evaluate
from sim_study.metrics.evaluate_probe import evaluate_probe
from sim_study.metrics.measurement_files import part_arrays, parts_table, values_table
from sim_study.metrics.probe_null import NullProbes, of_clips, of_frames, of_penalty
from sim_study.metrics.registry import METRICS, PROBE_METRICS
from sim_study.study.stages.bench import Bench
from sim_study.study.stages.layer_sample import layer_sample

PARTS_FILE = "metrics.npz"
"""Parts by `{layer}/{metric}/{part}`: (dim,), (dim, factor) or (factor,); for probe weights
`{target}/{layer}/probe_weights/share` (dim, label)."""
VALUES_TABLE, PARTS_TABLE = "metrics.csv", "metrics_by_dimension.csv"


def run_metrics(trial: Trial, config: MetricsConfig, bench: Bench) -> dict[str, float]:
    """Measure how entangled every layer's code is."""
    folder = bench.upstream(trial)
    kept = read_probe_trial(folder)
    result = folder.result()
    found = {} if result is None else result.metrics
    as_before = config.rotations == 0 and config.pooling == "mean"
    sampled = any(METRICS[name].reads_sample for name in config.names if name in METRICS)
    measurements: dict[str, list[Measurement]] = {}
    for layer in kept.features.layers:
        measurements[layer] = evaluate(
            layer_sample(
                kept.features,
                layer,
                config.factors,
                config.pooling,
                sampled=sampled,
            ),
            config.names,
            permutations=config.permutations,
            rotations=config.rotations,
            bins=config.bins,
            seed=trial.seed,
            penalties=None if as_before else PENALTIES,
        )
        for target in kept.config.targets if PROBE_METRICS.keys() & {*config.names} else ():
            measurements[f"{target}/{layer}"] = _of_probe(
                kept, target, layer, found, trial, config, bench
            )
    artifacts = bench.folder.artifacts
    write_arrays(artifacts / PARTS_FILE, part_arrays(measurements))
    write_text(artifacts / VALUES_TABLE, values_table(measurements))
    write_text(artifacts / PARTS_TABLE, parts_table(measurements, config.factors))
    return {
        f"{key}/{place}": value
        for place, of_place in measurements.items()
        for one in of_place
        for key, value in one.flat.items()
    }


def _of_probe(
    kept: ProbeTrial,
    target: str,
    layer: str,
    penalties: Mapping[str, float],
    trial: Trial,
    config: MetricsConfig,
    bench: Bench,
) -> list[Measurement]:
    """Examine the probe without bias on one layer's sampled code."""
    features = kept.features
    probe = kept.sampled_probe(target, layer)
    unit = features.unit_of(target)
    codes = [features.codes(unit, SAMPLED, split, layer) for split in SPLITS]
    if probe.standardised:  # the weights belong to what the probe saw
        codes = [*standardise(*codes)]
    train_labels, test_labels = (features.labels(unit, split, target) for split in SPLITS)
    if probe.converged:
        fit_null = of_penalty(penalties[f"{CONVERGED_SAMPLED}_penalty/{target}/{layer}"])
    else:
        fit_null = _of_paper(kept, target, layer, bench)
    return evaluate_probe(
        probe.weight,
        None,
        (codes[0], train_labels),
        (codes[1], test_labels),
        config.names,
        permutations=config.permutations,
        rotations=config.rotations,
        seed=trial.seed,
        fit_null=fit_null,
    )


def _of_paper(kept: ProbeTrial, target: str, layer: str, bench: Bench) -> NullProbes:
    """Fit as the paper's probe was, at the learning rate that was chosen for it."""
    chosen = kept.weights.learning_rate(SAMPLED, target, layer)
    rate = {} if chosen is None else {"learning_rate": chosen}
    if kept.features.unit_of(target) == "clips":
        return of_clips(kept.config.model_copy(update=rate))
    utterances = bench.corpus.utterances("train")
    assert utterances is not None, "a target whose labels are frames' is of utterances"
    return of_frames(kept.config.phone.model_copy(update=rate), len(utterances))
