"""Helpers of the integration tests that are no fixtures."""
