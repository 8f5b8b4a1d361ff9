"""The API, assembled: every operation behind its door, every answer a document or a problem, every POST once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.openapi.views import openapi_json, openapi_view
from ninja.operation import Operation, PathView
from ninja.router import BoundRouter

from postroom import __version__
from postroom.api import idempotency
from postroom.api.access import Door, caller
from postroom.api.limits import limited
from postroom.api.openapi import UNLIMITED, complete
from postroom.api.problems import answering_problems, nowhere, on_exception
from postroom.api.routes import (
    alarms,
    compose,
    deliveries,
    documents,
    drafts,
    ledger,
    letters,
    parties,
    records,
    run_control,
    run_data,
    runs,
    schedules,
    settings,
    templates,
)
from postroom.identity.access import Access, declare
from postroom.kernel.errors import PostroomError

_SHAPE = "The shape of the API is the same in every installation and holds no data."
_NOWHERE = "There is nothing here, whoever asks."


class PostroomAPI(NinjaAPI):
    """ninja with our doors, problems and keys around each operation."""

    def set_default_exception_handlers(self) -> None:
        """In place of ninja's own answers, problems."""
        self.add_exception_handler(Exception, on_exception)

    def operations(self) -> list[Operation]:
        """Every operation there is."""
        return [operation for view in self._views() for operation in view.operations]

    def _views(self) -> list[PathView]:
        return [view for bound in self._get_bound_routers() for view in bound.path_operations.values()]

    def _get_bound_routers(self) -> list[BoundRouter]:
        first = self._bound_routers_cache is None
        bound = super()._get_bound_routers()
        if first:
            for view in self._views():
                for operation in view.operations:
                    operation.auth_callbacks = [door_of(operation)]
                    if "POST" in operation.methods:
                        operation.run = _once(operation, operation.run)  # type: ignore[method-assign]
        return bound

    def _get_urls(self) -> list[URLPattern | URLResolver]:
        """One address per path, answering problems and telling whom it lets in; then: nothing else is here."""
        found: list[URLPattern | URLResolver] = []
        for bound in self._get_bound_routers():
            for route, view in bound.path_operations.items():
                address = f"{bound.prefix}/{route}".replace("{", "<").replace("}", ">").replace("//", "/").lstrip("/")
                asked = {method: door_of(one).access for one in view.operations for method in one.methods}
                told = {method: access for method, access in asked.items() if access is not None}
                name = view.operations[0].view_func.__name__
                view_of = view.get_view() if f"/api/v1/{address}" == UNLIMITED else limited(view.get_view())
                found.append(path(address, declare(told)(answering_problems(view_of)), name=name))
        shape = declare(Access(public=_SHAPE))(answering_problems(limited(partial(openapi_json, api=self))))
        if apps.is_installed("ninja"):  # its scripts and styles are then served from here, not from elsewhere
            pages = declare(Access(public=_SHAPE))(partial(openapi_view, api=self))
            found.append(path("docs", pages, name="openapi-view"))
        root = declare(Access(public=_NOWHERE))(csrf_exempt(answering_problems(limited(nowhere))))
        return [
            *found,
            path("openapi.json", shape, name="openapi-json"),
            path("", root, name="api-root"),
            re_path(r"^.*$", root, name="nowhere"),
        ]

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        doors = {operation.operation_id or "": door_of(operation) for operation in self.operations()}
        complete(schema, doors)
        return schema


def door_of(operation: Operation) -> Door:
    """The door of an operation; one that lets nobody in when it has none."""
    for callback in operation.auth_callbacks:
        if isinstance(callback, Door):
            return callback
    return Door(None)


def _once(operation: Operation, run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """``run`` of a POST, made to act once for each Idempotency-Key. Who may not act gets no stored answer either."""

    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        key = request.headers.get(idempotency.HEADER)
        access = door_of(operation).access
        if key is None or access is None or access.public:
            return run(request, **arguments)
        try:
            who = caller(request)
            access.admit(who)
        except PostroomError as error:
            return on_exception(request, error)
        together = not idempotency.is_repeatable(operation.view_func)
        return idempotency.once(request, who, key, lambda: run(request, **arguments), together=together)

    return guarded


def assembled(*more: tuple[str, Router]) -> PostroomAPI:
    """The whole API; tests add routers of their own to show that a gate closes."""
    made = PostroomAPI(
        title="Postroom",
        version=__version__,
        description="Every document a business sends, receives, routes and keeps. See docs/api.md.",
        docs_url=None,
        urls_namespace="api",
    )
    for router in _ROUTERS:
        made.add_router("", router)
    for prefix, router in more:
        made.add_router(prefix, router)
    return made


_ROUTERS = (
    runs.router,
    schedules.router,
    drafts.router,
    run_control.router,
    run_data.router,
    records.router,
    compose.router,
    letters.router,
    templates.router,
    deliveries.router,
    parties.router,
    documents.router,
    ledger.router,
    alarms.router,
    settings.router,
)

api = assembled()
