"""The capability matrix as the documentation holds it: generated from the adapters' declarations, never written by hand."""

from hark.ops import channel_reading

BEGIN, END = "<!-- matrix: written by `hark channels list --markdown` -->", "<!-- /matrix -->"
COLUMNS = ("inbound", "comes by", "public", "private", "hand-off", "also", "needs")


def table() -> str:
    """Markdown, a row a network."""
    rows = [["network", *COLUMNS], ["---"] * (len(COLUMNS) + 1)]
    for row in channel_reading.matrix():
        rows.append([str(row["label"]), *(channel_reading.cell(row, column) or "-" for column in COLUMNS)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def filled(page: str) -> str:
    """A page with the table between its marks made anew. Raises ValueError when the marks are not there."""
    before, mark, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (mark and end):
        raise ValueError("the page has no place for the matrix")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"
