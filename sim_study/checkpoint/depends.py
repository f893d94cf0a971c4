"""What one part's weights depend on, as a hash: equal hash, equal weights."""

from __future__ import annotations

from typing import Any

from sim_study.config.geometry import module_layers
from sim_study.config.identity import SCIENCE_VERSION, content_hash
from sim_study.config.trial import EncoderConfig, hashed_content
from sim_study.model.encoder import HEAD


def layer_depends(
    config: EncoderConfig, seed: int, epoch: int, corpus_fingerprint: str
) -> dict[str, str]:
    """Return a hash of everything each part's weights depend on: layers, and the head if any.

    A greedy module depends on its own settings and those of the modules before it, never on
    those after it; so encoders that begin alike share the hashes of their first modules. Trained
    end to end, every part depends on all settings, and a supervised one also on what the online
    probe holds out.

    Args:
        config: The encoder's configuration.
        seed: The trial's seed.
        epoch: Finished epochs.
        corpus_fingerprint: What the encoder was trained on.
    """
    canonical = config.canonical()
    model = canonical.model
    conv_layers = list(zip(model.kernel_sizes, model.strides, model.paddings, strict=True))
    train = hashed_content(canonical.train)
    del train["epochs"]
    shared: dict[str, Any] = {
        "science_version": SCIENCE_VERSION,
        "corpus": corpus_fingerprint,
        "seed": seed,
        "epoch": epoch,
        "method": canonical.method,
        "channels": model.channels,
        "batch_norm": model.batch_norm,
        "objective": hashed_content(canonical.objective),
        "train": train,
    }
    names = config.model.layer_names
    modules = [conv_layers[layers.start : layers.stop] for layers in module_layers(model)]
    whole = {**shared, "modules": modules, "context_channels": model.context_channels}
    if config.traits.learns_labels:
        whole["validation_fraction"] = config.online_probe.validation_fraction
        names = (*names, HEAD)
    if config.traits.end_to_end:
        contents = {part: {**whole, "part": part} for part in names}
    else:
        contents = {
            name: {**shared, "modules": modules[: index + 1]} for index, name in enumerate(names)
        }
        contents["context"] = whole
    return {part: content_hash(content) for part, content in contents.items()}
