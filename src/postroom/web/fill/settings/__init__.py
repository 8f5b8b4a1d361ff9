"""Fills the pages of the settings."""
