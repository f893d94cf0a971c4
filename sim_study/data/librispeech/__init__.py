"""The corpus librispeech: read speech in LibriSpeech's own layout, with phones and speakers."""
