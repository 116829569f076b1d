"""What the demo brand says to the questions of its practice customers: two answers of record, approved."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hark.brands.models import Brand, Member


def write(brand: "Brand", by: "Member") -> None:
    """Each with a fixed part, a place for the agent's own words and, the first, facts that differ by season."""
    from hark.journeys import policy
    from hark.playbook import actions
    from hark.playbook.content import ANYWHERE, OWN, PRIVATE, Block, Content, Fact, Value

    loan = Content(
        title="Loan pushchair at the airport",
        about="When a pushchair comes off the belt damaged or does not come at all.",
        wordings=(
            "Did you mean it about the loan pushchair?",
            "My daughter’s pushchair came off the belt with a snapped frame",
            "What do I do with a one-year-old and no wheels?",
        ),
        blocks=(
            Block(OWN, "Open with what happened to this person. One sentence, warm, no fault."),
            Block(
                ANYWHERE,
                "A loan pushchair is free, for as long as the repair takes. "
                "The desk in hall B has one for you until {closing time}.",
            ),
            Block(
                PRIVATE,
                "Bring your bag tag or your booking. If you hired or bought something meanwhile, we pay up to {limit}, today.",
            ),
            Block(OWN, "End with what you do next, and by when."),
        ),
        facts=(
            Fact("closing time", (Value("22:00"), Value("20:00", starts="11-01", ends="02-28"))),
            Fact("limit", (Value("€150"),)),
        ),
    )
    rebook = Content(
        title="Another flight after a cancellation",
        about="When we cancelled, whatever the reason.",
        wordings=(
            "You cancelled my flight and offered another day",
            "Can I be rebooked on a train or another airline?",
        ),
        blocks=(
            Block(OWN, "Say first what this person is about to miss."),
            Block(
                ANYWHERE,
                "You choose: the next flight with a free seat, the train at our cost, or the whole fare back.",
            ),
        ),
    )
    for content, subject in ((loan, "Baggage"), (rebook, "Cancellations")):
        policy.approve(actions.write(brand, content, by=by, subject=subject), by=by)
