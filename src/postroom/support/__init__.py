"""One question across all stages: what became of this document, and what do I tell her?"""
