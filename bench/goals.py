"""The figures, in the order in which they are told: the goal and the module that measures it."""

GOALS = {
    "F1": "f1_intake",
    "F2": "f2_batches",
    "F3": "f3_cases",
    "F5": "f5_queue",
    "F6": "f6_lists",
    "F7": "f7_search",
    "F8": "f8_screen",
    "F9": "f9_agents",
    "F10": "f10_push",
    "F12": "f12_steady",
    "SUGGEST": "suggest",
    "SOAK": "soak",
}
ASKED_FOR = {"SOAK"}  # only by name: it takes an hour
