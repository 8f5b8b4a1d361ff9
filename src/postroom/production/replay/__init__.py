"""A draft made of the newest real records beside the version it is to replace, before anybody approves it.

``sides`` makes and compares both, ``going`` carries a replay through in turns of a worker, ``pictures`` keeps pages to
look at, ``upkeep`` wakes what was forgotten and deletes what is old. Nothing of it is stored as a document.
"""
