"""The studio: the live page of a draft, and its wording in forms."""
