"""The checks that know the brand and the case: facts, personal details, links, language, tone, words, length."""

from __future__ import annotations

import pytest

from hark.channels.base import TextLimit
from hark.replies.coach import Context, Fact, Voice, look

DAYS = Fact(
    "Refunds",
    "Refunds arrive within 14 days.",
    ("refund", "refunds", "arrive"),
    "14 days",
    ("10 days", "5 days"),
)
FEE = Fact("Changing a booking", "Changing a booking costs €25.", ("changing", "booking"), "€25")
SHOES = Fact("Worn shoes", "Worn shoes cannot be returned to a shop.", ("worn", "shoes"), "cannot")
TOLD = "Call me on 020 7946 0958 or maya.lind@example.org, order TW-4412AB"
HOUSE = Voice(
    avoid=["guys"], prefer=[("ticket", "case")], emoji=False, exclamations=1, sign_off="^AB", link_domains=["northline.example"]
)  # fmt: skip
LONG = "We have looked at the belt and the room behind it and the van and the desk and we have asked the driver and the night team and the morning team and nobody has seen your bag since it left the plane."
HARD = "Unfortunately organisational considerations necessitate additional verification of identification documentation. Reimbursement applications require comprehensive administrative authorisation. Subsequently the responsible department communicates its determination regarding compensation to the applicant and with this the administrative process is terminated for you."  # fmt: skip

TABLE = [
    ("contradiction", "yes", "Your refund will be there within 10 days.", {"facts": [DAYS]}),
    ("contradiction", "yes", "A refund may arrive after 21 days, Maya.", {"facts": [DAYS]}),
    ("contradiction", "no", "Your refund will arrive within 14 days.", {"facts": [DAYS]}),
    ("contradiction", "no", "It was 10 days before, now refunds take 14 days.", {"facts": [DAYS]}),
    ("contradiction", "no", "We open in 10 days' time at 110 days a year.", {"facts": [FEE]}),
    ("contradiction", "no", "Refunds arrive on weekdays, 2 suitcases at a time.", {"facts": [DAYS]}),
    ("contradiction", "yes", "Changing your booking is €40.", {"facts": [FEE]}),
    ("contradiction", "yes", "Changing the booking costs 30 €, sadly.", {"facts": [FEE]}),
    ("contradiction", "no", "Changing your booking is €25 and takes 10 minutes.", {"facts": [FEE]}),
    ("contradiction", "no", "Lunch is €40 at the gate.", {"facts": [FEE]}),
    ("contradiction", "yes", "Worn shoes can be returned to any shop.", {"facts": [SHOES]}),
    ("contradiction", "no", "I'm sorry, worn shoes can't be returned to a shop.", {"facts": [SHOES]}),
    ("contradiction", "no", "Could your worn shoes be returned to a shop?", {"facts": [SHOES]}),
    ("quotes_details", "quoted", "We tried 0207 946 0958 twice, Maya.", {"told": TOLD}),
    ("quotes_details", "quoted", "Sent to Maya.Lind@example.org just now.", {"told": TOLD}),
    ("quotes_details", "quoted", "Order TW-4412AB is on its way.", {"told": "", "order_patterns": ["TW-####@@"]}),
    ("quotes_details", "quoted", "Is your card 4111 1111 1111 1111 still valid?", {}),
    ("quotes_details", "none", "Call us on 020 7946 0100, we are here till ten.", {"told": TOLD}),
    ("quotes_details", "none", "Write to care@northline.example.", {"told": TOLD}),
    ("quotes_details", "none", "We tried 020 7946 0958 twice.", {"told": TOLD, "public": False}),
    ("quotes_details", "none", "Gate 14 opens at 18:20 for flight 4412.", {"told": TOLD}),
    ("links", "outside", "Read https://evil.example/northline.example", {"voice": HOUSE}),
    ("links", "outside", "Read https://northline.example.evil.test/x", {"voice": HOUSE}),
    ("links", "outside", "Read https://northline.example@evil.test/x", {"voice": HOUSE}),
    ("links", "outside", "Read https://notnorthline.example/x", {"voice": HOUSE}),
    ("links", "fine", "Read https://help.northline.example/bags?id=4", {"voice": HOUSE}),
    ("links", "fine", "Read www.northline.example.", {"voice": HOUSE}),
    ("links", "fine", "Read https://anywhere.example/x", {}),
    ("links", "costs", "Read https://anywhere.example/x", {"link_cost_micros": 200_000}),
    ("links", "none", "No links here.", {"voice": HOUSE, "link_cost_micros": 200_000}),
    ("language", "other", "We are so sorry that your bag is late, it will be with you today.", {"customer": "Mein Koffer ist seit drei Tagen nicht da, das ist eine Frechheit"}),
    ("language", "same", "Das ist ärgerlich, und wir sind an der Sache dran.", {"customer": "Mein Koffer ist seit drei Tagen nicht da, das ist eine Frechheit"}),
    ("language", "other", "We are so sorry that your bag is late.", {"customer": "荷物がまだ届きません。どうなっていますか"}),
    ("language", "other", "We are so sorry that your bag is late.", {"customer": "Mi maleta no está y llevo dos días sin ella, no es normal"}),
    ("language", "other", "We are so sorry that your bag is late.", {"customer": "Ma valise n'est pas là depuis deux jours et c'est inadmissible pour nous"}),
    ("language", "unknown", "Danke!", {"customer": "Where is my bag, it is not on the belt"}),
    ("language", "unknown", "We are so sorry that your bag is late.", {"customer": "LH 400 ???"}),
    ("register", "too_casual", "Oopsie, lol, we lost it!", {"customer": "My bag is lost and nobody helps, terrible service"}),
    ("register", "too_casual", "Your bag is on the way 🎉", {"complaint": True}),
    ("register", "fitting", "That must be exhausting. Your bag is on the 18:20.", {"complaint": True}),
    ("register", "fitting", "Haha, love that!", {"customer": "best flight ever lol", "complaint": False}),
    ("register", "too_stiff", "Dear Sir or Madam, we kindly inform you of it.", {"customer": "hey guys when do u open 😀", "complaint": False}),
    ("register", "fitting", "Dear Sir or Madam, we kindly inform you of it.", {"customer": "When do you open?", "complaint": False}),
    ("words", "avoid", "Hi guys, thanks. ^MK", {"voice": HOUSE, "initials": "MK"}),
    ("words", "prefer", "Your Ticket is open. ^MK", {"voice": HOUSE, "initials": "MK"}),
    ("words", "unsigned", "Your case is open.", {"voice": HOUSE, "initials": "MK"}),
    ("words", "unsigned", "Your case is open. ^TB", {"voice": HOUSE, "initials": "MK"}),
    ("words", "fine", "Your case is open. ^MK", {"voice": HOUSE, "initials": "MK"}),
    ("words", "fine", "Ticketing is open, disguysed. ^MK", {"voice": HOUSE, "initials": "MK"}),
    ("words", "fine", "Your ticket, guys", {}),
    ("marks", "emoji", "On its way 👍🏽", {"voice": HOUSE}),
    ("marks", "emoji", "Grüße 🇩🇪", {"voice": HOUSE}),
    ("marks", "fine", "Northline® 2026 © #1", {"voice": HOUSE}),
    ("marks", "exclamations", "Hi! It's here!", {"voice": HOUSE}),
    ("marks", "fine", "Hi! It's here.", {"voice": HOUSE}),
    ("marks", "fine", "Hi!!! 👍", {}),
    ("reading", "long_sentence", LONG, {}),
    ("reading", "hard", HARD, {}),
    ("reading", "easy", "Your bag is on the 18:20. A driver brings it to your door tonight.", {}),
    ("reading", "easy", "", {}),
    ("length", "too_long", "x" * 141, {"limit": TextLimit("chars", 140)}),
    ("length", "posts", "x" * 141, {"limit": TextLimit("chars", 140), "threads_long_text": True}),
    ("length", "fits", "x" * 140, {"limit": TextLimit("chars", 140)}),
    ("length", "fits", "x" * 9000, {}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "value", "draft", "context"), TABLE)
