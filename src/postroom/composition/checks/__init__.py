"""Template tests: a template's samples made in every language and held against what its author, and the law, expect.

``assertions`` reads ``tests/*.yaml``, ``trial`` makes the documents, ``look`` sees in a cell what stands on the pages,
``judge`` says what is wrong and where. ``compare`` and ``causes`` tell two versions' pages apart for a replay.
"""
