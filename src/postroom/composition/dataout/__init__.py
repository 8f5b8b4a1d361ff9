"""The same data as a table for another system: a layout names columns of the data contract, a writer writes rows.

``layouts/NAME.yaml`` in a template's folder is read and checked with it (``layout``); a record becomes rows of values
(``rows``), which a writer turns into CSV, XLSX, JSON lines or XML as a stream (``writers``). When and of what is known
to ``production`` alone. ADR 0039.
"""
