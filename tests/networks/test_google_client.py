"""Google's own client reads our stand-ins, and what they say is in the contracts that it carries. Without them only we agreed."""

from __future__ import annotations

import pytest
from googleapiclient.errors import HttpError

from .google_client import client, contract, strange
from .reviews import PACKAGE, Maps, Play
from .youtube import DataApi


def test_google_play_is_read_and_answered():
    with Play() as store:
        own = store.says("Rita", 2, "It forgets my booking.", title="Sad")
        reviews = client("androidpublisher", "v3", store.url, store.token).reviews()
        [found] = (listed := reviews.list(packageName=PACKAGE, maxResults=10).execute())["reviews"]
        assert (found["reviewId"], found["authorName"]) == (own, "Rita")
        body = {"replyText": "We are on it."}
        answer = reviews.reply(packageName=PACKAGE, reviewId=own, body=body).execute()
        assert answer["result"]["replyText"] == "We are on it."
        again = reviews.get(packageName=PACKAGE, reviewId=own).execute()
        assert again["comments"][1]["developerComment"]["text"] == "We are on it."
        with pytest.raises(HttpError) as problem:
            reviews.reply(packageName=PACKAGE, reviewId=own, body={"replyText": "x" * 351}).execute()
        assert problem.value.status_code == 400
    schemas = contract("androidpublisher", "v3")
    assert not strange(schemas, "ReviewsListResponse", listed)
    assert not strange(schemas, "Review", again)
    assert not strange(schemas, "ReviewsReplyResponse", answer)


def test_youtube_is_read_answered_and_moderated():
    with DataApi() as tube:
        root, held = tube.says("rita", "hello"), tube.says("sam", "buy this", status="heldForReview")
        api = client("youtube", "v3", tube.url, tube.token)
        asked = {"part": "snippet,replies", "allThreadsRelatedToChannelId": "UCbrand"}
        body = {"snippet": {"parentId": root, "textOriginal": "Good morning."}}
        made = api.comments().insert(part="snippet", body=body).execute()
        [thread] = (threads := api.commentThreads().list(**asked).execute())["items"]
        assert thread["snippet"]["totalReplyCount"] == 1
        replies = api.comments().list(part="snippet", parentId=root).execute()
        assert [one["id"] for one in replies["items"]] == [made["id"]]
        api.comments().setModerationStatus(id=held, moderationStatus="published").execute()
        assert len(api.commentThreads().list(**asked).execute()["items"]) == 2
        api.comments().delete(id=made["id"]).execute()
        with pytest.raises(HttpError) as problem:
            api.comments().delete(id=made["id"]).execute()
        assert problem.value.error_details[0]["reason"] == "commentNotFound"
    schemas = contract("youtube", "v3")
    assert not strange(schemas, "CommentThreadListResponse", threads)
    assert not strange(schemas, "CommentListResponse", replies)
    assert not strange(schemas, "Comment", made)


def test_the_accounts_and_places_of_business_profile():
    with Maps() as maps:
        accounts = (
            client("mybusinessaccountmanagement", "v1", maps.url, maps.token).accounts().list().execute()
        )
        [account] = accounts["accounts"]
        api = client("mybusinessbusinessinformation", "v1", maps.url, maps.token)
        asked = {"parent": account["name"], "readMask": "name,title,storefrontAddress"}
        places = api.accounts().locations().list(**asked).execute()
        assert [one["title"] for one in places["locations"]] == ["Ternway Rossio", "Ternway Porto"]
    assert not strange(contract("mybusinessaccountmanagement", "v1"), "ListAccountsResponse", accounts)
    assert not strange(contract("mybusinessbusinessinformation", "v1"), "ListLocationsResponse", places)


def test_what_is_in_no_contract_is_found():
    schemas = contract("youtube", "v3")
    odd = {"items": [{"id": 7, "snippet": {"textOriginal": "x", "mood": "good"}}]}
    assert set(strange(schemas, "CommentListResponse", odd)) == {
        ".items[].id: 7 is no string",
        ".items[].snippet.mood is not in the contract",
    }
