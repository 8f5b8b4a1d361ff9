"""Foreign keys point down only, as imports do: strings, generic ones and their reverse names included."""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("db")

ROOT = Path(__file__).resolve().parents[2]


def ranks() -> dict[str, tuple[int, str]]:
    """Package -> its layer counted from the top, and the layer's words. The layers of the import contract."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = told["tool"]["importlinter"]["contracts"][0]["layers"]
    return {
        name.strip(): (position, layer) for position, layer in enumerate(layers) for name in re.split(r"[|:]", layer)
    }


def our_models() -> list[Any]:
    from django.apps import apps

    return [model for model in apps.get_models(include_auto_created=True) if package_of(model)]


def package_of(model: Any) -> str:
    """``delivery`` of ``postroom.delivery.models``; nothing for a stranger's model."""
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "postroom" else ""


def upward(models: Iterable[Any]) -> Iterator[str]:
    """Sentences about references that point up, aside, or anywhere."""
    from django.apps import apps
    from django.contrib.contenttypes.fields import GenericForeignKey

    rank = ranks()
    labels = {
        config.label: config.name.split(".")[1] for config in apps.get_app_configs() if "postroom." in config.name
    }
    for model in models:
        mine = package_of(model)
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many, *model._meta.private_fields):
            if isinstance(field, GenericForeignKey):
                yield f"{mine}.{model.__name__}.{field.name} may point anywhere; use a plain id"
                continue
            remote = getattr(field, "remote_field", None)
            if remote is None:
                continue
            if isinstance(remote.model, str):
                theirs = labels.get(remote.model.split(".")[0], "")
            else:
                theirs = package_of(remote.model)
            if theirs and theirs != mine and rank[theirs][0] <= rank[mine][0]:
                yield f"{mine}.{model.__name__}.{field.name} points up to {theirs}"


def reverse_uses() -> Iterator[str]:
    """Places where a lower package uses the name that an upper package's foreign key puts on its models."""
    rank = ranks()
    for model in our_models():
        upper = package_of(model)
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            remote = getattr(field, "remote_field", None)
            name = remote.get_accessor_name() if remote is not None else None
            lower = package_of(remote.model) if remote is not None and not isinstance(remote.model, str) else ""
            if not name or not lower or lower == upper or name == "+":
                continue
            for package in rank:
                if rank[package][0] > rank[upper][0]:
                    yield from used(package, name, f"{upper}.{model.__name__}.{field.name}")


def used(package: str, name: str, origin: str) -> Iterator[str]:
    folder = ROOT / "src" / "postroom" / package
    for path in sorted(folder.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from (f"{path.relative_to(ROOT)}:{line} uses {name!r} of {origin}" for line in looks(path, name))


@functools.cache
def _nodes(path: Path) -> list[ast.AST]:
    """What a look-up can be made of; a file is asked for every name that there is."""
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    return [node for node in tree if isinstance(node, ast.keyword | ast.Constant | ast.Attribute)]


def looks(path: Path, name: str) -> Iterator[int]:
    """Lines with a look-up over ``name`` (``name__x=..``, ``"name__x"``) or ``.name.filter(..)`` and the like."""
    managers = {"all", "filter", "exclude", "select_related", "order_by", "count", "exists", "first", "values_list"}
    for node in _nodes(path):
        if isinstance(node, ast.keyword) and node.arg and node.arg.split("__")[0] == name and "__" in node.arg:
            yield node.value.lineno
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(f"{name}__")
        ) or (
            isinstance(node, ast.Attribute)
            and node.attr in managers
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == name
        ):
            yield node.lineno


def test_foreign_keys_point_down_only() -> None:
    # given Django's whole model graph, then no reference of ours points up
    assert list(upward(our_models())) == []
    assert len(our_models()) > 20


def test_no_lower_package_looks_up_by_a_reverse_name() -> None:
    # given the names that foreign keys put on lower models, then no lower package uses one
    assert list(reverse_uses()) == []


def test_a_planted_foreign_key_is_found() -> None:
    # given a model of the vault that points to runs, one by its class, one by a string, and one that points anywhere
    from django.contrib.contenttypes.fields import GenericForeignKey
    from django.contrib.contenttypes.models import ContentType
    from django.db import models
    from django.test.utils import isolate_apps

    from postroom.production.models import Run

    with isolate_apps("postroom.vault"):

        class Planted(models.Model):
            run = models.ForeignKey(Run, on_delete=models.CASCADE)
            by_name = models.ForeignKey("delivery.Delivery", on_delete=models.CASCADE)
            kind = models.ForeignKey(ContentType, on_delete=models.CASCADE)
            number = models.IntegerField()
            anything = GenericForeignKey("kind", "number")

            class Meta:
                app_label = "vault"

        Planted.__module__ = "postroom.vault.models"
        # when it is walked, then all three are named
        told = list(upward([Planted]))
    assert len(told) == 3
    assert "vault.Planted.run points up to production" in told
    assert "vault.Planted.by_name points up to delivery" in told


def test_a_planted_reverse_look_up_is_found(tmp_path: Path) -> None:
    # given a lower module that looks up over an upper model's name
    path = tmp_path / "planted.py"
    path.write_text('Communication.objects.filter(deliveries__state="x")\nparty.documents.filter()\n', "utf-8")
    # then it is found, by both of its forms
    assert list(looks(path, "deliveries")) == [1]
    assert list(looks(path, "documents")) == [2]
