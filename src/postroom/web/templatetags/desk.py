"""``{% load desk %}``: built assets and inlined icons."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from postroom.web import assets

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One icon, inlined, hidden from screen readers: the word beside it carries the meaning."""
    return format_html(
        '<svg class="ic{}" viewBox="0 0 256 256" aria-hidden="true" focusable="false">{}</svg>',
        f" {css}" if css else "",
        mark_safe(assets.icon_shape(name)),  # noqa: S308 - our own build's shapes, never a user's text
    )


@register.simple_tag
def theme_script() -> SafeString:
    """The blocking script that sets the chosen theme before the first paint."""
    return format_html('<script src="{}"></script>', static(assets.entry("src/theme.ts").file))


@register.simple_tag
def entry_point(name: str) -> SafeString:
    """Style sheets and the module script of an entry (``src/desk.ts``), fonts of the first screen preloaded."""
    found = assets.entry(name)
    fonts = format_html_join(
        "\n",
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>',
        ((static(font),) for font in assets.fonts_to_preload()),
    )
    styles = found.css or ((found.file,) if found.file.endswith(".css") else ())
    sheets = format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(css),) for css in styles))
    if found.file.endswith(".css"):
        return format_html("{}\n{}", fonts, sheets)
    preloads = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(path),) for path in found.imports)
    )
    script = format_html('<script type="module" src="{}"></script>', static(found.file))
    return format_html("{}\n{}\n{}\n{}", fonts, sheets, preloads, script)


@register.simple_tag
def module_script(name: str) -> SafeString:
    """A script of its own (``src/passkey.ts``) beside the desk's, for the few pages that need it."""
    return format_html('<script type="module" src="{}"></script>', static(assets.entry(name).file))


class TrimNode(template.Node):
    """Renders its content without the white space around it."""

    def __init__(self, content: template.NodeList) -> None:
        self.content = content

    def render(self, context: template.Context) -> SafeString:
        return mark_safe(self.content.render(context).strip())  # noqa: S308 - already rendered and escaped


@register.tag
def trim(parser: template.base.Parser, token: template.base.Token) -> TrimNode:
    """``{% trim %}...{% endtrim %}``: lets a map stand one line per key without spaces before a full stop."""
    content = parser.parse(("endtrim",))
    parser.delete_first_token()
    return TrimNode(content)
