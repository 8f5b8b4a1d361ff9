"""The ground floor: clock, ids, money, errors, home folder, database adapter, outbox and provider registry.

Everything stands on these and they stand on nothing of ours.
"""
