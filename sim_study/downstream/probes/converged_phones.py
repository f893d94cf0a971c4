"""Converged probes of phones: labelled frames of whole utterances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim_study.config.probe import ACCURACY, CONVERGED, CONVERGED_SAMPLED, ProbeConfig
from sim_study.downstream.codes.frames import PHONE_FRAMES, choose_labelled_frames
from sim_study.downstream.codes.utterance_codes import PhoneCodes
from sim_study.downstream.probes.confusion import balanced_accuracy, confusion, overall_accuracy
from sim_study.downstream.probes.converged_probes import ConvergedProbe, ConvergedProbes
from sim_study.downstream.probes.logistic import LogisticFit, LogisticProblem
from sim_study.downstream.probes.pooled_probes import PHONE


@dataclass(frozen=True)
class ConvergedPhones:
    """The converged phone probes of one checkpoint.

    Args:
        found: By `quantity/phone/layer`, and chance.
        confusions: By layer, of the latents' means: (phone, named phone) int64, test frames.
    """

    found: ConvergedProbes
    confusions: dict[str, np.ndarray]

    @property
    def metrics(self) -> dict[str, float]:
        """What the probes read, and `accuracy_balanced/phone/<layer>` of the latents' means."""
        return self.found.metrics | {
            f"{CONVERGED}_balanced/{PHONE}/{layer}": balanced_accuracy(counts)
            for layer, counts in self.confusions.items()
        }


def run_converged_phones(
    train: PhoneCodes, test: PhoneCodes, config: ProbeConfig, seed: int
) -> ConvergedPhones:
    """Fit a converged probe of the phones to every layer, of means and of sampled latents.

    Args:
        train: Training-split utterances, not standardised.
        test: Test-split utterances, likewise.
        config: Penalties.
        seed: Draws the frames that are fitted.
    """
    utterances = train.utterances
    chosen = choose_labelled_frames(utterances, PHONE_FRAMES, seed)
    parts: dict[str, list[np.ndarray]] = {}
    for row in np.unique(chosen.rows).tolist():
        places = chosen.places[chosen.rows == row]
        for key, codes in train[row].items():
            parts.setdefault(key, []).append(codes[places])
    labels, groups = chosen.labels[PHONE], utterances.groups[chosen.rows]
    classes = len(utterances.classes[PHONE])
    fits = {
        key: LogisticProblem(np.concatenate(of_key), groups).fit(
            labels, classes, bias=key.startswith(ACCURACY), penalties=config.penalties
        )
        for key, of_key in parts.items()
    }
    counts = _count_named(test, fits, classes)
    probes = {}
    for key, fit in fits.items():
        protocol, layer = key.split("/")
        quantity = CONVERGED if protocol == ACCURACY else CONVERGED_SAMPLED
        probes[f"{quantity}/{PHONE}/{layer}"] = ConvergedProbe(fit, overall_accuracy(counts[key]))
    frames = next(iter(counts.values())).sum(axis=1)  # (phone,)
    most_frequent = np.bincount(labels).argmax()
    chance: dict[str, float] = {PHONE: float(frames[most_frequent] / frames.sum())}
    confusions = {
        key.split("/")[1]: of_key for key, of_key in counts.items() if key.startswith(ACCURACY)
    }
    return ConvergedPhones(ConvergedProbes(probes, chance), confusions)


def _count_named(
    codes: PhoneCodes, fits: Mapping[str, LogisticFit], classes: int
) -> dict[str, np.ndarray]:
    """Count which phones every probe names: by `protocol/layer`, (phone, named phone) int64."""
    counts = {key: np.zeros((classes, classes), np.int64) for key in fits}
    for row, labels in enumerate(codes.utterances.phones):
        latents = codes[row]
        for key, fit in fits.items():
            counts[key] += confusion(labels, fit.scores(latents[key]).argmax(axis=1), classes)
    return counts
