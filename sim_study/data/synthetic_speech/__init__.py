"""The corpus synthetic-speech: words spoken by espeak-ng on this machine."""
