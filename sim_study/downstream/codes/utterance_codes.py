"""What a frozen encoder makes of whole utterances, at the frames that have a phone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.identity import seed_for
from sim_study.data.audio import to_float
from sim_study.data.clips import Split
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.features import check_finite, layer_generators
from sim_study.downstream.codes.frames import KEPT_BYTES, code_bytes, frame_grids
from sim_study.downstream.codes.protocols import by_protocol
from sim_study.downstream.codes.standardise import Moments, RunningMoments
from sim_study.errors import Problem, UserError
from sim_study.model.encoder import Encoder


class UtteranceCodes:
    """Encodes one utterance at a time; an utterance always gets the same codes.

    Args:
        encoder: Any encoder; set to evaluation mode and moved to `device`.
        utterances: What to encode.
        seed: Draws the latents of a SIM encoder; None, or another method: the posterior means.
        device: Where to encode.

    Raises:
        UserError: An utterance has more phones than the last layer has frames.
    """

    def __init__(
        self,
        encoder: Encoder,
        utterances: Utterances,
        *,
        seed: int | None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.encoder = encoder.eval().to(device)
        self.utterances = utterances
        self._seed = seed
        self._device = device
        self._grids = frame_grids(encoder.config.model)
        self._first_frames = first_labelled_frames(encoder, utterances)
        self._last: tuple[int, dict[str, torch.Tensor]] | None = None

    def labelled(self, row: int, labels: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Return every layer's latents at an utterance's labelled frames.

        A finer layer's latents are averaged over the frames in the time of each label.

        Args:
            row: Which utterance.
            labels: (label,) indices into its phones; None: all.

        Returns:
            By layer name: (label, channel) float32.

        Raises:
            Diverged: Latents are NaN or infinite.
        """
        if labels is None:
            labels = np.arange(len(self.utterances.phones[row]))
        frames = self._first_frames[row] + labels
        codes = {}
        for layer, latents in self._latents(row).items():  # (L, C)
            around = torch.from_numpy(self._grids[layer].around(frames, len(latents)))
            codes[layer] = latents[around].mean(dim=1).float().cpu().numpy()  # (label, C)
        check_finite(codes)
        return codes

    def single_frames(self, row: int, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Return the latents at some labels' time, one frame each, in every layer.

        Args:
            row: Which utterance.
            labels: (label,) indices into its phones.

        Returns:
            By layer name: (label, channel) float32.
        """
        frames = self._first_frames[row] + labels
        codes = {}
        for layer, latents in self._latents(row).items():  # (L, C)
            at = torch.from_numpy(self._grids[layer].nearest(frames, len(latents)))
            codes[layer] = latents[at].float().cpu().numpy()  # (label, C)
        check_finite(codes)
        return codes

    def _latents(self, row: int) -> dict[str, torch.Tensor]:
        """Return (frame, channel) by layer name; the utterance of the last call is remembered."""
        if self._last is None or self._last[0] != row:
            self._last = row, self._encode(row)
        return self._last[1]

    def _encode(self, row: int) -> dict[str, torch.Tensor]:
        generators = None
        if self._seed is not None:
            seed = seed_for(self._seed, self.utterances.ids[row])
            generators = layer_generators(self.encoder, seed, self._device)
        audio = to_float(self.utterances.recordings.parts[row])  # (T,)
        dtype = next(self.encoder.parameters()).dtype
        with torch.inference_mode():
            encoded = self.encoder.encode(audio.to(self._device, dtype)[None, None], generators)
        return {layer: latents[0] for layer, latents in encoded.items()}


def first_labelled_frames(encoder: Encoder, utterances: Utterances) -> np.ndarray:
    """Return the frame of the last layer that each utterance's first phone belongs to.

    Phones belong to the last frames, as in the reference.

    Returns:
        (utterance,) int64.

    Raises:
        UserError: An utterance has more phones than frames.
    """
    lengths = utterances.recordings.lengths.tolist()
    model = encoder.config.model
    frames = np.array([module_frames(model, length)["context"] for length in lengths], np.int64)
    first = frames - np.array([len(phones) for phones in utterances.phones], np.int64)
    problems = [
        Problem(utterances.ids[row], f"has {-first[row]} phones more than the encoder has frames")
        for row in np.flatnonzero(first < 0)
    ]
    if problems:
        raise UserError(*problems)
    return first


class PhoneCodes:
    """What probes of phones see of one split, an utterance at a time, under both protocols.

    Codes are kept in memory where they fit, and otherwise made anew in every pass.

    Args:
        encoder: A frozen encoder.
        utterances: The split's.
        split: Its name; splits get different draws of sampled latents.
        seed: Draws the sampled latents.
        device: Where to encode.
        kept_bytes: Size up to which all codes are kept.
    """

    def __init__(
        self,
        encoder: Encoder,
        utterances: Utterances,
        split: Split,
        seed: int,
        device: torch.device | str = "cpu",
        *,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        def encode(sampled: bool) -> UtteranceCodes:
            codes_seed = seed_for(seed, split) if sampled else None
            return UtteranceCodes(encoder, utterances, seed=codes_seed, device=device)

        self.utterances = utterances
        self._encoders = by_protocol(encoder, encode)
        self._scales: Mapping[str, Moments] = {}
        self._kept: dict[int, dict[str, np.ndarray]] = {}
        frames = sum(map(len, utterances.phones))
        draws = len(set(self._encoders.values()))  # one, without sampling
        self._keeps = draws * code_bytes(encoder.config.model, frames) <= kept_bytes

    def __getitem__(self, row: int) -> dict[str, np.ndarray]:
        """Return an utterance's codes by `protocol/layer`: (label, channel) float32."""
        if row in self._kept:
            return self._kept[row]
        codes = self._encode(row)
        if self._keeps:
            self._kept[row] = codes
        return codes

    def moments(self) -> dict[str, Moments]:
        """Take mean and deviation of every dimension over all labelled frames, by the same keys."""
        running: dict[str, RunningMoments] = {}
        for row in range(len(self.utterances)):
            for key, latents in self[row].items():
                running.setdefault(key, RunningMoments()).add(latents)
        return {key: one.moments for key, one in running.items()}

    def standardise(self, scales: Mapping[str, Moments]) -> None:
        """From now on bring codes to mean 0 and variance 1, by moments of the training split."""
        self._scales = scales
        self._kept.clear()

    def _encode(self, row: int) -> dict[str, np.ndarray]:
        encoded: dict[UtteranceCodes, dict[str, np.ndarray]] = {}
        codes: dict[str, np.ndarray] = {}
        for protocol, one in self._encoders.items():
            if one not in encoded:  # without sampling, protocols share arrays: moments are alike
                encoded[one] = {
                    layer: self._scaled(f"{protocol}/{layer}", latents)
                    for layer, latents in one.labelled(row).items()
                }
            codes |= {f"{protocol}/{layer}": latents for layer, latents in encoded[one].items()}
        return codes

    def _scaled(self, key: str, latents: np.ndarray) -> np.ndarray:
        return self._scales[key].standardise(latents) if key in self._scales else latents
