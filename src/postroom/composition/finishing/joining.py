"""One PDF behind another, with its tags: the pages, and the branch of the structure tree that tells what is on them.

A page says by a number where its tags are (``StructParents``); the numbers of the second file go on where those of the
first end. Ids and roles of both may be the same words for different things, so those of the second are renamed.
"""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, NumberTree, Pdf, String


def join(pdf: Pdf, other: Pdf, *, tagged: bool) -> int:
    """Put the pages of ``other`` behind those of ``pdf``, which may not be the same object; how many there were.

    ``tagged``: carry the tags over; without, they are dropped, as a file that claims no structure need not keep any.
    """
    first = len(pdf.pages)
    pdf.pages.extend(other.pages)
    added = [pdf.pages[number] for number in range(first, len(pdf.pages))]
    _links(pdf, other, added)
    tree = other.Root.get("/StructTreeRoot")
    if tagged and tree is not None and "/StructTreeRoot" in pdf.Root:
        _tags(pdf, pdf.copy_foreign(tree), added, str(other.Root.get("/Lang", "")))
    else:
        for page in added:
            _untag(page)
    return len(added)


def untag(pdf: Pdf) -> None:
    """Forget the structure of a file whose pages become pictures."""
    for name in ("/StructTreeRoot", "/MarkInfo"):
        if name in pdf.Root:
            del pdf.Root[name]


def _untag(page: pikepdf.Page) -> None:
    for name in ("/StructParents", "/Tabs"):
        if name in page.obj:
            del page.obj[name]
    for note in page.obj.get("/Annots", Array()):
        if "/StructParent" in note:
            del note["/StructParent"]


def _tags(pdf: Pdf, tree: pikepdf.Object, pages: list[pikepdf.Page], language: str) -> None:
    root = pdf.Root.StructTreeRoot
    if "/ParentTree" not in root:
        root["/ParentTree"] = pdf.make_indirect(Dictionary(Nums=Array()))
    numbers = NumberTree(root.ParentTree)
    start = max(int(root.get("/ParentTreeNextKey", 0)), *(int(key) + 1 for key in numbers), 0)
    theirs = tree.get("/ParentTree")
    entries = dict(NumberTree(theirs).items()) if theirs is not None else {}
    for number in sorted(entries):
        numbers[start + int(number)] = entries[number]
    root["/ParentTreeNextKey"] = start + max((int(key) for key in entries), default=-1) + 1
    for holder, place in _numbered(pages):
        holder[place] = start + int(holder[place])
    renamed = _roles(root, tree)
    ids = _ids(tree, f"d{start}-")
    for element in _elements(tree.get("/K")):
        if element.get("/S") in renamed:
            element["/S"] = renamed[element.S]
        if "/ID" in element:
            element["/ID"] = String(ids.get(bytes(element.ID), f"d{start}-{element.ID}"))
        _headers(element, ids)
    kids = tree.get("/K", Array())
    branch = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Part, P=_top(root)))
    branch["/K"] = kids if isinstance(kids, Array) else Array([kids])
    if language:
        branch["/Lang"] = String(language)
    for kid in branch.K:
        kid["/P"] = branch
    above = _top(root)
    mine = above.get("/K", Array())
    above["/K"] = Array([*(mine if isinstance(mine, Array) else [mine]), branch])
    if "/IDTree" in tree:
        if "/IDTree" not in root:
            root["/IDTree"] = pdf.make_indirect(Dictionary(Names=Array()))
        named = NameTree(root.IDTree)
        for element in dict(NameTree(tree.IDTree).items()).values():
            if "/ID" in element:
                named[str(element.ID)] = element


def _top(root: pikepdf.Object) -> pikepdf.Object:
    """Where a further part of the document hangs: its one Document element, or the root."""
    own = root.get("/K", Array())
    kids = list(own) if isinstance(own, Array) else [own]
    if len(kids) == 1 and isinstance(kids[0], Dictionary) and kids[0].get("/S") == Name.Document:
        return kids[0]
    return root


