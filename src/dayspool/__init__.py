"""Time-lapse photography with Sony cameras over Wi-Fi: find, shoot, develop, stitch."""

__version__ = "0.1.0"

__all__ = ["__version__"]
