"""Make networks learn by rote, measure how hard that was, and explain it."""
