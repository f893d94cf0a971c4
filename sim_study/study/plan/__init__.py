"""What a study consists of: proposals, choices, trials and their order."""
