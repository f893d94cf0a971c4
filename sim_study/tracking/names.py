"""What runs are called, tagged and coloured: pure functions of what the ledger holds."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from sim_study.config.decoder import DecoderConfig
from sim_study.config.method import TRAITS, Method
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.ledger.records import Member, Role
from sim_study.naming.configurations import configuration_label, setting_text

CONFIGURATION = "configuration"
"""The `stage` tag of a configuration's own run."""

COLOUR_TAG = "mlflow.runColor"

_LIGHTNESS = (0.45, 0.62, 0.33, 0.72, 0.54)
_SATURATION = 0.75


@dataclass(frozen=True)
class StudyDescription:
    """The study's question and the corpus it is asked on.

    Args:
        question: The question, in the study's own words.
        corpus_name: Such as "synthetic-speech".
        corpus_fingerprint: Content hash of the prepared corpus.
        corpus_source: Where the prepared corpus lies; in the output folder, from there.
    """

    question: str
    corpus_name: str
    corpus_fingerprint: str
    corpus_source: str = ""


def configuration_name(member: Member, role: str) -> str:
    """Name a configuration by its arm and searched settings: "sim kld_weight=0.01"."""
    label = configuration_label(member.arm, member.settings)
    return f"{label} confirm" if role == "confirm" else label


def trial_name(member: Member, role: str, trial: Trial) -> str:
    """Name a trial in its configuration: "sim kld_weight=0.01 seed 1 decoder module 2 mse"."""
    words = [configuration_name(member, role), f"seed {member.seed}"]
    if trial.stage != "encoder":
        words.append(trial.stage)
    if isinstance(trial.config, DecoderConfig):
        words.append(f"module {trial.config.module} {trial.config.loss}")
    return " ".join(words)


def encoder_params(config: EncoderConfig) -> dict[str, str]:
    """Flatten a resolved encoder configuration: dotted keys as in a space file.

    The canonical configuration is shown, so that a key that cannot matter (a KL weight for GIM)
    does not look as if it did; the module count follows from the split.
    """
    canonical = config.canonical()
    params = flatten(canonical)
    params["model.modules"] = str(len(canonical.model.layers_per_module))
    return params


def trial_params(trial: Trial, encoder: EncoderConfig) -> dict[str, str]:
    """Parameters of a trial's run: its encoder's, its own under its stage's name, its seed."""
    own = {} if trial.stage == "encoder" else flatten(trial.config, trial.stage)
    return {**encoder_params(encoder), **own, "seed": str(trial.seed)}


def study_tags(study: str, description: StudyDescription) -> dict[str, str]:
    """Tags of every run of a study."""
    return {
        "study": study,
        "corpus": description.corpus_name,
        "corpus_fingerprint": description.corpus_fingerprint,
    }


def configuration_tags(member: Member, role: str, method: Method) -> dict[str, str]:
    """Tags of a configuration's run."""
    return {
        "arm": member.arm,
        "stage": CONFIGURATION,
        "method": method,
        "config_hash": member.config_hash,
        "role": role,
        "number": str(member.number),
        COLOUR_TAG: run_colour(member.arm, method, member.number),
    }


def trial_tags(member: Member, role: str, trial: Trial, method: Method) -> dict[str, str]:
    """Tags of a trial's run; `source_run_id` is only known to the store and added there."""
    tags = configuration_tags(member, role, method) | {
        "stage": trial.stage,
        "trial_id": member.trial_id,
        "seed": str(member.seed),
    }
    if isinstance(trial.config, DecoderConfig):
        tags["module"] = str(trial.config.module)
    return tags


def trial_key(arm: str, trial_id: str) -> str:
    """Key of a trial's run within a study; two arms may share a trial."""
    return f"{arm}/{trial_id}"


def configuration_key(arm: str, config_hash: str, role: str) -> str:
    """Key of a configuration's run within a study."""
    return f"{arm}/{config_hash}/{role}"


def is_configuration_key(key: str) -> bool:
    """Whether `key` is a configuration's rather than a trial's."""
    return key.rsplit("/", 1)[-1] in get_args(Role)


def configuration_of(tags: Mapping[str, str]) -> str:
    """Return the key of the configuration that the run with these tags is of."""
    return configuration_key(tags["arm"], tags["config_hash"], tags["role"])


def key_of(tags: Mapping[str, str]) -> str | None:
    """Return the key of the run that carries `tags`; None for a run of somebody else's."""
    try:
        if tags["stage"] == CONFIGURATION:
            return configuration_of(tags)
        return trial_key(tags["arm"], tags["trial_id"])
    except KeyError:
        return None


def flatten(content: BaseModel | Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested values as text by dotted key."""
    if isinstance(content, BaseModel):
        content = content.model_dump(mode="json")
    flat: dict[str, str] = {}
    for key, value in content.items():
        dotted = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, Mapping):
            flat |= flatten(value, dotted)
        else:
            flat[dotted] = str(value) if isinstance(value, float) else setting_text(value)
    return flat


def run_colour(arm: str, method: Method, number: int) -> str:
    """Return a run's colour as #rrggbb: the arm is the hue, the configuration its shade.

    Args:
        arm: Name of the arm; an arm named otherwise than its method gets a hue of its own.
        method: The arm's method.
        number: The configuration's number within its arm, from 0.
    """
    own = TRAITS[method].colour
    red, green, blue = (int(own[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    if arm != method:
        hue = hashlib.sha256(arm.encode()).digest()[0] / 256
    channels = colorsys.hls_to_rgb(
        hue, _LIGHTNESS[number % len(_LIGHTNESS)], _SATURATION if saturation else 0.0
    )
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)
