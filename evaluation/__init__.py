"""Question sets, retrieval sets, metrics and reports."""
