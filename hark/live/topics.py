"""Names of what can change. An event carries one of these and nothing else."""


def queue(brand_id: int) -> str:
    return f"queue-{brand_id}"


def case(case_id: int) -> str:
    return f"case-{case_id}"


def accounts(brand_id: int) -> str:
    return f"accounts-{brand_id}"


def chat(thread_id: int) -> str:
    return f"chat-{thread_id}"
