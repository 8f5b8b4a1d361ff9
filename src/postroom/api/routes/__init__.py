"""The operations, one router per subject."""
