"""Pages of the queue and of a case. One noun a file; `shared.py` is how a page finds a case and says what became of a deed."""
