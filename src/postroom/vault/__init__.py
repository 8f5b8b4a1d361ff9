"""Bytes that never change: append-only segments, one fdatasync per chunk, everything named by its SHA-256."""
