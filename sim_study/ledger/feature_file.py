"""`features.npz`: the codes and labels a probe trial keeps for the stages after it.

Later stages read it, and need neither the encoder nor the corpus. Keys:

- `{protocol}/{split}/{layer}` (clip, channel): codes of clips, mean over their frames;
- `label/{split}/{target}` (clip,) and `classes/{target}`: of those clips;
- `frames/{protocol}/{split}/{layer}` (frame, channel): single frames, at the same times in every
  layer; `frames/{split}/label/{target}` (frame,) where frames have labels of their own, and then
- `labelled/{protocol}/{split}/{layer}` (frame, channel): the same frames as probes of phones read
  them, averaged over 10 ms in a finer layer;
- `thirds/{protocol}/{split}/{layer}` (clip, 3 * channel): codes of clips, means over the first, the
  middle and the last third of what sounds in them, one after another;
- `frames_of/{span}/{protocol}/{split}/{layer}` (frame, channel): single frames, at the same times
  in every layer, of the part of a clip that carries a factor (its consonant, its vowel, or all that
  sounds), with `frames_of/{span}/label/{split}/{factor}` (frame,), of every factor of the clips;
- `{start}group/{split}` (row,): the spoken word or utterance that a row is of, for each unit with
  labels (start is empty for clips and thirds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim_study.config.probe import ACCURACY, INTERPRETABILITY
from sim_study.data.clips import Split
from sim_study.ledger.arrays import MADE_ANEW, ArrayFile, ArrayParts, classes_key
from sim_study.naming.result_keys import layer_order

FEATURES_FILE = "features.npz"

MEANS, SAMPLED = ACCURACY, INTERPRETABILITY
"""Protocols: codes are the latents' means, or one sample of the latents (of a method that does not
sample, the same)."""


SOUNDING = "sounding"
PHONE_SPANS = ("consonant", "vowel")
"""Spans of a clip, see `Clips.spans`: everything that sounds, and the phones that carry a factor of
their own name."""


@dataclass(frozen=True)
class FramesOf:
    """Single frames of the phone that carries a factor of clips.

    Args:
        factor: Such as consonant; also the name of a span.
    """

    factor: str

    @property
    def span(self) -> str:
        """Where the factor is heard: in the phone of its name, or in all that sounds."""
        return self.factor if self.factor in PHONE_SPANS else SOUNDING


Unit = Literal["clips", "thirds", "frames", "labelled frames"] | FramesOf
"""What each row of codes is of; labelled frames are frames with labels, as probes read them."""

_START: Mapping[str, str] = {
    "clips": "",
    "thirds": "thirds/",
    "frames": "frames/",
    "labelled frames": "labelled/",
}


def _start(unit: Unit) -> str:
    return f"frames_of/{unit.span}/" if isinstance(unit, FramesOf) else _START[unit]


def _codes_key(unit: Unit, protocol: str, split: Split, layer: str) -> str:
    return f"{_start(unit)}{protocol}/{split}/{layer}"


def _labels_key(unit: Unit, split: Split, target: str) -> str:
    if isinstance(unit, FramesOf):
        return f"{_start(unit)}label/{split}/{target}"
    whole = unit in ("clips", "thirds")
    return f"label/{split}/{target}" if whole else f"frames/{split}/label/{target}"


def _groups_key(unit: Unit, split: Split) -> str:
    if isinstance(unit, FramesOf):
        return f"{_start(unit)}group/{split}"
    return f"group/{split}" if unit in ("clips", "thirds") else f"frames/group/{split}"


class FeatureParts(ArrayParts):
    """What goes into the file."""

    file_name = FEATURES_FILE

    def add_codes(
        self, unit: Unit, protocol: str, split: Split, codes: Mapping[str, np.ndarray]
    ) -> None:
        """Add codes by layer, each (example, channel)."""
        for layer, of_layer in codes.items():
            self._arrays[_codes_key(unit, protocol, split, layer)] = of_layer

    def add_labels(self, unit: Unit, split: Split, target: str, labels: np.ndarray) -> None:
        """Add a target's labels, (example,) int64."""
        self._arrays[_labels_key(unit, split, target)] = labels

    def add_groups(self, unit: Unit, split: Split, groups: np.ndarray) -> None:
        """Add the spoken word or utterance that each row is of, (example,) int64."""
        self._arrays[_groups_key(unit, split)] = groups


class FeatureFile(ArrayFile):
    """What the file holds."""

    file_name = FEATURES_FILE
    remedy = f"an earlier version wrote it; {MADE_ANEW}"

    @property
    def layers(self) -> list[str]:
        """Modules, then the context."""
        start = _codes_key("clips", MEANS, "test", "")
        found = [key.removeprefix(start) for key in self._arrays if key.startswith(start)]
        return sorted(found, key=layer_order)

    def codes(self, unit: Unit, protocol: str, split: Split, layer: str) -> np.ndarray:
        """Return codes (example, channel).

        Raises:
            UserError: The file has none.
        """
        return self._array(_codes_key(unit, protocol, split, layer))

    def labels(self, unit: Unit, split: Split, target: str) -> np.ndarray:
        """Return labels (example,) int64.

        Raises:
            UserError: There are none; see `has_labels`.
        """
        return self._array(_labels_key(unit, split, target))

    def groups(self, unit: Unit, split: Split) -> np.ndarray:
        """Return the spoken word or utterance that each row is of, (example,) int64.

        Raises:
            UserError: The file is of a version that did not keep them.
        """
        return self._array(_groups_key(unit, split))

    def has_codes(self, unit: Unit, protocol: str) -> bool:
        """Whether there are codes of a protocol: of phones, only of sampled ones that differ."""
        start = _codes_key(unit, protocol, "train", "")
        return any(key.startswith(start) for key in self._arrays)

    def has_groups(self, unit: Unit) -> bool:
        """Whether the file says which spoken word or utterance each row is of."""
        return _groups_key(unit, "train") in self._arrays

    def has_labels(self, unit: Unit, target: str) -> bool:
        """Whether there are labels of a target."""
        return _labels_key(unit, "train", target) in self._arrays

    def unit_of(self, target: str) -> Unit:
        """Return what a probe of the target reads: clips where these have its labels."""
        return "clips" if self.has_labels("clips", target) else "labelled frames"

    def classes(self, target: str) -> tuple[str, ...]:
        """Return the names of a target's labels.

        Raises:
            UserError: The file has none.
        """
        return tuple(map(str, self._array(classes_key(target))))

    def check(self) -> None:
        """Refuse a file of before labels and single frames were kept.

        Raises:
            UserError: Naming what it lacks.
        """
        wanted = {"labels": "label/", "single frames": "frames/"}
        lacking = [
            name
            for name, start in wanted.items()
            if not any(key.startswith(start) for key in self._arrays)
        ]
        if lacking:
            raise self._lacks(" and no ".join(lacking))
