"""A checkpoint is a folder: safetensors files for every part, and the manifest that names them.

    manifest.json                            epoch, seed, configuration, metrics, SHA-256 of each
    module_0.<digits>.safetensors            weights and buffers, predictor included
    module_0.optimizer.<digits>.safetensors  Adam's state
    ...                                      the other layers, and a supervised encoder's head

The digits come from the content. So the files of two checkpoints can lie side by side, and the
one atomic act that puts the new in place of the old is the replacement of the manifest: a crash
at any moment leaves the old checkpoint or the new one, never neither.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from sim_study.checkpoint.depends import layer_depends
from sim_study.config.strict import build
from sim_study.config.trial import EncoderConfig, as_stored
from sim_study.errors import Problem, UserError
from sim_study.model.encoder import HEAD, Encoder
from sim_study.train.state import TrainState

MANIFEST = "manifest.json"
FORMAT = 1
_NAME_DIGITS = 12
_RESTORE_HINT = "delete the folder to train again, or bring the file back"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Args:
        state: Weights and optimizer state at the end of an epoch, on the CPU.
        config: The encoder's configuration.
        seed: The trial's seed.
        metrics: That epoch's metrics, keyed quantity/layer.
        depends: By part, the hash of everything its weights depend on.
    """

    state: TrainState
    config: EncoderConfig
    seed: int
    metrics: dict[str, float]
    depends: dict[str, str]


def write_checkpoint(
    folder: Path,
    state: TrainState,
    config: EncoderConfig,
    seed: int,
    metrics: dict[str, float],
    *,
    corpus_fingerprint: str = "",
) -> None:
    """Write a checkpoint, or replace the one in `folder`; it is whole or the old one stays.

    Args:
        folder: The checkpoint's own folder; made when missing.
        state: From the training loop.
        config: The encoder's configuration.
        seed: The trial's seed.
        metrics: The epoch's metrics, keyed quantity/layer.
        corpus_fingerprint: What the encoder was trained on; enters each layer's `depends`.

    Raises:
        OSError: The disk is full or the folder cannot be written; the old checkpoint is intact.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)  # left by a crash
    try:
        fresh.mkdir()
        files = {}
        for layer in state.modules:
            for kind, tensors in (
                (layer, state.modules[layer]),
                (f"{layer}.optimizer", state.optimizers[layer]),
            ):
                content = save_tensors(tensors)
                digest = hashlib.sha256(content).hexdigest()
                name = f"{kind}.{digest[:_NAME_DIGITS]}.safetensors"
                _write(fresh / name, content)
                files[kind] = {"name": name, "sha256": digest}
        manifest = {
            "format": FORMAT,
            "epoch": state.epoch,
            "seed": seed,
            "config": config.model_dump(mode="json"),
            "metrics": metrics,
            "corpus_fingerprint": corpus_fingerprint,
            "depends": layer_depends(config, seed, state.epoch, corpus_fingerprint),
            "files": files,
        }
        manifest["sha256"] = _digest(manifest)
        _write(fresh / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
        _publish(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read and verify a checkpoint.

    Raises:
        UserError: Naming the file that is missing, damaged or of a newer format.
    """
    manifest = _read_manifest(folder)
    tensors: dict[str, dict[str, Tensor]] = {
        kind: load_tensors(_read_file(folder / entry["name"], entry["sha256"]))
        for kind, entry in manifest["files"].items()
    }
    layers = manifest["depends"]
    state = TrainState(
        epoch=manifest["epoch"],
        modules={layer: tensors[layer] for layer in layers},
        optimizers={layer: tensors[f"{layer}.optimizer"] for layer in layers},
    )
    config = build(
        EncoderConfig, as_stored(EncoderConfig, manifest["config"]), str(folder / MANIFEST)
    )
    return Checkpoint(state, config, manifest["seed"], manifest["metrics"], layers)


def load_encoder(folder: Path) -> Encoder:
    """Return the encoder of a verified checkpoint, in evaluation mode, on the CPU.

    Raises:
        UserError: Naming the file that is missing, damaged or of a newer format.
    """
    checkpoint = read_checkpoint(folder)
    modules = checkpoint.state.modules
    encoder = Encoder(checkpoint.config, len(modules[HEAD]["bias"]) if HEAD in modules else None)
    for part, tensors in modules.items():
        dtype = next(value.dtype for value in tensors.values() if value.is_floating_point())
        encoder.part(part).to(dtype).load_state_dict(tensors)
    return encoder.eval()


def _publish(fresh: Path, folder: Path) -> None:
    """Make the whole folder `fresh` the content of `folder`."""
    _sync_folder(fresh)
    if not folder.exists():
        fresh.rename(folder)
        _sync_folder(folder.parent)
        return
    kept = {path.name for path in fresh.iterdir()}
    for name in sorted(kept - {MANIFEST}):
        (fresh / name).replace(folder / name)
    _sync_folder(folder)
    (fresh / MANIFEST).replace(folder / MANIFEST)  # from here on the new checkpoint counts
    _sync_folder(folder)
    for path in folder.glob("*.safetensors"):
        if path.name not in kept:
            path.unlink()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(manifest: dict[str, Any]) -> str:
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise UserError(Problem(str(path), "is missing; this folder holds no checkpoint"))
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("sha256") != _digest(manifest):
        raise _damaged(path)
    if manifest["format"] > FORMAT:
        law = f"is newer than this version reads (up to {FORMAT})"
        raise UserError(Problem(str(path), law, "format", manifest["format"]))
    return manifest


def _read_file(path: Path, digest: str) -> bytes:
    if not path.is_file():
        raise UserError(Problem(str(path), "is missing from the checkpoint", hint=_RESTORE_HINT))
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise _damaged(path)
    return content


def _damaged(path: Path) -> UserError:
    law = "is damaged: its content does not match the recorded SHA-256"
    return UserError(Problem(str(path), law, hint=_RESTORE_HINT))
