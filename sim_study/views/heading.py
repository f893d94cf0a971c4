"""What views are of, in words."""

from __future__ import annotations

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import EncoderConfig, Trial


def heading(encoder: EncoderConfig, probe: Trial) -> tuple[str, str]:
    """Name an encoder, and say how it was trained and probed.

    Args:
        encoder: Its configuration.
        probe: The trial whose arrays are shown.

    Returns:
        A heading and a sentence.
    """
    canonical = encoder.canonical()
    model, objective, train = canonical.model, canonical.objective, canonical.train
    facts = [
        f"modules of {'+'.join(map(str, model.layers_per_module))} layers",
        f"{model.channels} channels, context {model.context_channels}",
        f"{train.epochs} epochs" if encoder.traits.trained else "untrained",
    ]
    if encoder.traits.samples:
        facts.append(f"KL weight {objective.kld_weight:g} ({objective.kl_reduction})")
    if isinstance(probe.config, ProbeConfig) and probe.config.standardise:
        facts.append("probes on standardised codes")
    facts += [f"encoder {probe.upstream}", f"probe {probe.trial_id}"]
    return f"{encoder.method}, seed {probe.seed}", f"{'; '.join(facts)}."
