"""The encoder: a stack of greedily trained conv modules and a context network on top."""
