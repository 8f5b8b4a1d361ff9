"""Deterministic simulation: the product's own protocols against a modelled database, disk and receivers (ADR 0030)."""
