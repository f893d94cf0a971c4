"""What is fast, measured against a plain reference and the machine's limit in the same run."""
