"""Django settings, assembled from the environment and the home folder. See docs/configuration.md."""

from __future__ import annotations

SECRET_KEY = ""
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
USE_TZ = True
