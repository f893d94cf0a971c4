"""Speaks a list of phrases in a fresh process, where espeak-ng starts from a known state.

The child reads the phrases as JSON from standard input, and answers with one line of JSON
(lengths and phonemes) followed by the samples of all phrases, int16, end to end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sim_study.data.synthetic_speech.espeak import Engine, Phrase, Spoken
from sim_study.errors import Problem, UserError

_IMPORT_ROOT = Path(__file__).parents[3]


def speak(phrases: Sequence[Phrase]) -> list[Spoken]:
    """Speak phrases in order; the same sequence gives the same samples, always.

    Raises:
        UserError: espeak-ng cannot be loaded here, or refused a phrase.
    """
    paths = [str(_IMPORT_ROOT), os.environ.get("PYTHONPATH", "")]
    child = subprocess.run(
        [sys.executable, "-m", "sim_study.data.synthetic_speech.speaker"],
        input=json.dumps([asdict(phrase) for phrase in phrases]).encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        check=False,
    )
    if child.returncode != 0:
        reason = child.stderr.decode(errors="replace").strip().splitlines() or [
            f"ended with code {child.returncode}"
        ]
        raise UserError(
            Problem(
                "espeak-ng",
                f"could not speak: {reason[-1]}",
                hint="the library comes with the package espeakng-loader",
            )
        )
    header, _, body = child.stdout.partition(b"\n")
    answers = json.loads(header)
    ends = np.cumsum([answer["samples"] for answer in answers])
    samples = np.split(np.frombuffer(body, np.int16), ends[:-1])
    return [
        Spoken(sound, tuple((name, start) for name, start in answer["phonemes"]))
        for sound, answer in zip(samples, answers, strict=True)
    ]


def _main() -> None:
    engine = Engine()
    spoken = [engine.say(Phrase(**fields)) for fields in json.load(sys.stdin)]
    header = [{"samples": len(one.samples), "phonemes": one.phonemes} for one in spoken]
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
    for one in spoken:
        sys.stdout.buffer.write(one.samples.tobytes())


if __name__ == "__main__":
    _main()
