"""Figures with a command: ``make bench``. Each is printed beside its bare engine's from the same run.

Ratios are the gate; absolute figures guide, since machines differ (ARCHITECTURE.md, section 6).
"""
