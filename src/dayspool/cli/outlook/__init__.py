"""What is ahead of a shoot, for `dayspool plan`: gathered, judged, and drawn in the terminal and as SVG."""
