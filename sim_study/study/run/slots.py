"""How many trials run at once on the nodes that Ray has."""

from __future__ import annotations

from typing import Any

from sim_study.errors import Problem, UserError
from sim_study.space.spec import Resources


def slots_of(nodes: list[dict[str, Any]], resources: Resources, place: str) -> int:
    """How many trials fit at once on the nodes that are alive.

    Raises:
        UserError: Not even one.
    """
    slots, largest = 0, {"CPU": 0.0, "GPU": 0.0}
    for node in nodes:
        have = node["Resources"] if node["Alive"] else {}
        fits = have.get("CPU", 0) // resources.cpus
        if resources.gpus:
            fits = min(fits, have.get("GPU", 0) // resources.gpus)
        slots += int(fits)
        largest = {kind: max(most, have.get(kind, 0)) for kind, most in largest.items()}
    if slots < 1:
        law = (
            f"a trial does not fit: the largest node has {largest['CPU']:g} cpus and "
            f"{largest['GPU']:g} gpus"
        )
        asked = f"cpus {resources.cpus}, gpus {resources.gpus:g}"
        raise UserError(Problem(place, law, "resources", asked))
    return slots