def test_what_each_check_says(check, value, draft, context):
    [finding] = [one for one in look(draft, Context(**context)) if one.check == check]
    assert finding.value == value, finding
    holds = (check, value) == ("quotes_details", "quoted")
    assert (finding.level == "hold") == holds
    if finding.span:
        assert 0 <= finding.span[0] < finding.span[1] <= len(draft)


@pytest.mark.parametrize(
    ("check", "draft", "better", "context"),
    [
        ("contradiction", "Refunds arrive in 10 days.", "Refunds arrive in 14 days.", {"facts": [DAYS]}),
        ("contradiction", "Changing a booking is € 40!", "Changing a booking is €25!", {"facts": [FEE]}),
        ("quotes_details", "We rang 020 7946 0958.", "We rang [your phone number].", {"told": TOLD}),
        ("words", "Your ticket is open.", "Your case is open.", {"voice": HOUSE}),
        ("words", "It is open. ", "It is open. ^MK ", {"voice": HOUSE, "initials": "MK"}),
        ("marks", "Hi! It's here!", "Hi! It's here.", {"voice": HOUSE}),
        ("marks", "On its way 👍🏽", "On its way ", {"voice": HOUSE}),
        ("links", "Read https://evil.test/x now", "Read  now", {"voice": HOUSE}),
    ],
)
def test_what_a_press_makes_of_it(check, draft, better, context):
    [finding] = [one for one in look(draft, Context(**context)) if one.check == check]
    start, end = finding.repair.span
    assert draft[:start] + finding.repair.text + draft[end:] == better
