"""The shell's own pages, their headers, and what is said when something is not there."""

import gzip
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client

from hark.brands.models import User
from hark.web import assets

TEMPLATES = Path(__file__).parents[2]


@pytest.fixture
def user(db):
    return User.objects.create_user("tomas@ternway.example", name="Tomas Okafor")


@pytest.fixture
def tomas_at_work(client, user):
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", ["/help/", "/styleguide/"])
def test_a_page_of_the_shell_needs_signing_in_and_allows_no_inline_script(client, tomas_at_work, page):
    response = tomas_at_work.get(page)

    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    html = response.content.decode()
    assert ' style="' not in html
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", html)
    assert not re.search(r"\son\w+=", html)
    assert Client().get(page).status_code == 302


def test_no_template_of_hark_has_an_inline_style_or_script():
    found = [
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("templates/**/*.html")
        if re.search(
            r'\sstyle="|\son(click|load|change|submit|input)=|<script(?![^>]*src=)[^>]*>', path.read_text()
        )
    ]

    assert found == []


def test_the_style_sheet_is_one_file_and_good_for_ever(client):
    address = assets.address("hark.css")
    response = client.get(address, HTTP_ACCEPT_ENCODING="gzip")

    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response["Cache-Control"]
    css = gzip.decompress(response.content).decode()
    assert css.index("@layer tokens") < css.index("@layer components") < css.index("@layer modules")
    assert css.count("{") == css.count("}")
    assert client.get(address).content.decode() == css


def test_an_older_address_still_answers_but_is_not_kept(client):
    response = client.get("/assets/000000000000/js/main.js")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["nothing.js", "../views.py", "js/", "css/%2e%2e/views.py"])
def test_only_the_shells_own_files_are_served(client, name):
    assert client.get(f"/assets/{assets.bundle().digest}/{name}").status_code == 404


def test_a_module_imports_only_modules_that_are_there():
    files = assets.bundle().files
    for name in assets.bundle().modules:
        for other in re.findall(r'from "\./([\w.-]+)"|import "\./([\w.-]+)"', files[name].plain.decode()):
            assert f"js/{other[0] or other[1]}" in files, name


def test_the_theme_is_kept_with_the_user(tomas_at_work, user):
    assert tomas_at_work.post("/theme/", {"theme": "dark"}, HTTP_X_REQUESTED_WITH="fetch").status_code == 204
    user.refresh_from_db()
    assert user.theme == "dark"
    assert 'data-theme="dark"' in tomas_at_work.get("/help/").content.decode()


def test_a_theme_that_is_none_changes_nothing(tomas_at_work, user):
    assert tomas_at_work.post("/theme/", {"theme": "neon"}).status_code == 422
    user.refresh_from_db()
    assert user.theme == "system"


def test_the_help_page_names_every_key(tomas_at_work):
    html = tomas_at_work.get("/help/").content.decode()

    for does in ("next and previous case of the queue", "close the book in public", "do anything by typing"):
        assert html.count(does) == 2  # in the page, and in the sheet that ? opens


def test_robots_are_asked_to_stay_out(client):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


def test_a_phone_can_put_hark_on_its_home_screen(client):
    manifest = client.get("/manifest.webmanifest")

    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json()["start_url"] == "/"


@pytest.mark.parametrize("code", ["400", "403", "404", "500", "403_csrf"])
def test_an_error_is_said_in_plain_words_without_request_or_database(code):
    html = render_to_string(f"{code}.html")

    assert "<h1>" in html
    assert "hark.css" in html
    assert "Traceback" not in html


def test_what_is_not_there_is_said_kindly(tomas_at_work):
    response = tomas_at_work.get("/nowhere")

    assert response.status_code == 404
    assert "That is not here" in response.content.decode()


def test_a_form_without_its_token_says_what_to_do(user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    response = strict.post("/theme/", {"theme": "dark"})

    assert response.status_code == 403
    assert "Once more, please" in response.content.decode()


def test_the_rail_shows_the_places_that_a_member_may_open(client, ines, vera, pia):
    def places(member):
        client.force_login(member.user)
        html = client.get("/b/ternway/queue/").content.decode()
        return re.findall(r'<a class="rail__item[^>]*data-icon="([\w-]+)"', html)

    rail = [
        "queue",
        "promise",
        "check-circle",
        "lock",
        "search",
        "people",
        "playbook",
        "channels",
        "crisis",
        "settings",
        "help",
    ]
    assert places(ines) == rail
    assert places(vera) == ["queue", "promise", "lock", "search", "people", "playbook", "channels", "help"]
    assert places(pia) == ["queue", "search", "playbook", "help"]


def test_the_open_place_is_marked(client, ines):
    client.force_login(ines.user)

    for page, place in (
        ("queue/", "queue"),
        ("search/", "search"),
        ("people/", "people"),
        ("settings/members/", "settings"),
        ("settings/voice/", "settings"),
        ("settings/approvals/", "settings"),
        ("settings/actions/", "settings"),
        ("settings/secure-pages/", "settings"),
    ):
        html = client.get(f"/b/ternway/{page}").content.decode()
        assert re.findall(r'aria-current="page"[^>]*data-icon="(\w+)"', html) == [place]


def test_a_member_of_two_brands_can_switch_and_is_offered_no_other(client, ines, nordhav, ruth):
    from hark.brands.models import Brand, Member

    Brand.objects.create(name="Third", slug="third")
    Member.objects.create(brand=nordhav, user=ines.user, roles=["agent"])
    client.force_login(ines.user)
    html = client.get("/b/ternway/queue/").content.decode()

    assert "Switch to Nordhav" in html
    assert "Switch to Third" not in html
    assert "Switch to Ternway" not in html


def test_what_a_page_hears_is_named_in_its_stream(client, tomas):
    client.force_login(tomas.user)
    html = client.get("/b/ternway/queue/").content.decode()

    assert 'sse-connect="/live?brand=ternway&amp;topics=queue,accounts,crisis' in html
    assert 'hx-get="/b/ternway/queue/late/"' in html
