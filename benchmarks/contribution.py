"""Section `contribution`: the interpolation contribution score at paper size, 200 clips.

*Pair by pair* is the reference's way: of every ordered pair both clips are decoded, and for each
count K the mixture and the second clip again, one at a time. A sample of pairs is timed and scaled
to all of them. *Sampled* is the default, which mixes each clip with 10 others drawn at random, and
*exact* takes all pairs; at 512 channels exact is timed for a few shifts, which are equal work, and
scaled. *Limit* is the arithmetic of exact at the rate of the decoder's dearest layer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import torch

from benchmarks.measurement import Goal, Measurement, seconds_of
from benchmarks.reference_contribution import pair_by_pair, plain_decoder
from sim_study.config.decoder import DecoderConfig
from sim_study.config.geometry import layer_frames
from sim_study.config.model import ModelConfig
from sim_study.data.audio import WORD_SAMPLES
from sim_study.downstream.decoders.contribution import (
    MIXTURES_AT_ONCE,
    contribution,
    dimension_counts,
    drawn_shifts,
)
from sim_study.downstream.decoders.decoder import build_decoder, decode, decoder_geometry
from sim_study.downstream.decoders.transposed_convolution import PhaseConvTranspose

CLIPS = 200
CHANNELS = (32, 64, 512)
LAYERS = 5
PLAIN_SECONDS = 10.0
WHOLE_CHANNELS = 64
"""Up to this width exact is run whole."""
TIMED_SHIFTS = 4
PARTNERS: int = DecoderConfig.model_fields["contribution_partners"].default
RATIO_GOAL = Goal("at least", 50)


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield every size's times and ratios."""
    for channels in CHANNELS[:1] if quick else CHANNELS:
        yield from _size(channels, clips=30 if quick else CLIPS)


def _size(channels: int, clips: int) -> Iterator[Measurement]:
    model = ModelConfig(channels=channels)
    frames = layer_frames(model, WORD_SAMPLES)[LAYERS - 1]
    latents = torch.randn(clips, frames, channels)  # (N, L, C)
    counts = dimension_counts(channels)
    decoder = build_decoder(model, LAYERS, WORD_SAMPLES, seed=0).eval()
    everything = range(1, clips)
    timed = everything if channels <= WHOLE_CHANNELS else everything[:TIMED_SHIFTS]

    def ours(shifts: Sequence[int]) -> Callable[[], object]:
        return lambda: contribution(decoder, latents, counts, shifts)

    ours((1, 2))()  # the first run also allocates
    plain = _plain_seconds(model, latents, counts)
    alone = seconds_of(lambda: decode(decoder, latents, batch_size=MIXTURES_AT_ONCE))
    exact = alone + (seconds_of(ours(timed)) - alone) * (clips - 1) / len(timed)
    sampled = seconds_of(ours(drawn_shifts(clips, PARTNERS, seed=0)))
    mixtures = clips * (clips - 1) * (len(counts) - 1)
    limit = (mixtures + clips) * operations(model, LAYERS) / _flops(model)

    case = f"{channels} channels, {clips} clips, {len(counts)} values of K"
    ours_seconds = {"sampled": sampled, "exact": exact, "limit": limit}
    for quantity, seconds in {"pair by pair": plain, **ours_seconds}.items():
        yield Measurement("contribution", case, quantity, seconds, "s")
    for quantity, seconds in ours_seconds.items():
        goal, name = None if quantity == "limit" else RATIO_GOAL, f"pair by pair / {quantity}"
        yield Measurement("contribution", case, name, plain / seconds, "x", goal)


def _plain_seconds(model: ModelConfig, latents: torch.Tensor, counts: Sequence[int]) -> float:
    """Time pairs for a while, and return the seconds that all ordered pairs would take."""
    decoder = plain_decoder(model, LAYERS, WORD_SAMPLES, seed=0)
    channels_first = latents.transpose(1, 2).contiguous()  # (N, C, L)
    pairs = list(permutations(range(len(latents)), 2))
    pair_by_pair(decoder, channels_first, counts, pairs[:1])
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < PLAIN_SECONDS:
        pair_by_pair(decoder, channels_first, counts, pairs[done : done + 1])
        done += 1
    return (time.perf_counter() - began) / done * len(pairs)


def operations(model: ModelConfig, layers: int) -> float:
    """Count the floating-point operations of decoding one clip."""
    geometry = decoder_geometry(model, layers, WORD_SAMPLES)
    frames = layer_frames(model, WORD_SAMPLES)[layers - 1]
    total = 0.0
    for index, layer in enumerate(geometry):
        width = 1 if index == len(geometry) - 1 else model.channels
        total += 2.0 * frames * layer.kernel * model.channels * width
        frames = (
            (frames - 1) * layer.stride - 2 * layer.padding + layer.kernel + layer.output_padding
        )
    return total


def _flops(model: ModelConfig, repeats: int = 5) -> float:
    """Return the operations a second of the last hidden layer, by far the dearest."""
    shape = decoder_geometry(model, LAYERS, WORD_SAMPLES)[-2]
    layer = PhaseConvTranspose(
        model.channels,
        model.channels,
        shape.kernel,
        stride=shape.stride,
        padding=shape.padding,
        output_padding=shape.output_padding,
    )
    frames = layer_frames(model, WORD_SAMPLES)[1]  # below it lie two layers of the encoder
    x = torch.randn(MIXTURES_AT_ONCE, frames, model.channels).transpose(1, 2)  # (B, C, L)
    with torch.inference_mode():
        best = min(seconds_of(lambda: layer(x)) for _ in range(repeats + 1))
    return 2.0 * len(x) * frames * shape.kernel * model.channels**2 / best
