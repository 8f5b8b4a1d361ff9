"""Runs that start by themselves: by the clock, by an event somebody tells, by a date of a document."""
