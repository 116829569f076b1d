"""What a post is: pure functions over texts, each with the words that decided. Learning and routing are still to come."""
