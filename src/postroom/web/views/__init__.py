"""The desk's pages: a view reads by queries, fills a dataclass of ``web.pages`` and renders its template."""
