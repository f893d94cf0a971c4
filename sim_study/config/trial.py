"""A trial: one seed replicate of one stage, named by everything its result depends on."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from sim_study.config.decoder import DecoderConfig
from sim_study.config.identity import SCIENCE_VERSION, content_hash
from sim_study.config.metrics import MetricsConfig
from sim_study.config.model import ModelConfig
from sim_study.config.objective import ObjectiveConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.strict import Strict
from sim_study.config.train import OnlineProbeConfig, TrainConfig

Method = Literal["gim", "sim", "cpc", "supervised", "random"]
Stage = Literal["encoder", "probe", "decoder", "metrics"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""In order; of a quantity that several stages report, the latest stage's value counts."""


class EncoderConfig(Strict):
    """A configuration: all hyperparameters of an encoder, fully resolved, without the seed."""

    method: Method
    model: ModelConfig
    objective: ObjectiveConfig
    train: TrainConfig
    online_probe: OnlineProbeConfig

    def canonical(self) -> EncoderConfig:
        """Return the same encoder with every key that cannot matter at its default.

        GIM has no KL term; an untrained encoder has no objective and no epochs; a module count
        is a split. Configurations that train the same encoder thus get the same hash.
        """
        model = self.model.model_copy(
            update={
                "modules": ModelConfig.model_fields["modules"].default,
                "split": self.model.layers_per_module,
            }
        )
        objective, train = self.objective, self.train
        if self.method == "gim":
            no_kl = {"kld_weight": 0.0, "kl_reduction": "frame_sum"}
            objective = objective.model_copy(update=no_kl)
        if self.method == "random":
            objective, train = ObjectiveConfig(kld_weight=0.0), TrainConfig(epochs=0)
        return self.model_copy(update={"model": model, "objective": objective, "train": train})

    @property
    def config_hash(self) -> str:
        """Content hash of the canonical configuration."""
        return _config_hash(self)


StageConfig = EncoderConfig | ProbeConfig | DecoderConfig | MetricsConfig


class Trial(Strict):
    """One seed replicate of one stage.

    `upstream` is the trial whose output this one starts from: a probe or decoder names its
    encoder, metrics name their probe, an encoder has none.
    """

    stage: Stage
    config: Annotated[StageConfig, Field(union_mode="left_to_right")]
    seed: int = Field(ge=0)
    corpus_fingerprint: str
    upstream: str | None = None
    science_version: int = SCIENCE_VERSION

    @property
    def trial_id(self) -> str:
        """Content hash of everything the result depends on."""
        return _trial_id(self)


ADDED_LATER: dict[type[Strict], tuple[str, ...]] = {
    TrainConfig: ("precision",),
    DecoderConfig: (
        "draws",
        "interpolations",
        "traversals",
        "contribution_clips",
        "contribution_partners",
    ),
}
"""Keys that came after the first results: at their default they are left out of the hash, so that
a trial of before keeps its name."""


# Cached outside the models: a cached property would be carried along by `model_copy`.
@cache
def _config_hash(config: EncoderConfig) -> str:
    return content_hash(_hashed(config.canonical()))


@cache
def _trial_id(trial: Trial) -> str:
    config = trial.config
    content = trial.model_dump(mode="json")
    content["config"] = _hashed(config.canonical() if isinstance(config, EncoderConfig) else config)
    return content_hash(content)


def _hashed(config: Strict) -> dict[str, Any]:
    """A configuration's content, down to its sections, without late keys at their default."""
    content = config.model_dump(mode="json")
    for key, field in type(config).model_fields.items():
        value = getattr(config, key)
        if key in ADDED_LATER.get(type(config), ()) and value == field.get_default(
            call_default_factory=True
        ):
            del content[key]
        elif isinstance(value, Strict):
            content[key] = _hashed(value)
    return content
