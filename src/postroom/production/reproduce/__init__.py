"""Making stored documents again and comparing: nothing is stored, nothing is sent (P5)."""
