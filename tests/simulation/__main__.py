"""``python -m tests.simulation SCHEDULES=20000 SEED=1`` plays schedules; ``REPLAY=seed`` shows one step by step.

Ends with one line: ``schedules=n violations=0 seed=s``. ``MUTANT=name`` takes a safeguard out, ``JOBS=n`` shares the
work among processes.
"""

from __future__ import annotations

import sys

from .jobs import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
