"""A browser that is signed in, and pages made for a test that run the real scripts."""

import os
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from hark.brands.models import User

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test


@pytest.fixture
def browser_of_tomas(live_server, page, transactional_db):
    """A page of a browser in which Tomas has signed in; an error in a script fails the test."""
    user = User.objects.create_user("tomas@ternway.example", name="Tomas Okafor")
    client = Client()
    client.force_login(user)
    cookie = client.cookies["hark_session"].value
    page.context.add_cookies([{"name": "hark_session", "value": cookie, "url": live_server.url}])
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None
    )
    yield page
    assert problems == []


@pytest.fixture
def scene(live_server, page) -> Callable[..., None]:
    """Opens a page whose body the test wrote, with the scripts, words and style sheet of every other page."""

    def open_scene(body: str, attributes: str = "") -> None:
        request = RequestFactory().get("/scene")
        head = render_to_string("web/_head.html", request=request) + render_to_string(
            "web/_scripts.html", request=request
        )
        below = render_to_string("web/_toasts.html") + render_to_string("web/_dialogs.html", request=request)
        html = (
            f'<!doctype html><html lang="en" data-zone="UTC"><head>{head}<title>scene</title></head>'
            f'<body hx-headers=\'{{"X-CSRFToken": "t"}}\' {attributes}><main>{body}</main>{below}</body></html>'
        )
        page.route(
            "**/scene", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")
        )
        page.goto(f"{live_server.url}/scene")
        page.wait_for_function("customElements.get('due-clock') && window.htmx")

    return open_scene
