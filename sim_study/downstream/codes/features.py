"""What a frozen encoder makes of clips: mean latents, thirds, single frames, posterior rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.identity import seed_for
from sim_study.data.audio import to_float
from sim_study.data.recordings import Samples
from sim_study.downstream.codes.frames import frame_grids, sample_grids
from sim_study.downstream.codes.spans import third_weights
from sim_study.ledger.feature_file import Unit
from sim_study.model.encoder import Encoder
from sim_study.objective.gaussian_kl import kl_nats_per_frame
from sim_study.train.divergence import Diverged

ACTIVE_VARIANCE = 0.01
"""Variance of the posterior mean over the data, above which a unit is active (Burda et al.)."""

CACHED_CHANNELS = 1024
"""Clips times channels whose latents a processor's cache holds (7 MB of syllables)."""
FEWEST_CLIPS = 8
"""The context network's products get too thin below."""
CLIPS_ON_DEVICE = 256
"""Clips at a time on a GPU."""


class ClipCodes(NamedTuple):
    """What an encoder makes of clips.

    Args:
        pooled: By layer name: (clip, channel) float32, the mean over a clip's frames.
        thirds: By layer name: (clip, 3 * channel) float32, the means over three equal parts of a
            span of the clip, one after another; empty unless asked for.
        frames: By draw and layer name: (frame, channel) float32, the frames that were asked for.
    """

    pooled: dict[str, np.ndarray]
    thirds: dict[str, np.ndarray]
    frames: dict[Unit, dict[str, np.ndarray]]


def pooled_features(
    encoder: Encoder,
    samples: Samples,
    *,
    seed: int | None,
    batch_size: int | None = None,
    device: torch.device | str = "cpu",
) -> dict[str, np.ndarray]:
    """Return the mean over frames of every layer's latents: see `clip_codes`."""
    return clip_codes(encoder, samples, seed=seed, batch_size=batch_size, device=device).pooled


