"""A draft, or a change of a house part, made of the newest real records beside what is in force, before anybody
approves it.

``records`` chooses them, ``sides`` makes and compares both, ``going`` carries a replay through in turns of a worker,
``pictures`` keeps pages to look at, ``upkeep`` wakes what was forgotten and deletes what is old. Nothing of it is
stored as a document.
"""
