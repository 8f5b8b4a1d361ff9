"""Facts that never change: who did what, when, to which object, and the digest that proves it."""
