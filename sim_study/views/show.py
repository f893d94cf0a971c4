"""All views of one probe trial: a page, with its pictures and tables in a folder a view."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import get_args

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.config.views import ViewName, ViewsConfig
from sim_study.ledger.probe_trial import ProbeTrial
from sim_study.views.page import write_page
from sim_study.views.scene import Scene, View

PAGE = "index.html"


def write_views(
    folder: Path, trial: ProbeTrial, config: ViewsConfig, seed: int, title: str, note: str
) -> dict[str, float]:
    """Write pictures, tables and a page that shows and explains the pictures.

    Args:
        folder: Where they go.
        trial: What a probe trial has kept.
        config: What is drawn.
        seed: Of everything that is drawn at random.
        title: The page's heading.
        note: Below it.

    Returns:
        Values by metric key.

    Raises:
        UserError: The probe trial did not read a wanted target.
    """
    scene = Scene(trial, config, seed, folder)
    views = {name: view_of(name) for name in get_args(ViewName) if name in config.draw}
    shown = [
        (name, drawn, drawn.save(folder / name))
        for name, view in views.items()
        for drawn in view.draw(scene)
    ]
    note = f"{note} Tables (CSV, and NPY of weights) lie beside the pictures."
    headings = {name: view.heading for name, view in views.items()}
    write_page(folder / PAGE, title, note, shown, headings)
    return scene.metrics


def view_of(name: ViewName) -> View:
    """Return the view of a name, which is `VIEW` in the file `draw_<name>.py`."""
    view: View = import_module(f"sim_study.views.draw_{name}").VIEW
    return view


def heading(encoder: EncoderConfig, probe: Trial) -> tuple[str, str]:
    """Return a heading that names an encoder, and a sentence on how it was trained and probed."""
    canonical = encoder.canonical()
    model, objective, train = canonical.model, canonical.objective, canonical.train
    facts = [
        f"modules of {'+'.join(map(str, model.layers_per_module))} layers",
        f"{model.channels} channels, context {model.context_channels}",
        f"{train.epochs} epochs" if encoder.traits.trained else "untrained",
    ]
    if encoder.traits.samples:
        facts.append(f"KL weight {objective.kld_weight:g} ({objective.kl_reduction})")
    asked = probe.config
    if isinstance(asked, ProbeConfig) and (asked.standardise or asked.protocol != "paper_only"):
        facts.append("probes on standardised codes")
    facts += [f"encoder {probe.upstream}", f"probe {probe.trial_id}"]
    return f"{encoder.method}, seed {probe.seed}", f"{'; '.join(facts)}."
