"""The corpus artificial-speech, as the project knows it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from sim_study.config.identity import content_hash
from sim_study.data.amounts import CorpusAmounts
from sim_study.data.clips import ClipsByPart
from sim_study.data.loudness import LevelledSettings
from sim_study.data.progress import Report
from sim_study.data.syllables import SyllableKind
from sim_study.errors import Problem, UserError

URL = "https://github.com/fdenoodt/Artificial-Speech-Dataset"


class ArtificialSpeech(LevelledSettings):
    """The Smooth InfoMax paper's corpus, from a local folder."""

    name: Literal["artificial-speech"] = "artificial-speech"
    root: Path | None = Field(
        None, description="Folder that holds 'reshuffledv2' and 'split up data padded'."
    )


class ArtificialSpeechKind(SyllableKind[ArtificialSpeech]):
    """Recordings of words and, cut from them by hand, of syllables."""

    settings = ArtificialSpeech
    needs = "corpus.root, a local copy; `fetch` gets one"
    licence = "CC BY-NC-SA 4.0"

    def recipe(self, settings: ArtificialSpeech) -> dict[str, object]:
        """Return every file's relative path, size and time of change, as a hash."""
        from sim_study.data.artificial_speech.read import list_files, root_of

        root = root_of(settings.root)
        files = [
            [path.relative_to(root).as_posix(), stat.st_size, stat.st_mtime_ns]
            for path in list_files(root)
            if (stat := path.stat())
        ]
        return super().recipe(settings) | {"files": content_hash(files, length=64)}

    def expected(self, settings: ArtificialSpeech) -> CorpusAmounts:
        """Count the files of the training split."""
        from sim_study.data.artificial_speech.read import count_training_files, root_of

        return self.amounts(*count_training_files(root_of(settings.root)))

    def clips(self, settings: ArtificialSpeech, report: Report) -> ClipsByPart:
        """Read every recording."""
        from sim_study.data.artificial_speech.read import read_artificial_speech, root_of

        return read_artificial_speech(root_of(settings.root), settings, report)

    def fetch(self, root: Path, subsets: Sequence[str], report: Report) -> None:
        """Clone the public repository."""
        is_new = fetch_artificial_speech(root)
        report(f"{self.name} {'is now' if is_new else 'was already'} in {root}")


def fetch_artificial_speech(root: Path, url: str = URL) -> bool:
    """Clone the public repository into `root`.

    Returns:
        Whether it was cloned; False: `root` holds the corpus already.

    Raises:
        UserError: `root` holds something else, git is missing, or the clone failed.
    """
    from sim_study.data.artificial_speech.read import root_of

    if root.exists() and any(root.iterdir()):
        try:
            root_of(root)
        except UserError:
            law = "must be an empty or new folder, or hold the whole corpus"
            raise UserError(Problem(str(root), law, "--root")) from None
        return False
    # Without a terminal to ask for a name and password, git must fail instead of waiting.
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "clone", "--depth", "1", "--", url, str(root)]
    try:
        clone = subprocess.run(command, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        raise UserError(
            Problem("git", "is needed to fetch a corpus and is not installed")
        ) from None
    if clone.returncode != 0:
        said = clone.stderr.decode(errors="replace").strip().splitlines()
        law = f"could not be cloned ({said[-1] if said else f'git ended with {clone.returncode}'})"
        hint = (
            "is there a network? A copy made elsewhere serves as well: "
            "give its folder with `--set corpus.root=DIR`"
        )
        raise UserError(Problem(url, law, hint=hint))
    root_of(root)
    return True


KIND = ArtificialSpeechKind()
