"""The tree against the definitions of RFC 9162, section 2.1, written down as recursions that are slow and plain."""

from __future__ import annotations

import hashlib

import pytest

from postroom.ledger.postroom_verify import consistent, included
from postroom.ledger.tree import EMPTY, WIDTH, Growing, Tree, root_of, split

SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 511, 513, 700)


def _leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + str(number).encode()).digest() for number in range(count)]


def _mth(leaves: list[bytes]) -> bytes:
    """Section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    at = split(len(leaves))
    return hashlib.sha256(b"\x01" + _mth(leaves[:at]) + _mth(leaves[at:])).digest()


def _tree(leaves: list[bytes]) -> Tree:
    levels = [leaves]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([_mth(below[at : at + WIDTH]) for at in range(0, len(below) // WIDTH * WIDTH, WIDTH)])
    return Tree(len(leaves), lambda level, start, stop: levels[level][start:stop])


def test_the_root_is_that_of_the_standard() -> None:
    # given the published test vector: the empty tree, and one of a single empty entry (RFC 6962's own examples)
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert hashlib.sha256(b"\x00").hexdigest() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    # then every way to a root gives the one of the definition
    for size in SIZES:
        leaves = _leaves(size)
        growing = Growing()
        for leaf in leaves:
            growing.push(leaf)
        assert _tree(leaves).root == growing.root == root_of(leaves) == _mth(leaves)


def test_growing_tells_each_node_when_it_is_complete() -> None:
    leaves = _leaves(WIDTH * 3 + 5)
    growing = Growing()
    done = [node for leaf in leaves for node in growing.push(leaf)]
    assert done == [(1, place, _mth(leaves[place * WIDTH : (place + 1) * WIDTH])) for place in range(3)]


def test_a_node_over_65536_leaves_is_told_too() -> None:
    growing = Growing()
    done = [node for leaf in _leaves(WIDTH * WIDTH) for node in growing.push(leaf)]
    assert done[-1] == (2, 0, growing.root)


@pytest.mark.parametrize("size", SIZES)
def test_each_leaf_is_proven_and_no_other(size: int) -> None:
    leaves = _leaves(size)
    tree = _tree(leaves)
    root = tree.root
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        path = tree.inclusion(index)
        # given the right leaf it holds; planted: another leaf, place, size, hash, or one step more or less
        assert included(leaves[index], index, size, path, root)
        assert not included(hashlib.sha256(b"other").digest(), index, size, path, root)
        assert not included(leaves[index], index + 1, size, path, root)
        assert not included(leaves[index], index, size, [*path, root], root)
        if path:
            assert not included(leaves[index], index, size, path[:-1], root)
            assert not included(leaves[index], index, size, [bytes(32), *path[1:]], root)


@pytest.mark.parametrize("new", SIZES)
def test_each_beginning_is_proven_and_no_other(new: int) -> None:
    leaves = _leaves(new)
    tree = _tree(leaves)
    for old in {1, 2, new // 2, new - 1, new, 256} & set(range(1, new + 1)):
        path, before = tree.consistency(old), _mth(leaves[:old])
        assert tree.root_at(old) == before
        assert consistent(old, new, before, tree.root, path)
        # planted: another past, another present, a shortened proof
        assert not consistent(old, new, bytes(32), tree.root, path)
        assert not consistent(old, new, before, bytes(32), path)
        if path:
            assert not consistent(old, new, before, tree.root, path[:-1])


def test_a_tree_has_no_beginning_longer_than_itself() -> None:
    with pytest.raises(ValueError, match="no beginning of 4"):
        _tree(_leaves(3)).root_at(4)
