"""What corpora of CV syllables share: their alphabet, and what can be asked of them."""
