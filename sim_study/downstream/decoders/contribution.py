"""How few dimensions turn one clip's decoded sound into another's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from sim_study.config.identity import seed_for
from sim_study.downstream.decoders.decoder import Decoder, decode

ROUNDING = 1e-5
"""Amplitudes that differ by less than this part in float32 may differ by rounding alone."""

MIXTURES_AT_ONCE = 64
"""On two cores, 32 and more are decoded at the same rate, at 32 channels and at 512."""


@dataclass(frozen=True)
class Contribution:
    """Errors that remain when the K most differing dimensions are taken from the other clip.

    Args:
        dimensions: Every K, (count,) int64, ascending.
        mse: (count,) float64, in squared amplitude: mean over pairs of the MSE between the
            decoded mixture and the decoded other clip.
        standard_error: (count,) float64, of `mse`; 0 where every pair was taken.
        largest: Mean over all ordered pairs of the MSE between both clips, each decoded alone.
        power: Mean square of the decoded clips' samples.
        pairs: Ordered pairs that were mixed.
        all_pairs: Ordered pairs that there are.
        decoded: Latent sequences that were decoded.
    """

    dimensions: np.ndarray
    mse: np.ndarray
    standard_error: np.ndarray
    largest: float
    power: float
    pairs: int
    all_pairs: int
    decoded: int

    @property
    def is_defined(self) -> bool:
        """Whether clips decode to different sounds, beyond rounding; else there is no score."""
        return self.largest > ROUNDING**2 * self.power

    @property
    def score(self) -> np.ndarray:
        """(count,): `mse` as a fraction of `largest`; 1 with no dimension replaced, 0 with all."""
        return self.mse / self.largest

    @property
    def score_error(self) -> np.ndarray:
        """(count,): standard error of `score`."""
        return self.standard_error / self.largest

    def share_below(self, level: float) -> float:
        """Return the fraction of dimensions at which the score first falls to `level`.

        Between the evaluated counts, and 0 with score 1, the score is taken to be straight.

        Args:
            level: In (0, 1).
        """
        counts = np.concatenate([[0], self.dimensions])
        scores = np.concatenate([[1.0], self.score])
        after = int(np.argmax(scores <= level))
        part = (scores[after - 1] - level) / (scores[after - 1] - scores[after])
        crossing = counts[after - 1] + part * (counts[after] - counts[after - 1])
        return float(crossing / counts[-1])


def dimension_counts(channels: int) -> tuple[int, ...]:
    """Return 2, 4, 8 ... and last the number of channels itself."""
    powers = [2**power for power in range(1, channels.bit_length()) if 2**power < channels]
    return (*powers, channels)


def drawn_shifts(clips: int, partners: int, seed: int) -> tuple[int, ...]:
    """Draw by how many places clips are shifted against themselves to form pairs.

    Under a shift s clip i meets clip i + s (counted around the end), so each clip is the first of
    one pair and the second of another: all shifts from 1 to clips - 1 are all ordered pairs, and
    some of them, drawn without replacement, a sample in which every clip counts equally.

    Args:
        clips: At least two.
        partners: Shifts wanted; all there are when there are no more.
        seed: Draws them.
    """
    if partners >= clips - 1:
        return tuple(range(1, clips))
    generator = torch.Generator().manual_seed(seed_for(seed, "contribution"))
    drawn = torch.randperm(clips - 1, generator=generator)[:partners] + 1
    return tuple(sorted(drawn.tolist()))


def contribution(
    decoder: Decoder,
    latents: torch.Tensor,
    dimensions: Sequence[int],
    shifts: Sequence[int],
    *,
    batch_size: int = MIXTURES_AT_ONCE,
    device: torch.device | str = "cpu",
) -> Contribution:
    """Measure how far a sound is from another's when K dimensions have been replaced.

    For a pair, dimensions are ranked by the squared difference of their means over frames. No
    latent sequence is decoded twice: every clip is decoded once, alone, and a mixture in which
    all dimensions are replaced is the other clip.

    Args:
        decoder: In evaluation mode, on `device`.
        latents: (clip, frame, channel), at least two clips.
        dimensions: Every K, ascending, from 1 to the number of channels.
        shifts: Which pairs to mix; see `drawn_shifts`.
        batch_size: Latent sequences decoded at a time.
        device: Where to decode.

    Source:
        Smooth InfoMax, arXiv 2408.12936, interpolation contribution score. The pairs of one shift
        are a cluster: means over randomly drawn shifts are unbiased, and their variance is that
        of a sample without replacement (Cochran 1977, Sampling Techniques, sections 2.5 and 9.3).
    """
    clips, _, channels = latents.shape
    latents = latents.to(device)
    own = decode(decoder, latents, batch_size=batch_size, device=device).to(device)[:, 0]  # (N, T)
    means = latents.mean(dim=1)  # (N, C)
    mixed = torch.tensor([count for count in dimensions if count < channels], device=device)
    pairs_at_once = max(batch_size // max(len(mixed), 1), 1)
    errors = torch.zeros(len(shifts), len(dimensions), dtype=torch.float64)  # (S, K)
    decoded = clips
    first = torch.arange(clips, device=device)
    with torch.inference_mode():
        for row, shift in enumerate(shifts):
            if not len(mixed):
                break
            for i in torch.split(first, pairs_at_once):  # (P,)
                j = (i + shift) % clips
                apart = (means[i] - means[j]).square()  # (P, C)
                ranks = apart.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
                replaced = ranks[:, None] < mixed[:, None]  # (P, K, C)
                mixtures = torch.where(
                    replaced[:, :, None], latents[j][:, None], latents[i][:, None]
                )  # (P, K, L, C)
                sounds = decoder(mixtures.flatten(0, 1).transpose(1, 2))  # (P*K, 1, T)
                left = sounds.view(len(i), len(mixed), -1) - own[j][:, None]  # (P, K, T)
                squares = left.square().mean(dim=2).double().sum(dim=0)  # (K,)
                errors[row, : len(mixed)] += squares.cpu()
                decoded += len(sounds)
    by_shift = errors.numpy() / clips  # (S, K)
    return Contribution(
        dimensions=np.asarray(dimensions, np.int64),
        mse=by_shift.mean(axis=0),
        standard_error=_standard_error(by_shift, clips - 1),
        largest=_mean_square_between(own),
        power=float(own.double().square().mean()),
        pairs=clips * len(shifts),
        all_pairs=clips * (clips - 1),
        decoded=decoded,
    )


def _mean_square_between(sounds: torch.Tensor) -> float:
    """Return the mean over ordered pairs of different rows (clip, sample) of their MSE.

    It is twice the variance between clips, mean over samples: no pair needs to be formed.
    """
    return 2 * float(sounds.double().var(dim=0, correction=1).mean())


def _standard_error(by_shift: np.ndarray, all_shifts: int) -> np.ndarray:
    """Return the standard error (count,) of the mean over drawn shifts (shift, count)."""
    drawn = len(by_shift)
    if drawn == all_shifts:
        return np.zeros(by_shift.shape[1])
    deviation: np.ndarray = by_shift.std(axis=0, ddof=1)
    return deviation * math.sqrt((1 / drawn) * (1 - drawn / all_shifts))
