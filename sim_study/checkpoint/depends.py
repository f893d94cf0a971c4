"""What one layer's weights depend on, as a hash: equal hash, equal weights."""

from __future__ import annotations

from typing import Any

from sim_study.config.identity import SCIENCE_VERSION, content_hash
from sim_study.config.trial import EncoderConfig
from sim_study.model.geometry import module_layers


def layer_depends(
    config: EncoderConfig, seed: int, epoch: int, corpus_fingerprint: str
) -> dict[str, str]:
    """Return a hash of everything each layer's weights depend on, by layer.

    A greedy module depends on its own settings and those of the modules before it, never on
    those after it; so encoders that begin alike share the hashes of their first modules.

    Args:
        config: The encoder's configuration.
        seed: The trial's seed.
        epoch: Finished epochs.
        corpus_fingerprint: What the encoder was trained on.
    """
    canonical = config.canonical()
    model = canonical.model
    conv_layers = [
        (model.kernel_sizes[layer], model.strides[layer], model.paddings[layer])
        for layer in range(len(model.kernel_sizes))
    ]
    shared: dict[str, Any] = {
        "science_version": SCIENCE_VERSION,
        "corpus": corpus_fingerprint,
        "seed": seed,
        "epoch": epoch,
        "method": canonical.method,
        "channels": model.channels,
        "batch_norm": model.batch_norm,
        "objective": canonical.objective.model_dump(mode="json"),
        "train": canonical.train.model_dump(mode="json", exclude={"epochs"}),
    }
    hashes = {}
    prefix: list[Any] = []
    for name, layers in zip(config.model.layer_names, module_layers(model), strict=False):
        prefix.append([conv_layers[layer] for layer in layers])
        hashes[name] = content_hash({**shared, "modules": prefix})
    context = {**shared, "modules": prefix, "context_channels": model.context_channels}
    hashes["context"] = content_hash(context)
    return hashes
