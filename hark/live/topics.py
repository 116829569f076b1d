"""Names of what can change. An event carries one of these and nothing else."""


def is_merged(topic: str) -> bool:
    """Whether many of these within a moment may become one: a queue changes all the time, a case when somebody waits for it."""
    return topic.startswith("queue-")


def queue(brand_id: int) -> str:
    return f"queue-{brand_id}"


def case(case_id: int) -> str:
    return f"case-{case_id}"


def here(case_id: int) -> str:
    """Who looks at a case: apart from what happens on it, so that coming and going has nobody fetch the case again."""
    return f"here-{case_id}"


def accounts(brand_id: int) -> str:
    return f"accounts-{brand_id}"


def crisis(brand_id: int) -> str:
    return f"crisis-{brand_id}"


def chat(thread_id: int) -> str:
    return f"chat-{thread_id}"
