"""The machines that trials run on: this one, or those of a Ray cluster."""

from __future__ import annotations

import os
import socket
from typing import Any

from sim_study.errors import Problem, UserError
from sim_study.space.spec import Resources
from sim_study.study.run.stop import StopRequest

KNOCK_SECONDS = 10


def connect(address: str | None, stop: StopRequest) -> None:
    """Start Ray on this machine, or join a cluster.

    Raises:
        UserError: Nobody answers at the address.
        Stopped: A signal came meanwhile.
    """
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address is None:
            # RAY_ADDRESS would silently take a local study to a cluster; --address says it aloud.
            os.environ.pop("RAY_ADDRESS", None)
            ray.init(address="local", include_dashboard=False, **quiet)
        else:
            _knock(address)
            ray.init(address=address, **quiet)
    except SystemExit:  # Ray's own answer to SIGTERM while it starts
        stop.name = stop.name or "SIGTERM"
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        if address is None:
            raise
        law = f"no Ray cluster answers there ({error})"
        raise UserError(Problem("--address", law, value=address)) from None
    finally:
        stop.listen()
    stop.check()


def _knock(address: str) -> None:
    """Find out in seconds that nobody listens at host:port; Ray itself takes minutes.

    Raises:
        OSError: Nobody does.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_SECONDS).close()


def slots(nodes: list[dict[str, Any]], resources: Resources, place: str) -> int:
    """How many trials fit at once on the nodes that are alive.

    Raises:
        UserError: Not even one.
    """
    count, largest = 0, {"CPU": 0.0, "GPU": 0.0}
    for node in nodes:
        have = node["Resources"] if node["Alive"] else {}
        fits = have.get("CPU", 0) // resources.cpus
        if resources.gpus:
            fits = min(fits, have.get("GPU", 0) // resources.gpus)
        count += int(fits)
        largest = {kind: max(most, have.get(kind, 0)) for kind, most in largest.items()}
    if count < 1:
        law = (
            f"a trial does not fit: the largest node has {largest['CPU']:g} cpus and "
            f"{largest['GPU']:g} gpus"
        )
        asked = f"cpus {resources.cpus}, gpus {resources.gpus:g}"
        raise UserError(Problem(place, law, "resources", asked))
    return count
