"""Where a running study stands, drawn for a terminal or told line by line."""
