"""How much rules may ask for. zen itself has no limit of steps, time or memory."""

from __future__ import annotations

EXPRESSION_LENGTH = 500
NESTING = 12
LIST_FUNCTIONS = 2  # in one expression; three nested lists of 300 took 2.3 s and 1.7 GB
FIELDS = 500
EACH_DEPTH = 3
ROWS = 20_000  # of one list in a record
FILE_LENGTH = 256 * 1024
LOOKUP_ENTRIES = 5_000
RECORD_BYTES = 16 << 20
RESULT_BYTES = 16 << 20
TABLE_ROWS = 5_000
TABLE_COLUMNS = 100
TABLE_NODES = 50
INTEGER_BITS = 64
EXACT_INTEGER = 2**53  # beyond it a float no longer holds each integer (IEEE 754 binary64)

JOB_SECONDS = 5.0
CHUNK_SECONDS = 60.0
CELL_MEMORY = 1 << 30
BATCH = 20  # records in one frame; a bad one costs at most this many to be tried again
