"""The settings of the house."""
