"""What claims to be in another encoding."""

import pytest
from django.test import RequestFactory


def answer_of(method, kind, query="next=%ff", path="/robots.txt"):
    from hark.config.wsgi import application

    told = []
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD=method, PATH_INFO=path, QUERY_STRING=query, CONTENT_TYPE=kind
    )
    b"".join(application(environ, lambda status, headers: told.append(status)))
    return int(told[0].split()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("charset", ["hex", "ROT13", "utf-16", '"unicode_escape"', "no-such-thing"])
def test_a_request_in_another_encoding_is_refused(method, charset):
    assert answer_of(method, f"multipart/form-data; boundary=x; charset={charset}") == 415


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["", "text/plain", "text/plain; charset=UTF-8"])
def test_utf_8_and_silence_are_fine(kind):
    assert answer_of("GET", kind) == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain; charset=utf-8", "charset=utf-8", "text/plain;charset=utf8;a=b"]
)
def test_too_many_fields_in_an_address_are_a_wrong_request_whatever_is_said_of_its_encoding(kind):
    assert answer_of("GET", kind, "&".join(["c=2"] * 1_100), "/accounts/login/") == 400
