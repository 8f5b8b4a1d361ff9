"""Metrics for Prometheus: names that stay (``catalogue``), gathered from rows and from what each process counts."""
