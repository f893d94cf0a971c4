"""Decodes utterances into shards, several at once, at constant memory, from where it stopped."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from time import monotonic

import numpy as np

from sim_study.config.strict import Strict
from sim_study.data.audio import FULL_SCALE, RATE_HZ, to_int16
from sim_study.data.description import Counted, Description, FileRecord
from sim_study.data.kind import PROGRESS
from sim_study.data.librispeech.flac import decode
from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.data.librispeech.layout import NAME
from sim_study.data.librispeech.shards import Shard, shard_digest, write_shard
from sim_study.data.librispeech.worklist import (
    DAMAGED,
    Flaw,
    ToDecode,
    Worklist,
    check_use,
    worklist,
)
from sim_study.data.loudness import HELD_BACK, UTTERANCE_LEVEL_DB, at_level, level_db
from sim_study.data.progress import Pace, Report

SHARD_SAMPLES = 30 * 60 * RATE_HZ
"""Half an hour, 58 MB: what is held in memory at once, and what an interruption costs."""

FLAWS_FILE = "utterances_with_flaws.tsv"


class Done(Strict):
    """What is written beside a shard once it is whole.

    Args:
        shard: Its file; None when every utterance of it is damaged.
        digest: Of its content, in hexadecimal.
        flaws: Reason, id and detail of each utterance that was found damaged, or that is quieter
            than the others, lest its peaks be clipped.
    """

    shard: FileRecord | None
    digest: str
    flaws: tuple[tuple[str, str, str], ...]


def stream(
    settings: LibriSpeech,
    recipe: dict[str, object],
    folder: Path,
    report: Report,
    threads: int | None = None,
) -> Description:
    """Write every shard that is not in `folder` yet, and describe them all.

    Args:
        settings: Which corpus.
        recipe: What it is made from, for the description.
        folder: Of the shards; may hold those of an interrupted preparation of the same recipe.
        report: Called with a line about what is being done.
        threads: That decode at once; as many as there are processors when not given.

    Raises:
        UserError: Wrong input, all of it listed, before anything is decoded.
        OSError: The disk is full or the folder cannot be written.
    """
    wanted = worklist(settings, report)
    (folder / PROGRESS).mkdir(parents=True, exist_ok=True)
    portions = list(_portions(wanted.utterances))
    done: list[Done] = []
    progress = _Progress(portions, report)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for number, portion in enumerate(portions):
            path = folder / _shard_name(number)
            record = folder / PROGRESS / f"{number:04d}.json"
            known = record.exists()
            if known:
                done.append(Done.model_validate_json(record.read_bytes()))
            else:
                done.append(_write(path, record, portion, settings, pool))
            progress.portion(number, fresh=not known)
    description = _describe(recipe, folder, wanted, done)
    for reason, counted in description.counted.items():
        report(f"{NAME}: {counted.count} {reason} ({', '.join(counted.shown)})")
    return description


class _Progress:
    """How far the decoding is, in hours of sound, said now and then."""

    def __init__(self, portions: Sequence[Sequence[ToDecode]], report: Report) -> None:
        hours = [sum(one.samples for one in own) / RATE_HZ / 3600 for own in portions]
        self._hours = [0.0, *accumulate(hours)]
        self._fresh = 0.0  # hours decoded by this process
        self._begin = monotonic()
        self._pace = Pace(report)
        report(f"{NAME}: decoding {self._hours[-1]:.1f} hours of speech")

    def portion(self, number: int, *, fresh: bool) -> None:
        """Say that a portion is done, and whether this process decoded it."""
        if fresh:
            self._fresh += self._hours[number + 1] - self._hours[number]
        here, total = self._hours[number + 1], self._hours[-1]
        line = f"{NAME}: {here:.1f} of {total:.1f} hours decoded"
        if self._fresh:
            left = (total - here) / self._fresh * (monotonic() - self._begin)
            line += f", about {left:.0f} s to go"
        self._pace(line)


def _portions(utterances: Sequence[ToDecode]) -> Iterator[list[ToDecode]]:
    """Cut the utterances into runs of about half an hour."""
    portion: list[ToDecode] = []
    samples = 0
    for one in utterances:
        if portion and samples + one.samples > SHARD_SAMPLES:
            yield portion
            portion, samples = [], 0
        portion.append(one)
        samples += one.samples
    if portion:
        yield portion


def _write(
    path: Path,
    record: Path,
    portion: Sequence[ToDecode],
    settings: LibriSpeech,
    pool: ThreadPoolExecutor,
) -> Done:
    """Decode some utterances into one shard; it counts once its record is there."""
    bounds = np.cumsum([0, *(one.samples for one in portion)])
    samples = np.empty(bounds[-1], np.int16)
    outs = [samples[a:b] for a, b in pairwise(bounds)]
    found = list(pool.map(partial(_read, settings=settings), portion, outs))
    flaws = tuple((flaw.reason, flaw.id, flaw.detail) for flaw in found if flaw is not None)
    damaged = [flaw is not None and flaw.reason == DAMAGED for flaw in found]
    shard = _whole(portion, samples, bounds, damaged)
    file = None
    if shard.rows:
        unfinished = path.with_suffix(".partial")
        write_shard(unfinished, shard)
        _flush(unfinished)
        file = FileRecord.of(unfinished, len(shard.rows), large=True)
        unfinished.rename(path)
    done = Done(shard=file, digest=shard_digest(shard).hex(), flaws=flaws)
    unfinished = record.with_suffix(".partial")
    unfinished.write_text(done.model_dump_json(), encoding="utf-8")
    _flush(unfinished)
    unfinished.rename(record)
    return done


def _read(one: ToDecode, out: np.ndarray, settings: LibriSpeech) -> Flaw | None:
    """Decode an utterance into `out` (sample,) int16 at the corpus' level, if it has one."""
    if damage := decode(one.sound.path, out):
        return Flaw(DAMAGED, one.sound.id, damage)
    if settings.normalise == "none":
        return None
    levelled = at_level(out.astype(np.float64) / FULL_SCALE, UTTERANCE_LEVEL_DB)
    out[:] = to_int16(levelled.sound)
    if levelled.held_back:
        return Flaw(HELD_BACK, one.sound.id, f"{level_db(out):.1f} dB")
    return None


