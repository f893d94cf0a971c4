"""What a probe trial has kept of its encoder: codes, labels and the weights of its probes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.config.probe import ACCURACY, INTERPRETABILITY, ProbeConfig
from sim_study.downstream.codes.frame_codes import draw_rows
from sim_study.downstream.codes.standardise import moments
from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.errors import Problem, UserError
from sim_study.ledger.ledger import TrialFolder
from sim_study.metrics.label_weights import standardised_probe
from sim_study.naming.layers import layer_order

FEATURES_FILE = "features.npz"
"""What later stages read, so that they need neither encoder nor corpus:

- `{protocol}/{split}/{layer}` (clip, channel), latents averaged over a clip's frames;
- `label/{split}/{factor}` (clip,) and `classes/{factor}`, of those clips;
- `frames/{protocol}/{split}/{layer}` (frame, channel), single frames, at the same times in every
  layer; `frames/{split}/label/{target}` (frame,) where frames have labels of their own, and then
  `labelled/{protocol}/{split}/{layer}` (frame, channel), the same frames as probes of phones read
  them: averaged over 10 ms in a finer layer.
"""
WEIGHTS_FILE = "probe_weights.npz"
"""Weights by `{protocol}/{target}/{layer}` (label, dim), and `classes/{target}`."""

MEANS, SAMPLED = ACCURACY, INTERPRETABILITY
"""Protocols, as keys begin: codes are the latents' means, or one sample of the latents (of a
method that does not sample, the same)."""


@dataclass(frozen=True)
class Readout:
    """The probe without bias of one target on one layer's sampled code.

    Args:
        target, layer: What it reads, and where.
        classes: Names of the labels.
        weight: (label, dim) as the probe holds it.
        standard_weight: (label, dim), of the same probe on standardised codes.
        standard_bias: (label,), likewise.
        codes: (sample, dim) float64, of the test part, in deviations from the training part's mean.
        labels: (sample,) int64.
        chance: Accuracy of always naming the most frequent training label, fraction 0-1.
    """

    target: str
    layer: str
    classes: tuple[str, ...]
    weight: np.ndarray
    standard_weight: np.ndarray
    standard_bias: np.ndarray
    codes: np.ndarray
    labels: np.ndarray
    chance: float

    @property
    def accuracy(self) -> float:
        """What the probe gets right of the test part, fraction 0-1."""
        logits = self.codes @ self.standard_weight.T + self.standard_bias  # (sample, label)
        return float(np.mean(logits.argmax(axis=1) == self.labels))


@dataclass(frozen=True)
class Probed:
    """The arrays of a probe trial.

    Args:
        features: Codes and labels by key, as the probe stage writes `features.npz`. Of a large
            corpus they take gigabytes: an array is read from the file when it is asked for.
        weights: Weights and class names by key, of `probe_weights.npz`.
        standardised: Whether the probes saw standardised codes.
    """

    features: Mapping[str, np.ndarray]
    weights: Mapping[str, np.ndarray]
    standardised: bool

    @property
    def targets(self) -> list[str]:
        """What the probes read, in the order of the file."""
        read = [key.split("/") for key in self.weights if key.startswith(f"{SAMPLED}/")]
        return list(dict.fromkeys(target for _, target, _ in read))

    @property
    def layers(self) -> list[str]:
        """Modules, then the context."""
        start = f"{MEANS}/test/"
        found = {key.removeprefix(start) for key in self.features if key.startswith(start)}
        return sorted(found, key=layer_order)

    def classes(self, target: str) -> tuple[str, ...]:
        """Names of a target's labels."""
        key = f"classes/{target}"
        names = self.weights[key] if key in self.weights else self.features[key]
        return tuple(map(str, names))

    def clip_labels(self, target: str) -> np.ndarray | None:
        """Labels of the test clips, (clip,); None where clips have none."""
        return self.features.get(f"label/test/{target}")

    def clip_codes(self, protocol: str, layer: str) -> np.ndarray:
        """Codes of the test clips, mean over their frames: (clip, dim)."""
        return self.features[f"{protocol}/test/{layer}"]

    def frame_codes(self, protocol: str, layer: str) -> np.ndarray:
        """Codes of single frames of the test part: (frame, dim)."""
        return self.features[f"frames/{protocol}/test/{layer}"]

    def readout(self, target: str, layer: str, most: int, seed: int) -> Readout:
        """Put a probe beside the codes it reads.

        A target whose clips have no labels is read from single frames: of those the probe trial
        has kept a random part, and means and deviations are theirs.

        Args:
            target: What the probe reads.
            layer: Where.
            most: At most so many test clips or frames, drawn at random.
            seed: Of that draw.
        """
        frames = "" if self.clip_labels(target) is not None else "labelled/"
        codes = f"{frames}{SAMPLED}"
        scales = moments(self.features[f"{codes}/train/{layer}"])
        test = self.features[f"{codes}/test/{layer}"]
        train_labels, labels = (
            self.features[f"frames/{split}/label/{target}" if frames else f"label/{split}/{target}"]
            for split in ("train", "test")
        )
        chance = majority_accuracy(train_labels, labels)
        rows = draw_rows(len(test), most, seed_for(seed, "views", target))
        weight = self.weights[f"{SAMPLED}/{target}/{layer}"].astype(np.float64)
        if self.standardised:
            standard = weight * scales.varies, np.zeros(len(weight))
        else:
            standard = standardised_probe(weight, None, scales)
        return Readout(
            target=target,
            layer=layer,
            classes=self.classes(target),
            weight=weight,
            standard_weight=standard[0],
            standard_bias=standard[1],
            codes=scales.standardise(test[rows].astype(np.float64)),
            labels=labels[rows],
            chance=chance,
        )


def read_probe_trial(folder: TrialFolder) -> Probed:
    """Read the arrays of a finished probe trial.

    Raises:
        UserError: A file is missing, or was written before labels and frames were kept.
    """
    config = folder.trial().config
    assert isinstance(config, ProbeConfig)
    features, weights = folder.path / FEATURES_FILE, folder.artifacts / WEIGHTS_FILE
    missing = [path for path in (features, weights) if not path.exists()]
    if missing:
        raise UserError(*(Problem(str(path), "is missing") for path in missing))
    found = Probed(np.load(features), np.load(weights), config.standardise)
    wanted = {"labels": "label/", "single frames": "frames/"}
    lacking = [
        name
        for name, start in wanted.items()
        if not any(key.startswith(start) for key in found.features)
    ]
    if lacking:
        hint = "an earlier version wrote it; the sweep with --fresh makes it anew"
        raise UserError(Problem(str(features), f"holds no {' and no '.join(lacking)}", hint=hint))
    return found
