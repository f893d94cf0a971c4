"""Replays of a golden file's decoders and their losses, contributions, probe and its weights."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import torch

from sim_study.config.geometry import module_layers
from sim_study.config.model import ModelConfig
from sim_study.downstream.decoders.contribution import contribution
from sim_study.downstream.decoders.decoder import Decoder
from sim_study.downstream.decoders.losses import DECODER_LOSSES
from sim_study.downstream.probes.linear_probe import accuracy, cross_entropy, logits
from sim_study.metrics.label_weights import stretched
from sim_study.metrics.measures.kde_reference import kde_total_correlation
from sim_study.verify.section import Arrays, Section, compare, under


def sections(arrays: Arrays) -> list[Section]:
    """Compare every downstream part that the file holds, in float64.

    Args:
        arrays: The golden file's arrays by key; axes are the reference's.

    Returns:
        A section for each part found; an empty list for a file without any.
    """
    found = []
    parts: list[tuple[str, Callable[[str, Arrays], Section]]] = [
        (r"loss", _losses),
        (r"decoder\d+", _decoder),
        (r"probe", _probe),
        (r"weights", _weights),
        (r"contribution", _contribution),
        (r"tc", _total_correlation),
    ]
    names = sorted({key.split("/")[0] for key in arrays if "/" in key})
    for pattern, replay in parts:
        found += [replay(name, arrays) for name in names if re.fullmatch(pattern, name)]
    return found


def _losses(name: str, arrays: Arrays) -> Section:
    golden = {key: array for key, array in arrays.items() if key.startswith(f"{name}/")}
    target, prediction = _double(arrays["x"]), _double(arrays["y"])  # (B, 1, T)
    ours = {
        f"{name}/{loss}": distance(target, prediction).numpy()
        for loss, distance in DECODER_LOSSES.items()
        if f"{name}/{loss}" in golden
    }
    return compare(name, ours, golden)


def _decoder(name: str, arrays: Arrays) -> Section:
    golden = {f"{name}/out": arrays[f"{name}/out"]}
    decoder = _loaded_decoder(name, arrays)
    with torch.inference_mode():
        ours = decoder(_double(arrays[f"{name}/z"])).numpy()
    return compare(name, {f"{name}/out": ours}, golden)


def _loaded_decoder(name: str, arrays: Arrays) -> Decoder:
    """Build module m's decoder, of the default split into modules, with the file's weights."""
    model = ModelConfig(channels=arrays[f"{name}/z"].shape[1])
    layers = module_layers(model)[int(name.removeprefix("decoder"))].stop
    decoder = Decoder(model, layers, arrays[f"{name}/out"].shape[-1]).double()
    state = under(f"{name}/state/", arrays)
    decoder.load_state_dict({key: torch.from_numpy(array) for key, array in state.items()})
    return decoder


def _probe(name: str, arrays: Arrays) -> Section:
    latents = arrays[f"{name}/c"].astype(np.float64)  # (B, L, C)
    labels = arrays[f"{name}/targets"]  # (B,)
    scores = logits(latents.mean(axis=1), arrays[f"{name}/weight"], arrays[f"{name}/bias"])
    ours = {
        f"{name}/loss": np.asarray(cross_entropy(scores, labels)),
        f"{name}/accuracy": np.asarray([accuracy(scores, labels)]),
    }
    return compare(name, ours, {key: arrays[key] for key in ours})


def _weights(name: str, arrays: Arrays) -> Section:
    key = f"{name}/rescaled"
    return compare(name, {key: stretched(arrays[f"{name}/raw"]).T}, {key: arrays[key]})


def _contribution(name: str, arrays: Arrays) -> Section:
    """Mix decoder 2's latents, every ordered pair of them."""
    golden = {key: array for key, array in arrays.items() if key.startswith(f"{name}/")}
    prefix = f"{name}/abs"
    counts = sorted(int(key.removeprefix(prefix)) for key in golden if key.startswith(prefix))
    latents = _double(arrays["decoder2/z"]).transpose(1, 2)  # (B, L, C)
    found = contribution(
        _loaded_decoder("decoder2", arrays),
        latents,
        counts,
        range(1, len(latents)),
        batch_size=len(latents),
    )
    ours = {f"{prefix}{count}": mse for count, mse in zip(counts, found.mse, strict=True)}
    return compare(name, {f"{name}/max": np.asarray(found.largest), **ours}, golden)


def _total_correlation(name: str, arrays: Arrays) -> Section:
    key = f"{name}/value"
    ours = kde_total_correlation(arrays[f"{name}/codes"].astype(np.float64))
    return compare(name, {key: np.asarray(ours)}, {key: arrays[key]})


def _double(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float64))
