"""The terminal's door: parse, call an action, show. No business logic."""
