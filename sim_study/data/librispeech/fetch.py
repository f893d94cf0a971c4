"""Fetches subsets of LibriSpeech from its public archive, where there is a network."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path

from sim_study.data.download import download
from sim_study.data.librispeech.layout import SPEECH
from sim_study.data.progress import Pace, Report
from sim_study.errors import Problem, UserError, near_miss

ARCHIVE = "https://www.openslr.org/resources/12"
MD5 = {
    "dev-clean": "42e2234ba48799c1f50f24a7926300a1",
    "dev-other": "c8d0bcc9cca99d4f8b62fcc847357931",
    "test-clean": "32fa31d27d2e1cad72775fff3f4849a9",
    "test-other": "fb5a50374b501bb3bac4815ee91d3135",
    "train-clean-100": "2a93770f6d5c6c964bc36631d331a522",
    "train-clean-360": "c0e676e450a7ff2f54aeade5171606fa",
}
"""Of <subset>.tar.gz, as the archive publishes them."""

LABELS = (
    "phone labels and splits are not in the archive: converted_aligned_phones.txt, "
    "train_split.txt and test_split.txt of train-clean-100 are published by the CPC audio "
    "project (github.com/facebookresearch/CPC_audio) as a download; put them into {folder}, or "
    "name them with corpus.phones, corpus.train_split and corpus.test_split"
)


def fetch_librispeech(
    root: Path,
    subsets: Sequence[str],
    report: Report,
    archive: str = ARCHIVE,
    checksums: dict[str, str] = MD5,
    pause_seconds: float = 3.0,
) -> None:
    """Download, check and unpack subsets into root/LibriSpeech; those that are there are skipped.

    Args:
        root: Folder that LibriSpeech goes into.
        subsets: Such as train-clean-100.
        report: Called with a line now and then.
        archive: Address of the folder of the archives.
        checksums: MD5 of the archives by subset.
        pause_seconds: Before a broken connection is taken up again.

    Raises:
        UserError: A subset is unknown, or an archive cannot be had or unpacked.
    """
    problems = [
        Problem(name, "is no subset", hint=near_miss(name, checksums) or f"{', '.join(checksums)}")
        for name in subsets
        if name not in checksums
    ]
    if problems:
        raise UserError(*problems)
    for name in dict.fromkeys(subsets):
        target = root / SPEECH / name
        if target.is_dir():
            report(f"{name}: was already in {target}")
            continue
        path = root / f"{name}.tar.gz"
        if not path.exists():
            root.mkdir(parents=True, exist_ok=True)
            report(f"{name}: downloading {archive}/{path.name}")
            download(f"{archive}/{path.name}", path, checksums[name], report, pause_seconds)
        _unpack(path, root, name, report)
        path.unlink()
        report(f"{name}: is now in {target}")


def _unpack(path: Path, root: Path, name: str, report: Report) -> None:
    """Unpack an archive beside its place and move it there when all of it is there."""
    partial = root / f".{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)  # left by an interrupted unpacking
    report(f"{name}: unpacking")
    pace = Pace(report)
    files = 0
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                # Refuses names and links that lead out of the folder.
                archive.extract(member, partial, filter="data")
                files += member.isfile()
                pace(f"{name}: {files} files unpacked")
    except (tarfile.TarError, EOFError, OSError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the archive
        law = f"cannot be unpacked ({error})"
        raise UserError(Problem(str(path), law, hint="delete it and fetch it again")) from None
    unpacked = partial / SPEECH
    if not (unpacked / name).is_dir():
        shutil.rmtree(partial, ignore_errors=True)
        raise UserError(Problem(str(path), f"holds no {SPEECH}/{name}"))
    (root / SPEECH).mkdir(exist_ok=True)
    # The subset itself last: with it in place, the subset counts as fetched.
    for entry in sorted(unpacked.iterdir(), key=lambda entry: entry.name == name):
        if entry.name == name or not (root / SPEECH / entry.name).exists():
            entry.rename(root / SPEECH / entry.name)
    shutil.rmtree(partial)
