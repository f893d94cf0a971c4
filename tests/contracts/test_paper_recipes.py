"""Each recipe's resolved settings against the commands of the paper's code, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from sim_study.config.metrics import MetricsConfig
from sim_study.space.load import load
from sim_study.space.resolve import resolve
from sim_study.space.spec import Spec


class Line(NamedTuple):
    """One setting of a command.

    Args:
        command: Of the paper's code, without what stands for the folder and the arm.
        setting: Its name there, with the value it has in the command, or by default.
        key: Its name here, after the section that it is of: every arm's encoder, the probe, every
            decoder, all decoders together, the corpus or the seeds.
        value: What it must be here.
        arm: The one arm that it is about; empty: all.
    """

    command: str
    setting: str
    key: str
    value: Any
    arm: str = ""


PROBE, SPEAKER = "linear_classifiers.logistic_regression", "_speaker"
PHONES, DECODER = f"{PROBE}_phones", "decoder.train_decoder"
EVERYWHERE = [
    Line("main", "encoder_config.learning_rate=2e-4", "encoder.train.learning_rate", 2e-4),
    Line("main", "encoder_config.decay_rate=1", "encoder.train.learning_rate_decay", 1.0),
    Line("main", "encoder_config.negative_samples=10", "encoder.objective.negatives", 10),
    Line("main", "modules of 2, 2, 1", "encoder.model.layers_per_module", (2, 2, 1), "gim"),
    Line("main", "modules of 2, 2, 1", "encoder.model.layers_per_module", (2, 2, 1), "sim"),
    Line("main", "one module", "encoder.model.layers_per_module", (5,), "cpc_plain"),
    Line("main", "cnn_hidden_dim=512", "encoder.model.channels", 512),
    Line("main", "regressor_hidden_dim=256", "encoder.model.context_channels", 256),
    Line("main", "prediction steps 10", "encoder.objective.prediction_steps", 10),
    Line("main", "subsample=True: 128 frames", "encoder.objective.window_frames", 128),
    Line("main", "KL summed over frames", "encoder.objective.kl_reduction", "frame_sum"),
    Line("main", "recordings as loud as they are", "corpus.normalise", "none"),
    Line("main", "single precision", "encoder.train.precision", "fp32"),
    Line(PROBE, "mean over frames", "probe.pooling", "mean"),
    Line(PROBE, "Adam, a fixed number of epochs", "probe.protocol", "paper"),
    Line(PROBE, "the last epoch's encoder", "probe.checkpoint", "last"),
    Line(PROBE, "one learning rate", "probe.learning_rates", ()),
    Line(PROBE, "features as they are", "probe.standardise", False),
    Line(DECODER, "decoder_config.decoder_loss=0", "decoder.loss", "mse"),
    Line(DECODER, "decoder_config.learning_rate=2e-4", "decoder.learning_rate", 2e-4),
    Line(DECODER, "encoder_config.deterministic=False", "decoder.latents", "samples"),
    Line(DECODER, "(latents as they are)", "decoder.standardise", False),
    Line(DECODER, "the last epoch's encoder", "decoder.checkpoint", "last"),
    Line(DECODER, "decoder_config.encoder_module=0, 1, 2", "decoders.modules", (0, 1, 2)),
    Line("InterpolationContributionScore", "clips: 200", "decoder.contribution_clips", 200),
]
COMMANDS: dict[str, list[Line]] = {
    "artificial_speech": [
        *EVERYWHERE,
        Line("main", "encoder_config.dataset.dataset=4", "corpus.name", "artificial-speech"),
        Line("main", "encoder_config.num_epochs=1000", "encoder.train.epochs", 1000),
        Line("main", "encoder_config.dataset.batch_size=64", "encoder.train.batch_size", 64),
        Line("main", "encoder_config.kld_weight=0.01", "encoder.objective.kld_weight", 0.01),
        Line("main", "encoder_config.use_batch_norm=False", "encoder.model.batch_norm", False),
        Line("main", "whole clips", "encoder.train.crop_samples", None),
        Line(PROBE, "dataset.labels=syllables; vowels", "probe.targets", ("syllable", "vowel")),
        Line(PROBE, "syllables_classifier_config.num_epochs=50", "probe.epochs", 50),
        Line(PROBE, "syllables_classifier_config.batch_size=64", "probe.batch_size", 64),
        Line(PROBE, "syllables_classifier_config.learning_rate=1e-3", "probe.learning_rate", 1e-3),
        Line(PROBE, "no clipping", "probe.gradient_clip", None),
        Line(DECODER, "decoder_config.num_epochs=200", "decoder.epochs", 200),
        Line(DECODER, "decoder_config.dataset.batch_size=64", "decoder.batch_size", 64),
    ],
    "librispeech": [
        *EVERYWHERE,
        Line("main", "encoder_config.dataset.dataset=1", "corpus.name", "librispeech"),
        Line("main", "encoder_config.num_epochs=100", "encoder.train.epochs", 100),
        Line("main", "encoder_config.dataset.batch_size=8", "encoder.train.batch_size", 8),
        Line("main", "encoder_config.kld_weight=0.001", "encoder.objective.kld_weight", 0.001),
        Line("main", "use_batch_norm=True, by default", "encoder.model.batch_norm", True),
        Line("main", "crops of 20480 samples", "encoder.train.crop_samples", 20_480),
        Line("main", "seed=4", "seeds.first", 4),
        Line(PROBE + SPEAKER, "and phones", "probe.targets", ("phone", "speaker")),
        Line(PROBE + SPEAKER, "speakers_classifier_config.num_epochs=10", "probe.epochs", 10),
        Line(PROBE + SPEAKER, "dataset.batch_size=8", "probe.batch_size", 8),
        Line(PROBE + SPEAKER, "learning_rate=1e-3", "probe.learning_rate", 1e-3),
        Line(PROBE + SPEAKER, "gradient_clipping=1.0", "probe.gradient_clip", 1.0),
        Line(PHONES, "phones_classifier_config.num_epochs=10", "probe.phone.epochs", 10),
        Line(PHONES, "learning_rate=1e-4", "probe.phone.learning_rate", 1e-4),
        Line(PHONES, "one learning rate", "probe.phone.learning_rates", ()),
        Line(PHONES, "gradient_clipping=1.0", "probe.phone.gradient_clip", 1.0),
        Line(DECODER, "decoder_config.num_epochs=50", "decoder.epochs", 50),
        Line(DECODER, "decoder_config.dataset.batch_size=8", "decoder.batch_size", 8),
    ],
}
RECIPES = {
    "encoder": {"encoder", "corpus", "seeds"},
    "probes": {"encoder", "corpus", "seeds", "probe"},
    "interpretability": {"encoder", "corpus", "seeds", "probe"},
    "decoders": {"encoder", "corpus", "seeds", "decoder", "decoders"},
}
"""The sections that each recipe has."""
ALL = [(corpus, recipe) for corpus in COMMANDS for recipe in RECIPES]


def of_recipe(corpus: str, recipe: str) -> list[Line]:
    """The lines that a recipe must keep to."""
    without = {"cpc_plain"} if recipe == "decoders" else set()
    return [
        line
        for line in COMMANDS[corpus]
        if line.key.split(".")[0] in RECIPES[recipe] and line.arm not in without
    ]


def found(spec: Spec, place: str, line: Line) -> Iterator[tuple[str, Any]]:
    """Yield what a recipe has where a line speaks of, with its place; each at least once."""
    section, *path = line.key.split(".")
    holders: dict[str, Any]
    if section == "encoder":
        arms = [line.arm] if line.arm else spec.arms
        holders = {f"arm {arm}, ": resolve(spec, arm, {}, place) for arm in arms}
    elif section == "decoder":
        holders = {f"decoder of module {one.module}, ": one for one in spec.downstream.decoders}
    elif section == "decoders":
        yield "", tuple(one.module for one in spec.downstream.decoders)
        return
    elif section == "seeds":
        yield "", spec.seeds.search[0]
        return
    else:
        holders = {"": spec.downstream.probe if section == "probe" else spec.corpus}
    assert holders, f"{place} has no {section}"
    for where, holder in holders.items():
        for name in path:
            holder = getattr(holder, name)
        yield where, holder


def differences(corpus: str, recipe: str, *overrides: str) -> list[str]:
    """Say where a recipe's resolved settings are not those of the paper's commands."""
    name = f"paper/{corpus}_{recipe}.yaml"
    spec, place = load(name, overrides)
    return [
        f"{name}: {where}{line.key}: expected {line.value!r} ({line.command}, {line.setting}), "
        f"found {value!r}"
        for line in of_recipe(corpus, recipe)
        for where, value in found(spec, place, line)
        if value != line.value or type(value) is not type(line.value)
    ]


@pytest.mark.parametrize(("corpus", "recipe"), ALL)
def test_a_recipe_does_what_the_papers_commands_do(corpus: str, recipe: str) -> None:
    assert differences(corpus, recipe) == []


@pytest.mark.parametrize("corpus", COMMANDS)
def test_every_line_is_checked(corpus: str) -> None:
    checked = [line for recipe in RECIPES for line in of_recipe(corpus, recipe)]
    assert {*checked} == {*COMMANDS[corpus]}
    assert len({*COMMANDS[corpus]}) == len(COMMANDS[corpus])


DECODERS = (
    "[{module: 0, loss: mse, latents: samples, standardise: false, epochs: 50, batch_size: 8}]"
)


@pytest.mark.parametrize(
    ("corpus", "recipe", "override", "key", "expected", "wrong"),
    [
        (
            "librispeech",
            "encoder",
            "model.batch_norm=false",
            "encoder.model.batch_norm",
            True,
            False,
        ),
        ("librispeech", "probes", "train.batch_size=64", "encoder.train.batch_size", 8, 64),
        (
            "librispeech",
            "interpretability",
            "downstream.probe.phone.gradient_clip=null",
            "probe.phone.gradient_clip",
            1.0,
            None,
        ),
        ("librispeech", "encoder", "seeds=3", "seeds.first", 4, 1),
        (
            "artificial_speech",
            "probes",
            "downstream.probe.protocol=paper_only",
            "probe.protocol",
            "paper",
            "paper_only",
        ),
        (
            "artificial_speech",
            "interpretability",
            "downstream.probe.targets=[vowel]",
            "probe.targets",
            ("syllable", "vowel"),
            ("vowel",),
        ),
        (
            "artificial_speech",
            "decoders",
            f"downstream.decoders={DECODERS}",
            "decoder.epochs",
            200,
            50,
        ),
    ],
)
def test_what_differs_is_named(
    corpus: str, recipe: str, override: str, key: str, expected: Any, wrong: Any
) -> None:
    said = differences(corpus, recipe, override)
    wanted = [one for one in said if f"{key}: expected" in one]
    assert wanted
    for one in wanted:
        assert one.startswith(f"paper/{corpus}_{recipe}.yaml: ")
        assert f"expected {expected!r} (" in one
        assert one.endswith(f"found {wrong!r}")


@pytest.mark.parametrize("corpus", COMMANDS)
def test_the_correlation_is_of_frames_too(corpus: str) -> None:
    """`main_total_correlation` reads frames of sampled codes, and subsets of their channels."""
    spec, _ = load(f"paper/{corpus}_interpretability.yaml")
    assert spec.downstream.metrics is not None
    default = MetricsConfig.model_fields["names"].default
    assert {*default, "kde_reference", "kde_frames"} <= {*spec.downstream.metrics.names}
    assert spec.downstream.metrics.rotations == MetricsConfig().rotations
