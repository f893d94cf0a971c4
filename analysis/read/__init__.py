"""A study as its ledger holds it: runs, configurations, tables, arrays, sounds."""
