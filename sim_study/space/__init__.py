"""From a YAML file to arms, dimensions, seeds and resolved configurations."""