def _numbered(pages: list[pikepdf.Page]) -> Iterator[tuple[pikepdf.Object, str]]:
    """Whatever points into the parent tree, each object once."""
    seen: set[tuple[int, int]] = set()
    for page in pages:
        if "/StructParents" in page.obj:
            yield page.obj, "/StructParents"
        for note in page.obj.get("/Annots", Array()):
            if "/StructParent" in note:
                yield note, "/StructParent"
        for drawn in _drawn(page.obj.get("/Resources", Dictionary()), seen):
            for name in ("/StructParents", "/StructParent"):
                if name in drawn:
                    yield drawn, name


def _drawn(resources: pikepdf.Object, seen: set[tuple[int, int]]) -> Iterator[pikepdf.Object]:
    for thing in dict(resources.get("/XObject", Dictionary()).items()).values():
        if thing.objgen not in seen:
            seen.add(thing.objgen)
            yield thing
            yield from _drawn(thing.get("/Resources", Dictionary()), seen)


def _elements(kids: object) -> Iterator[pikepdf.Object]:
    """Every element of a structure tree; without recursion, as trees of strangers can be deep."""
    waiting = [kids]
    seen: set[tuple[int, int]] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Array):
            waiting.extend(one)
        elif isinstance(one, Dictionary) and "/S" in one:
            if one.objgen != (0, 0):
                if one.objgen in seen:
                    continue
                seen.add(one.objgen)
            yield one
            waiting.append(one.get("/K"))


def _roles(root: pikepdf.Object, tree: pikepdf.Object) -> dict[pikepdf.Object, pikepdf.Object]:
    """Take the roles of ``tree`` into ``root``; those that mean another thing there get another name."""
    theirs = dict(tree.get("/RoleMap", Dictionary()).items())
    if not theirs:
        return {}
    if "/RoleMap" not in root:
        root["/RoleMap"] = Dictionary()
    renamed: dict[pikepdf.Object, pikepdf.Object] = {}
    for name, meaning in theirs.items():
        here, number = name, 2
        while here in root.RoleMap and root.RoleMap[here] != meaning:
            here, number = f"{name}-{number}", number + 1
        root.RoleMap[here] = meaning
        if here != name:
            renamed[Name(name)] = Name(here)
    return renamed


def _ids(tree: pikepdf.Object, prefix: str) -> dict[bytes, str]:
    return {bytes(one.ID): f"{prefix}{one.ID}" for one in _elements(tree.get("/K")) if "/ID" in one}


def _headers(element: pikepdf.Object, ids: dict[bytes, str]) -> None:
    """A table cell names its head cells by their ids."""
    attributes = element.get("/A")
    for one in attributes if isinstance(attributes, Array) else [attributes]:
        if isinstance(one, Dictionary) and "/Headers" in one:
            one["/Headers"] = Array([String(ids.get(bytes(head), str(head))) for head in one.Headers])


def _links(pdf: Pdf, other: Pdf, pages: list[pikepdf.Page]) -> None:
    """A link inside ``other`` that goes by a name would go nowhere: its place is written out."""
    named = _destinations(other)
    for page in pages:
        for note in page.obj.get("/Annots", Array()):
            action = note.get("/A")
            for holder, key in ((note, "/Dest"), (action, "/D")):
                if isinstance(holder, Dictionary) and isinstance(holder.get(key), String | Name):
                    goal = named.get(str(holder[key]))
                    if goal is not None:
                        holder[key] = pdf.copy_foreign(goal) if goal.is_owned_by(other) else goal


def _destinations(other: Pdf) -> dict[str, pikepdf.Object]:
    found = {str(name): goal for name, goal in dict(other.Root.get("/Dests", Dictionary()).items()).items()}
    names = other.Root.get("/Names", Dictionary()).get("/Dests")
    if names is not None:
        found |= {str(name): goal for name, goal in dict(NameTree(names).items()).items()}
    return {
        name: other.make_indirect(goal.D if isinstance(goal, Dictionary) else goal)
        for name, goal in found.items()
        if isinstance(goal, Dictionary | Array)
    }
