"""The web process: desk, portal and API."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from postroom.project.boot import boot

boot(migrate=False)
application = get_wsgi_application()
