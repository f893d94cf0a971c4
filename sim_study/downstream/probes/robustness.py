"""How well probes of a frozen encoder still read test clips that are louder, quieter or noisy.

Probes are fitted on clean training clips and are not fitted again: what is measured is the code, in
conditions that nobody trained for. Every encoder hears the very same perturbed clips.

A perturbed clip stays in floats, in units of an int16 sample, so 12 dB more clips no peak. Noise
lies under the whole clip; its level is counted from the clip's own level (`data/loudness.py`: the
RMS of its loud parts), so that silence around a syllable does not make its noise quieter:

    SNR = 20 log10(level of the clean clip / RMS of the noise over the clip)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.config.probe import RobustnessConfig
from sim_study.data.clips import Clips
from sim_study.data.loudness import loud_rms
from sim_study.data.recordings import Samples
from sim_study.data.spans import sounding_spans
from sim_study.downstream.codes.frames import draw_rows
from sim_study.ledger.robustness_file import CLEAN, RobustnessPoint

_SEED = "robustness"
"""Not a trial's: perturbations are the same for every arm and every seed."""
_BABBLE_SECONDS = 20
_BABBLE_CLIPS = 200

Kind = Literal["gain", "white", "babble"]
Codes = TypeVar("Codes")
"""What an encoder makes of clips in one layer, as its probes read it."""


class Condition(NamedTuple):
    """One way in which all clips are perturbed.

    Args:
        kind: gain, white or babble; clean: not at all.
        level_db: Of gain, what is added; of noise, the signal-to-noise ratio; 0 of clean.
    """

    kind: str
    level_db: float


@dataclass(frozen=True)
class Robustness:
    """Curves of every target and layer."""

    points: list[RobustnessPoint]

    @property
    def metrics(self) -> dict[str, float]:
        """The area under each curve, by `robustness_<kind>/<target>/<layer>`.

        It is the mean accuracy over the levels of a kind, fraction 0-1, each level counting once,
        clean clips not among them.
        """
        curves: dict[str, list[float]] = {}
        for one in self.points:
            if one.kind != CLEAN:
                key = f"robustness_{one.kind}/{one.target}/{one.layer}"
                curves.setdefault(key, []).append(one.accuracy)
        return {key: float(np.mean(accuracies)) for key, accuracies in curves.items()}


def measured_clips(test: Clips, config: RobustnessConfig) -> Clips:
    """Return the test clips that are perturbed, the same for every arm and seed."""
    return test.take(draw_rows(len(test), config.clips, seed_for(_SEED, "clips")))


def measure_robustness(
    encode: Callable[[np.ndarray], Mapping[str, Codes]],
    read: Callable[[str, str, Codes], np.ndarray],
    samples: np.ndarray,
    labels: Mapping[str, np.ndarray],
    others: Samples,
    config: RobustnessConfig,
) -> Robustness:
    """Read perturbed test clips with probes of clean ones.

    Args:
        encode: The frozen encoder: from clips (clip, sample) float32, in units of an int16 sample
            and perhaps beyond its range, to codes by layer.
        read: Called with target, layer and codes: what the probe names, one class an example.
        samples: (clip, sample) int16, the test clips.
        labels: By target, (example,) int64: what the examples are, in the order of `read`.
        others: Training clips, of which babble is made.
        config: Levels.
    """
    noises = {"white": white_noise(samples.shape), "babble": babble(others, samples.shape, config)}
    points = []
    for condition in conditions(config):
        codes = encode(perturbed(samples, condition, noises))
        for target, of_target in labels.items():
            for layer, of_layer in codes.items():
                named = read(target, layer, of_layer)
                accuracy = float(np.mean(named == of_target))
                point = RobustnessPoint(target, layer, *condition, accuracy, len(of_target))
                points.append(point)
    return Robustness(points)


def conditions(config: RobustnessConfig) -> Iterator[Condition]:
    """Yield every condition, clean first."""
    yield Condition(CLEAN, 0.0)
    for gain_db in config.gain_db:
        yield Condition("gain", gain_db)
    for snr_db in config.snr_db:
        yield Condition("white", snr_db)
    for snr_db in config.snr_db:
        yield Condition("babble", snr_db)


def perturbed(
    samples: np.ndarray, condition: Condition, noises: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Return clips under a condition.

    Args:
        samples: (clip, sample) int16.
        condition: What is done to them.
        noises: By kind of noise: (clip, sample) float32 of RMS 1 over each clip.

    Returns:
        (clip, sample) float32 in units of an int16 sample, not limited to its range.
    """
    clean = samples.astype(np.float32)
    kind, level_db = condition
    if kind == CLEAN:
        return clean
    if kind == "gain":
        return clean * np.float32(10 ** (level_db / 20))
    levels = np.array([loud_rms(clip) for clip in samples])  # (clip,)
    rms = (levels * 10 ** (-level_db / 20)).astype(np.float32)
    mixed: np.ndarray = clean + rms[:, None] * noises[kind]
    return mixed


def white_noise(shape: tuple[int, int]) -> np.ndarray:
    """Draw noise of one power at all frequencies: (clip, sample) float32, RMS 1 over each clip."""
    random = np.random.default_rng(seed_for(_SEED, "white"))
    return _of_rms_1(random.standard_normal(shape, dtype=np.float32))


def babble(others: Samples, shape: tuple[int, int], config: RobustnessConfig) -> np.ndarray:
    """Draw noise that is several voices at once.

    What sounds in clips is put end to end to a voice of 20 s, all clips at one level; several such
    voices are summed, and each clip gets an excerpt of its own.

    Args:
        others: (clip, sample) int16, what the voices say.
        shape: Clips and samples of the noise.
        config: How many voices.

    Returns:
        (clip, sample) float32, RMS 1 over each clip.
    """
    random = np.random.default_rng(seed_for(_SEED, "babble"))
    spoken = others[draw_rows(len(others), _BABBLE_CLIPS, seed_for(_SEED, "babble clips"))]
    pieces = [
        clip[begin:end] / loud_rms(clip)
        for clip, (begin, end) in zip(spoken, sounding_spans(spoken), strict=True)
        if clip.any()
    ]
    clips, samples = shape
    length = max(_BABBLE_SECONDS * 16_000, 2 * samples)
    voices = [_voice(pieces, length, random) for _ in range(config.babble_voices)]
    track = np.sum(voices, axis=0)  # (sample,)
    begins = random.integers(0, length - samples, size=clips)
    return _of_rms_1(np.stack([track[begin : begin + samples] for begin in begins]))


def _voice(pieces: list[np.ndarray], length: int, random: np.random.Generator) -> np.ndarray:
    """Put pieces end to end in a random order, again and again until they fill a length."""
    said: list[np.ndarray] = []
    samples = 0
    while samples < length:
        for number in random.permutation(len(pieces)).tolist():
            said.append(pieces[number])
            samples += len(pieces[number])
    return np.concatenate(said)[:length]


def _of_rms_1(noise: np.ndarray) -> np.ndarray:
    rms = np.sqrt(np.square(noise, dtype=np.float64).mean(axis=1, keepdims=True))  # (clip, 1)
    scaled: np.ndarray = (noise / rms).astype(np.float32)
    return scaled
