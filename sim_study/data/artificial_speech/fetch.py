"""Fetches the corpus artificial-speech, where there is a network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sim_study.data.artificial_speech.read import root_of
from sim_study.errors import Problem, UserError

URL = "https://github.com/fdenoodt/Artificial-Speech-Dataset"


def fetch_artificial_speech(root: Path, url: str = URL) -> bool:
    """Clone the public repository into `root`.

    Returns:
        Whether it was cloned; False: `root` holds the corpus already.

    Raises:
        UserError: `root` holds something else, git is missing, or the clone failed.
    """
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
