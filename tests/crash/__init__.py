"""Killing the program again and again, and counting afterwards."""