def _whole(
    portion: Sequence[ToDecode], samples: np.ndarray, bounds: np.ndarray, damaged: Sequence[bool]
) -> Shard:
    """Close the gaps that damaged utterances leave."""
    if not any(damaged):
        return Shard([one.row for one in portion], samples, bounds)
    kept = [row for row, lost in enumerate(damaged) if not lost]
    parts = [samples[bounds[row] : bounds[row + 1]] for row in kept]
    rows = [portion[row].row for row in kept]
    joined = np.concatenate(parts) if parts else samples[:0]
    return Shard(rows, joined, np.cumsum([0, *map(len, parts)]))


def _describe(
    recipe: dict[str, object], folder: Path, wanted: Worklist, done: Sequence[Done]
) -> Description:
    found = [Flaw(*flaw) for one in done for flaw in one.flaws]
    lost = {flaw.id for flaw in found if flaw.reason == DAMAGED}
    check_use([one.row for one in wanted.utterances if one.row.id not in lost])
    flaws = [*(flaw for flaw in wanted.flaws if flaw.id not in lost), *found]
    text = "".join(f"{flaw.reason}\t{flaw.id}\t{flaw.detail}\n" for flaw in flaws)
    path = folder / FLAWS_FILE
    path.write_text("reason\tutterance\tdetail\n" + text, encoding="utf-8")
    counted: dict[str, Counted] = {}
    for reason in dict.fromkeys(flaw.reason for flaw in flaws):
        ids = [flaw.id for flaw in flaws if flaw.reason == reason]
        counted[reason] = Counted.of(ids)
    files = {
        _shard_name(number): one.shard for number, one in enumerate(done) if one.shard is not None
    }
    files[path.name] = FileRecord.of(path, 0)
    fingerprint = hashlib.sha256(repr(sorted(wanted.classes.items())).encode())
    for one in done:
        fingerprint.update(bytes.fromhex(one.digest))
    return Description(
        name=NAME,
        fingerprint=fingerprint.hexdigest(),
        recipe=recipe,
        classes=wanted.classes,
        files=files,
        counted=counted,
    )


def _shard_name(number: int) -> str:
    return f"utterances-{number:04d}.arrow"


def _flush(path: Path) -> None:
    """Have a file on the disk before its name says that it is whole."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
