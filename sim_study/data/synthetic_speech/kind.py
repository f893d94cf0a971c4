"""The corpus synthetic-speech, as the project knows it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from sim_study.data.syllables.kind import SyllableKind
from sim_study.data.synthetic_speech.settings import SyntheticSpeech

if TYPE_CHECKING:
    from sim_study.data.amounts import CorpusAmounts
    from sim_study.data.clips import ClipsByPart
    from sim_study.data.progress import Report


class SyntheticSpeechKind(SyllableKind[SyntheticSpeech]):
    """Words spoken by espeak-ng; its code and voices come with a package."""

    settings = SyntheticSpeech
    needs = "nothing: it is spoken on this machine in seconds"

    def recipe(self, settings: SyntheticSpeech) -> dict[str, object]:
        """Return the settings and the release of espeak-ng."""
        own = settings.model_dump(mode="json")
        return super().recipe(settings) | own | {"espeakng_loader": version("espeakng-loader")}

    def expected(self, settings: SyntheticSpeech) -> CorpusAmounts:
        """Return as many words as are asked for, three syllables each."""
        from sim_study.data.syllables.alphabet import POSITIONS

        return self.amounts(settings.train_words, len(POSITIONS) * settings.train_words)

    def clips(self, settings: SyntheticSpeech, report: Report) -> ClipsByPart:
        """Speak every word."""
        from sim_study.data.synthetic_speech.synthesise import synthesise

        return synthesise(settings, report)


KIND = SyntheticSpeechKind()
