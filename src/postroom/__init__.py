"""Postroom: every document a business sends, receives, routes and keeps."""

__version__ = "0.1.0"
