"""The corpus artificial-speech, as the project knows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sim_study.config.identity import content_hash
from sim_study.data.kind import CorpusSettings
from sim_study.data.syllables.kind import SyllableKind

if TYPE_CHECKING:
    from sim_study.data.amounts import CorpusAmounts
    from sim_study.data.clips import ClipsByPart
    from sim_study.data.progress import Report


class ArtificialSpeech(CorpusSettings):
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

        return read_artificial_speech(root_of(settings.root), report)

    def fetch(self, root: Path, subsets: Sequence[str], report: Report) -> None:
        """Clone the public repository."""
        from sim_study.data.artificial_speech.fetch import fetch_artificial_speech

        is_new = fetch_artificial_speech(root)
        report(f"{self.name} {'is now' if is_new else 'was already'} in {root}")


KIND = ArtificialSpeechKind()
