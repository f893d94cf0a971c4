"""The corpus artificial-speech: the recordings of the Smooth InfoMax paper."""
