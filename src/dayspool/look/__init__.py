"""What a shoot is to look like: keyframes, styles and ramps, and the recipe of every frame between them."""
