"""Writing XML in the order that a schema asks for: small steps, equal bytes for equal input.

An element without content is not written, since EN 16931 forbids empty elements (PEPPOL-EN16931-R008 says it aloud).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

from postroom.kernel.money import round_amount


class Tree:
    """A document in the making. Names are written ``prefix:name``; a path ``a:b/c:d`` makes the steps between."""

    def __init__(self, root: str, namespaces: Mapping[str, str], default: str = "") -> None:
        self._spaces: dict[str | None, str] = {None: default} if default else {}
        self._spaces.update(namespaces)
        self.root = etree.Element(self._name(root), nsmap=self._spaces)

    def under(self, parent: Any, path: str) -> Any:
        """A new element below ``parent``."""
        for step in path.split("/"):
            parent = etree.SubElement(parent, self._name(step))
        return parent

    def put(self, parent: Any, path: str, value: str | Decimal | None, **attributes: str) -> Any:
        """A new element with text; nothing where there is no text."""
        if value is None or value == "":
            return None
        made = self.under(parent, path)
        made.text = value if isinstance(value, str) else number(value)
        for name, content in attributes.items():
            if content:
                made.set(name, content)
        return made

    def bytes(self) -> bytes:
        """The document: UTF-8, indented, empty groups left out."""
        _prune(self.root)
        etree.indent(self.root)
        text: bytes = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")
        return text + b"\n"

    def _name(self, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        return f"{{{self._spaces[prefix or None]}}}{local}"


#: Groups that a schema demands even where there is nothing to say.
_EMPTY = ("ApplicableHeaderTradeDelivery", "SpecifiedLineTradeAgreement")


def _prune(node: Any) -> None:
    for child in list(node):
        _prune(child)
        if len(child) == 0 and not child.text and etree.QName(child).localname not in _EMPTY:
            node.remove(child)


def number(value: Decimal) -> str:
    """A quantity, price or rate without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal) -> str:
    """An amount with its two decimals (BR-DEC)."""
    return f"{round_amount(value):.2f}"


def parse(content: bytes) -> Any:
    """The root of a foreign document: no entities, no network, no huge trees. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.doctype:
        raise etree.XMLSyntaxError("a document type declaration is not allowed", 0, 1, 1)
    return root
