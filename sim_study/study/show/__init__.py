"""Where a running study stands, drawn for a terminal or printed line by line."""
