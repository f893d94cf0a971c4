"""A trial: one seed replicate of one stage, named by everything its result depends on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from sim_study.config.decoder import DecoderConfig
from sim_study.config.identity import SCIENCE_VERSION, content_hash
from sim_study.config.method import TRAITS, Method, Traits
from sim_study.config.metrics import MetricsConfig
from sim_study.config.model import ModelConfig
from sim_study.config.probe import PENALTIES, PhoneProbeConfig, ProbeConfig
from sim_study.config.strict import Strict
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.views import ViewsConfig

Stage = Literal["encoder", "probe", "decoder", "metrics", "views"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""In order; of a quantity that several stages report, the latest stage's value counts."""


class EncoderConfig(Strict):
    """A configuration: all hyperparameters of an encoder, fully resolved, without the seed."""

    method: Method
    model: ModelConfig
    objective: ObjectiveConfig
    train: TrainConfig
    online_probe: OnlineProbeConfig

    @property
    def traits(self) -> Traits:
        """What its method is."""
        return TRAITS[self.method]

    @property
    def epochs(self) -> int:
        """Passes over the training clips; an untrained encoder makes none."""
        return self.train.epochs if self.traits.trained else 0

    def canonical(self) -> EncoderConfig:
        """Return the same encoder with every key that cannot matter at its default.

        GIM and CPC have no KL term, a supervised encoder has no InfoNCE, an untrained one neither
        objective nor epochs, and only a supervised one a target; a module count is a split.
        Configurations that train the same encoder thus get the same hash.
        """
        model = self.model.model_copy(
            update={
                "modules": ModelConfig.model_fields["modules"].default,
                "split": self.model.layers_per_module,
            }
        )
        used = {key: getattr(self.objective, key) for key in self.traits.objective_keys}
        objective = ObjectiveConfig(kld_weight=0.0).model_copy(update=used)
        train = self.train if self.traits.trained else TrainConfig(epochs=0)
        return self.model_copy(update={"model": model, "objective": objective, "train": train})

    @property
    def config_hash(self) -> str:
        """Content hash of the canonical configuration."""
        return _config_hash(self)


StageConfig = EncoderConfig | ProbeConfig | DecoderConfig | MetricsConfig | ViewsConfig
CONFIG_OF_STAGE: dict[Stage, type[Strict]] = {
    "encoder": EncoderConfig,
    "probe": ProbeConfig,
    "decoder": DecoderConfig,
    "metrics": MetricsConfig,
    "views": ViewsConfig,
}


class Trial(Strict):
    """One seed replicate of one stage.

    `upstream` is the trial whose output this one starts from: a probe or decoder names its
    encoder, metrics and views name their probe, an encoder has none.
    """

    stage: Stage
    config: Annotated[StageConfig, Field(union_mode="left_to_right")]
    seed: int = Field(ge=0)
    corpus_fingerprint: str
    upstream: str | None = None
    science_version: int = SCIENCE_VERSION

    @field_validator("config", mode="before")
    @classmethod
    def _of_its_stage(cls, config: Any, info: ValidationInfo) -> Any:
        """Read a stored configuration as its stage's; few keys, or none, would fit several."""
        kind = CONFIG_OF_STAGE.get(info.data.get("stage", ""))
        if kind is None:
            return config
        stored = as_stored(kind, config) if isinstance(config, Mapping) else config
        return kind.model_validate(stored)

    @property
    def trial_id(self) -> str:
        """Content hash of everything the result depends on."""
        return _trial_id(self)


ADDED_LATER: dict[type[Strict], dict[str, Any]] = {
    TrainConfig: {"precision": "fp32"},
    OnlineProbeConfig: {"protocol": "quick", "pooling": "mean"},
    ProbeConfig: {
        "learning_rates": (),
        "validation_fraction": 0.2,
        "phone": PhoneProbeConfig(),
        "protocol": "paper_only",
        "pooling": "mean",
        "penalties": PENALTIES,
        "robustness": None,
    },
    PhoneProbeConfig: {"gradient_clip": None},
    ObjectiveConfig: {"supervised_target": "vowel"},
    DecoderConfig: {
        "draws": 2,
        "interpolations": 1,
        "traversals": 3,
        "contribution_clips": 0,
        "contribution_partners": 10,
        "latents": "means",
        "standardise": False,
    },
    MetricsConfig: {"rotations": 0, "pooling": "mean"},
}
"""Keys that came after the first results, each with the value that means "as before it came": at
that value a key is left out of the hash, so that a trial of before keeps its name, and a stored
trial without the key is read with it. The value need not be the default of new studies."""


# Cached outside the models: a cached property would be carried along by `model_copy`.
@cache
def _config_hash(config: EncoderConfig) -> str:
    return content_hash(hashed_content(config.canonical()))


@cache
def _trial_id(trial: Trial) -> str:
    config = trial.config
    content = trial.model_dump(mode="json")
    canonical = config.canonical() if isinstance(config, EncoderConfig) else config
    content["config"] = hashed_content(canonical)
    return content_hash(content)


def hashed_content(config: Strict) -> dict[str, Any]:
    """A configuration's content, down to its sections, without late keys that say "as before"."""
    content = config.model_dump(mode="json")
    late = ADDED_LATER.get(type(config), {})
    for key in type(config).model_fields:
        value = getattr(config, key)
        if key in late and value == late[key]:
            del content[key]
        elif isinstance(value, Strict):
            content[key] = hashed_content(value)
    return content


def as_stored(kind: type[Strict], content: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a configuration that an earlier version wrote: late keys mean "as before"."""
    found = dict(content)
    for key, before in ADDED_LATER.get(kind, {}).items():
        found.setdefault(key, before)
    for key, field in kind.model_fields.items():
        section = field.annotation
        if isinstance(found.get(key), Mapping) and isinstance(section, type):
            found[key] = as_stored(section, found[key])
    return found
