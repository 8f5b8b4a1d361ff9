"""The web process: desk, portal and API."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from postroom.project.boot import boot
from postroom.project.leash import end_with_supervisor
from postroom.project.warm import warm

boot(migrate=False)
end_with_supervisor()
application = get_wsgi_application()
warm()