def clip_codes(
    encoder: Encoder,
    samples: Samples,
    *,
    seed: int | None,
    frames: Mapping[Unit, np.ndarray] | None = None,
    spans: np.ndarray | None = None,
    batch_size: int | None = None,
    device: torch.device | str = "cpu",
) -> ClipCodes:
    """Return every layer's latents averaged over frames and over thirds, and some single frames.

    The mean is over all frames of a clip, as in the reference, and so over the silence that
    syllables are padded with: half of a median clip of artificial-speech, three quarters of one
    of synthetic-speech.

    Features are computed once per checkpoint: sampled features hold one draw, where the
    reference draws anew in every epoch of its probe.

    Args:
        encoder: Any encoder; set to evaluation mode and moved to `device`.
        samples: (clip, sample) int16.
        seed: Draws the latents of a SIM encoder; None, or another method: the posterior means.
        frames: Draws, each (frame,) ascending, frames of the last layer counted over all clips:
            frame l of clip i is i * L + l. A finer layer gives its frame at the same time.
        spans: (clip, 2) samples, what thirds are taken of; None: no thirds.
        batch_size: Clips encoded at a time; None: see `clips_at_once`.
        device: Where to encode.

    Raises:
        Diverged: Latents are NaN or infinite: weights may be finite and yet too large.
    """
    generators = None if seed is None else layer_generators(encoder, seed, device)
    grids = frame_grids(encoder.config.model)
    in_samples = sample_grids(encoder.config.model)
    length = module_frames(encoder.config.model, samples.shape[1])["context"]
    frames = frames or {}
    pooled: dict[str, list[np.ndarray]] = {layer: [] for layer in encoder.layer_names}
    thirds: dict[str, list[np.ndarray]] = {layer: [] for layer in encoder.layer_names}
    single: dict[Unit, dict[str, list[np.ndarray]]] = {
        draw: {layer: [] for layer in encoder.layer_names} for draw in frames
    }
    first = 0
    with torch.inference_mode():
        for audio in audio_batches(encoder, samples, batch_size, device):
            after = first + len(audio)
            for layer, latents in encoder.encode(audio, generators).items():  # (B, L, C)
                pooled[layer].append(latents.mean(dim=1).float().cpu().numpy())  # (B, C)
                if spans is not None:
                    grid, count = in_samples[layer], latents.shape[1]
                    weights = torch.from_numpy(third_weights(spans[first:after], grid, count))
                    means = weights.to(latents) @ latents  # (B, 3, C)
                    thirds[layer].append(means.flatten(1).float().cpu().numpy())  # (B, 3C)
                for draw, chosen in frames.items():
                    here = chosen[slice(*np.searchsorted(chosen, (first * length, after * length)))]
                    rows = torch.from_numpy(here // length - first)
                    at = torch.from_numpy(grids[layer].nearest(here % length, latents.shape[1]))
                    single[draw][layer].append(
                        latents[rows, at].float().cpu().numpy()
                    )  # (frame, C)
            first = after
    codes = ClipCodes(
        _joined(pooled),
        {} if spans is None else _joined(thirds),
        {draw: _joined(of_draw) for draw, of_draw in single.items()},
    )
    check_finite(codes.pooled)
    return codes


def _joined(parts: Mapping[str, list[np.ndarray]]) -> dict[str, np.ndarray]:
    return {layer: np.concatenate(of_layer) for layer, of_layer in parts.items()}


def layer_generators(
    encoder: Encoder, seed: int, device: torch.device | str
) -> dict[str, torch.Generator]:
    """Return a random stream for the latents of every layer."""
    return {
        layer: torch.Generator(device).manual_seed(seed_for(seed, "features", layer))
        for layer in encoder.layer_names
    }


def check_finite(codes: Mapping[str, np.ndarray]) -> None:
    """Refuse codes by layer name that hold NaN or infinity.

    Raises:
        Diverged: Naming the first such layer.
    """
    for layer, array in codes.items():
        if not np.isfinite(array).all():
            raise Diverged(f"the latents of {layer} became NaN or infinite")


def posterior_rates(
    encoder: Encoder,
    samples: Samples,
    *,
    batch_size: int | None = None,
    device: torch.device | str = "cpu",
) -> dict[str, float]:
    """Return how much every module's latents hold of a SIM encoder, on the deterministic path.

    The path differs from that of training, where each module sees a sample and not the mean of
    the one below. Rates exist for SIM only: the other methods' log-variance is never trained, and
    without a pull to N(0, 1) their latents have any scale, which 0.01 says nothing about. All
    frames count, those of a clip's silent padding included.

    Args:
        encoder: Any encoder; set to evaluation mode and moved to `device`.
        samples: (clip, sample) int16.
        batch_size: Clips encoded at a time; None: see `clips_at_once`.
        device: Where to encode.

    Returns:
        `kl_nats_mean_path/<layer>`: KL from N(0, 1) in nats a frame, summed over channels, mean
        over frames and clips; `active_units/<layer>`: channels whose posterior mean varies by
        more than 0.01 over all frames of all clips. Empty for other methods.

    Source:
        Burda, Grosse & Salakhutdinov (2016), Importance Weighted Autoencoders, section 5.
    """
    if not encoder.config.traits.samples:
        return {}
    frames: dict[str, int] = {}
    sums: dict[str, torch.Tensor] = {}
    squares: dict[str, torch.Tensor] = {}
    nats: dict[str, float] = {}
    with torch.inference_mode():
        for audio in audio_batches(encoder, samples, batch_size, device):
            for layer, (mu, log_var) in encoder.posteriors(audio).items():  # (B, L, C)
                exact = mu.double().flatten(0, 1)  # (B*L, C)
                frames[layer] = frames.get(layer, 0) + len(exact)
                sums[layer] = sums.get(layer, 0) + exact.sum(dim=0)  # (C,)
                squares[layer] = squares.get(layer, 0) + exact.square().sum(dim=0)  # (C,)
                kl = float(kl_nats_per_frame(mu.double(), log_var.double()).sum())
                nats[layer] = nats.get(layer, 0.0) + kl
    rates = {f"kl_nats_mean_path/{layer}": nats[layer] / frames[layer] for layer in nats}
    for layer, count in frames.items():
        variance = squares[layer] / count - (sums[layer] / count).square()  # (C,)
        rates[f"active_units/{layer}"] = float((variance > ACTIVE_VARIANCE).sum())
    return rates


def clips_at_once(channels: int, device: torch.device | str) -> int:
    """Return how many clips to encode at a time.

    On a CPU the widest latents of so many clips fit the cache: at 32 channels 32 clips at a time
    take 0.12 s for 960 syllables where 64 take 0.19 s, at 64 channels 16 take 0.34 s where 64
    take 0.5 s. The latents are the same.
    """
    if torch.device(device).type != "cpu":
        return CLIPS_ON_DEVICE
    return max(CACHED_CHANNELS // channels, FEWEST_CLIPS)


def audio_batches(
    encoder: Encoder, samples: Samples, batch_size: int | None, device: torch.device | str
) -> Iterator[torch.Tensor]:
    """Yield float audio (batch, 1, sample) in clip order, with the frozen encoder ready for it.

    Args:
        encoder: Set to evaluation mode and moved to `device`.
        samples: (clip, sample) int16.
        batch_size: Clips a batch, None: see `clips_at_once`; the last may be shorter.
        device: Where to encode.
    """
    encoder.eval().to(device)
    batch_size = batch_size or clips_at_once(encoder.config.model.channels, device)
    dtype = next(encoder.parameters()).dtype
    for start in range(0, len(samples), batch_size):
        audio = to_float(samples[start : start + batch_size])
        yield audio.to(device, dtype).unsqueeze(1)  # (B, 1, T)
