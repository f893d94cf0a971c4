"""The metrics stage: how entangled the codes are that a probe trial has kept."""

from __future__ import annotations

from sim_study.config.metrics import MetricsConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import SPLITS
from sim_study.downstream.codes.standardise import standardise
from sim_study.errors import Problem, UserError
from sim_study.ledger.arrays import write_arrays
from sim_study.ledger.feature_file import MEANS, SAMPLED, FeatureFile, Unit
from sim_study.ledger.files import write_text
from sim_study.ledger.probe_trial import ProbeTrial, read_probe_trial
from sim_study.metrics.contract import Measurement, Sample
from sim_study.metrics.evaluate import evaluate, evaluate_probe
from sim_study.metrics.measurement_files import part_arrays, parts_table, values_table
from sim_study.metrics.null import NullProbes, of_clips, of_frames
from sim_study.metrics.registry import PROBE_METRICS
from sim_study.study.stages.bench import Bench

PARTS_FILE = "metrics.npz"
"""Parts by `{layer}/{metric}/{part}`: (dim,), (dim, factor) or (factor,); for probe weights
`{target}/{layer}/probe_weights/share` (dim, label)."""
VALUES_TABLE, PARTS_TABLE = "metrics.csv", "metrics_by_dimension.csv"


def run_metrics(trial: Trial, config: MetricsConfig, bench: Bench) -> dict[str, float]:
    """Measure how entangled every layer's code is."""
    folder = bench.upstream(trial)
    kept = read_probe_trial(folder)
    measurements: dict[str, list[Measurement]] = {}
    for layer in kept.features.layers:
        measurements[layer] = evaluate(
            layer_sample(kept.features, layer, config.factors),
            config.names,
            permutations=config.permutations,
            bins=config.bins,
            seed=trial.seed,
        )
        for target in kept.config.targets if PROBE_METRICS.keys() & {*config.names} else ():
            measurements[f"{target}/{layer}"] = _of_probe(
                kept, target, layer, trial.seed, config, bench
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


def layer_sample(features: FeatureFile, layer: str, factors: tuple[str, ...]) -> Sample:
    """Return a layer's mean codes with the factors to hold them against.

    Codes of single frames where frames have labels of their own, else of whole clips, averaged
    over their frames.

    Raises:
        UserError: When neither have the labels; all missing factors are named.
    """
    of_frames = any(features.has_labels("frames", factor) for factor in factors)
    unit: Unit = "frames" if of_frames else "clips"
    missing = [one for one in factors if not features.has_labels(unit, one)]
    if missing:
        raise UserError(
            *(Problem("metrics", "no labels of this factor", "factors", one) for one in missing)
        )
    train_codes, test_codes = (features.codes(unit, MEANS, split, layer) for split in SPLITS)
    train, test = (
        {factor: features.labels(unit, split, factor) for factor in factors} for split in SPLITS
    )
    classes = {factor: features.classes(factor) for factor in factors}
    frames = features.codes("frames", SAMPLED, "test", layer)
    return Sample(train_codes, test_codes, train, test, classes, sampled_frames=frames)


def _of_probe(
    kept: ProbeTrial, target: str, layer: str, seed: int, config: MetricsConfig, bench: Bench
) -> list[Measurement]:
    """Examine the probe without bias on one layer's sampled code."""
    features, probe = kept.features, kept.config
    chosen = kept.weights.learning_rate(SAMPLED, target, layer)
    rate = {} if chosen is None else {"learning_rate": chosen}
    unit = features.unit_of(target)
    fit_null: NullProbes
    if unit == "clips":
        fit_null = of_clips(probe.model_copy(update=rate))
    else:
        utterances = bench.corpus.utterances("train")
        assert utterances is not None, "a target whose labels are frames' is of utterances"
        fit_null = of_frames(probe.phone.model_copy(update=rate), len(utterances))
    drawn = [features.codes(unit, SAMPLED, split, layer) for split in SPLITS]
    if probe.standardise:  # the weights belong to what the probe saw
        drawn = [*standardise(*drawn)]
    train_labels, test_labels = (features.labels(unit, split, target) for split in SPLITS)
    return evaluate_probe(
        kept.weights.weight(SAMPLED, target, layer),
        None,
        (drawn[0], train_labels),
        (drawn[1], test_labels),
        config.names,
        permutations=config.permutations,
        seed=seed,
        fit_null=fit_null,
    )
