"""E-invoices: one semantic model of an invoice (EN 16931-1), written as UN/CEFACT CII or UBL, checked before it leaves.

Data flows one way: record -> ``mapping`` -> ``model`` -> ``cii`` or ``ubl`` -> bytes; the bytes are read back
(``reading``), and what they really state is held against the rules (``bench``) and against the page (``agree``).
"""
