"""Make networks memorize, measure how hard that was, and explain it."""
