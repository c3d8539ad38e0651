"""`dayspool curves`: measure every frame, solve, and show what deflicker would do."""
