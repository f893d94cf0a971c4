"""Views: the arrays of one encoder in, tables and pictures out; no model."""
