"""Say in one sentence when this Python is too old, before anything is installed."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Postroom needs Python 3.11 or newer; this is "
        + ".".join(str(part) for part in sys.version_info[:3])
        + ". Name another one: make demo PYTHON=python3.12"
    )
try:
    import venv  # noqa: F401
except ImportError:
    sys.exit("This Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv")
