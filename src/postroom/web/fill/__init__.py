"""Rows into pages: what a view has read becomes the frozen dataclasses the templates show. No permission is asked
here; rows come from the stages' ``visible_to`` querysets."""
