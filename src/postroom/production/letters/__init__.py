"""Letters that a person writes: from a template's open passages to a run, past a second person where limits ask for it.

A letter is written here and made elsewhere: what it becomes is a run like any other (ADR 0040).
"""
