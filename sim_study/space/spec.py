"""The space file: one question, its arms, its space, its seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, field_validator, model_validator

from sim_study.config.decoder import DecoderConfig
from sim_study.config.law_words import NAME_PATTERN
from sim_study.config.method import METHODS, Method
from sim_study.config.metrics import MetricsConfig
from sim_study.config.model import ModelConfig
from sim_study.config.primary import MOST, Matters, PrimaryTest
from sim_study.config.probe import ProbeConfig
from sim_study.config.strict import Strict
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.views import ViewsConfig
from sim_study.data.corpora import CORPORA, CorpusConfig
from sim_study.space.dimension import Dimension, Value
from sim_study.space.override import merged

Seed = Annotated[int, Field(ge=0)]

MOST_SEEDS = 10_000
"""A count above this is a slip; so many seeds settle differences of 0.04 standard deviations."""


class Arm(Strict):
    """A method under comparison, with whatever is fixed for it alone."""

    method: Method | None = Field(
        None, description=f"{', '.join(METHODS)}; default: the arm's name."
    )
    set: dict[str, Value] = Field(
        default_factory=dict, description="Fixed settings of this arm, by dotted key."
    )


class Objective(Strict):
    """What the search improves: a value every encoder trial reports."""

    metric: str = Field(
        "online/vowel/mean",
        description="Key of an encoder trial's result; default: online/TARGET/mean of the online "
        "probe's target.",
    )
    direction: Literal["maximize", "minimize"] = "maximize"


class Search(Strict):
    """How configurations are proposed, for each arm separately and with the same budget."""

    algorithm: Literal["tpe", "random", "grid"] = "tpe"
    configurations: int = Field(10, ge=1, description="Proposals for each arm (not for a grid).")
    startup: int = Field(5, ge=1, description="Random proposals before TPE models the results.")
    in_flight: int = Field(
        2, ge=1, description="Undecided proposals an arm may have; fixes what each proposal knows."
    )
    seed: Seed = Field(0, description="Of the proposals, not of the trials.")
    objectives: tuple[Objective, ...] = Field((Objective(),), min_length=1)


class Seeds(Strict):
    """Replicates of every configuration, and fresh ones to confirm the chosen ones."""

    search: tuple[Seed, ...] = Field((1, 2, 3), min_length=1, description="A count or a list.")
    confirm: tuple[Seed, ...] = Field(
        (), description="A count or a list: seeds for the best configuration of each arm."
    )

    @model_validator(mode="before")
    @classmethod
    def _counts(cls, data: Any) -> Any:
        """Turn counts into lists: search seeds count from 1, confirm seeds from where they end."""
        if isinstance(data, Seeds):
            return data
        if _is_count(data) or isinstance(data, list | tuple):
            data = {"search": data}
        if not isinstance(data, dict):
            raise ValueError("must be a count, a list, or {search: ..., confirm: ...}")
        data = dict(data)
        for key, least in (("search", 1), ("confirm", 0)):
            if _is_count(data.get(key)) and data[key] < least:
                raise ValueError(f"{key}: a count of seeds must be at least {least}")
            if _is_count(data.get(key)) and data[key] > MOST_SEEDS:
                raise ValueError(f"{key}: a count of seeds must be at most {MOST_SEEDS}")
        search = data.get("search", (1, 2, 3))
        if _is_count(search):
            data["search"] = search = tuple(range(1, search + 1))
        confirm = data.get("confirm", ())
        if _is_count(confirm) and isinstance(search, list | tuple):
            first = max([seed for seed in search if isinstance(seed, int)], default=0) + 1
            data["confirm"] = tuple(range(first, first + confirm))
        return data

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        both = [*self.search, *self.confirm]
        if len(set(both)) != len(both):
            raise ValueError("a seed is listed twice; confirm seeds must not be search seeds")
        return self


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Downstream(Strict):
    """What the best encoders are asked, once the search is over."""

    top: Annotated[int, Field(ge=1)] | Literal["all"] = Field(
        1, description="Configurations of each arm that are probed, with every seed; or all."
    )
    probe: ProbeConfig | None = ProbeConfig()
    metrics: MetricsConfig | None = MetricsConfig()
    decoders: tuple[DecoderConfig, ...] = Field((), description="For the best of each arm.")
    views: ViewsConfig | None = Field(
        None, description="Pictures and tables of the codes, for the best of each arm; {}: all."
    )

    @model_validator(mode="after")
    def _readers_need_a_probe(self) -> Self:
        for name, reader in (("metrics", self.metrics), ("views", self.views)):
            if reader is not None and self.probe is None:
                raise ValueError(f"{name} read the probe's features and weights: probe is required")
        if self.probe is not None and self.views is not None:
            for target in self.views.targets or ():
                if target not in self.probe.targets:
                    read = ", ".join(self.probe.targets)
                    raise ValueError(f"views: the probe does not read '{target}' (it reads {read})")
        return self


class Resources(Strict):
    """What one trial may use."""

    cpus: int = Field(1, ge=1, description="Processor cores, and torch threads.")
    gpus: float = Field(0, ge=0, description="GPUs or a fraction of one; 0 trains on the CPU.")

    @field_validator("gpus")
    @classmethod
    def _whole_above_one(cls, gpus: float) -> float:
        if gpus > 1 and not gpus.is_integer():
            raise ValueError("above 1, must be a whole number")
        return gpus


class Tracking(Strict):
    """Where MLflow keeps the study."""

    uri: str | None = Field(
        None, description="Default: MLFLOW_TRACKING_URI, else a database in the output folder."
    )


class Spec(Strict):
    """A study, as its space file states it."""

    study: str = Field(pattern=NAME_PATTERN, description="The study's name.")
    question: str = Field("", description="What the study asks, in one sentence.")
    corpus: CorpusConfig
    arms: dict[str, Arm] = Field(min_length=1, description="A list of methods, or a mapping.")
    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    train: TrainConfig = TrainConfig()
    online_probe: OnlineProbeConfig = OnlineProbeConfig()
    space: dict[str, Dimension] | None = Field(
        None, description="Searched settings by dotted key; leave out to compare fixed arms."
    )
    search: Search = Search()
    seeds: Seeds = Seeds()
    tests: tuple[PrimaryTest, ...] | None = Field(
        None,
        description=f"Up to {MOST} primary tests, which the study is judged by, named before there "
        "are results; left out: accuracy and alignment in the context and the last module; []: "
        "none, and all is exploratory.",
    )
    matters: Matters = Matters()
    scheduler: Literal["none", "asha"] = "none"
    downstream: Downstream = Downstream()
    resources: Resources = Resources()
    tracking: Tracking = Tracking()
    size: str | None = Field(
        None,
        description="Which of `sizes` is run, usually given as --set size=NAME; the study is then "
        "called STUDY-NAME.",
    )
    sizes: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Other sizes of the same question: what each overrides, by dotted key.",
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_corpus(cls, data: Any) -> Any:
        """Ask a corpus only for what it has labels for, where the file names nothing.

        Anything that is not as it should be is left for the checks that name it.
        """
        name = _of(_of(data, "corpus"), "name")
        if not isinstance(data, Mapping) or not isinstance(name, str) or name not in CORPORA:
            return data
        facts = CORPORA[name].facts
        defaults = {
            "objective": {"supervised_target": facts.online},
            "online_probe": {"target": facts.online, "pooling": facts.pooled},
            "downstream": {
                "probe": {"targets": facts.probed, "pooling": facts.pooled},
                "metrics": {"factors": facts.measured, "pooling": facts.measured_in},
            },
        }
        filled = merged(defaults, data)
        target, search = _of(filled["online_probe"], "target"), filled.get("search", {})
        objectives = search.get("objectives", [{}]) if isinstance(search, Mapping) else None
        if isinstance(target, str) and isinstance(objectives, list):
            metric = {"metric": f"online/{target}/mean"}
            asked = [metric | one if isinstance(one, dict) else one for one in objectives]
            filled["search"] = {**search, "objectives": asked}
        return filled

    @field_validator("arms", mode="before")
    @classmethod
    def _arms(cls, arms: Any) -> Any:
        """Read `[gim, sim]` as `{gim: {}, sim: {}}`."""
        if isinstance(arms, list) and all(isinstance(name, str) for name in arms):
            if len(set(arms)) != len(arms):
                raise ValueError("an arm is listed twice")
            return {name: {} for name in arms}
        if isinstance(arms, dict):
            return {name: {} if arm is None else arm for name, arm in arms.items()}
        raise ValueError("must be a list of methods, such as [gim, sim], or a mapping of arms")

    def method_of(self, arm: str) -> Method:
        """The method of an arm: named, or its own name."""
        return self.arms[arm].method or cast(Method, arm)

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """Searched settings by dotted key, in the order of the file."""
        return self.space or {}

    def dimensions_of(self, arm: str) -> dict[str, Dimension]:
        """Those that can be drawn for an arm."""
        names = tuple(self.arms)
        return {key: one for key, one in self.dimensions.items() if arm in one.arms(names)}


def _of(section: Any, key: str) -> Any:
    return section.get(key) if isinstance(section, Mapping) else getattr(section, key, None)
