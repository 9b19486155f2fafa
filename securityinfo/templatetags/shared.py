"""`{% shared %}`: what looks the same for everybody is made once, and kept in the process."""

from __future__ import annotations

from django import template
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.safestring import SafeString

register = template.Library()

KEPT = 200  # variants of one block: languages, themes and pages of the navigation


class SharedNode(Node):
    """Its content under the shell's key and whatever else it depends on."""

    child_nodelists = ()  # no block of a page stands inside, so Django needn't look for one

    def __init__(self, nodelist: NodeList, depends_on: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.depends_on = depends_on
        self.made: dict[tuple[str, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        shell = context.get("shell_key")
        if shell is None:  # an error page without policy
            return self.nodelist.render(context)
        key = (shell, *[str(each.resolve(context)) for each in self.depends_on])
        content = self.made.get(key)
        if content is None:
            if len(self.made) >= KEPT:
                self.made.clear()
            content = self.made[key] = self.nodelist.render(context)
        return content


@register.tag
def shared(parser: Parser, token: Token) -> SharedNode:
    """`{% shared theme user.role %}…{% endshared %}`: depends on language, policy and these.

    Nothing of a person and no form token may stand inside.
    """
    depends_on = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endshared",))
    if nodelist.get_nodes_by_type(CsrfTokenNode):
        raise TemplateSyntaxError("A form token can't be shared.")
    parser.delete_first_token()
    return SharedNode(nodelist, depends_on)
