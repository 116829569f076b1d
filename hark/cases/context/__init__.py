"""What pages of a case read: lists and answers in the shape in which a template shows them. Nothing here writes."""
