"""What a dashboard is told of runs: from their files alone, so that it can be told at any time."""
