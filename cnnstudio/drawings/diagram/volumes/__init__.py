"""Feature maps as volumes, for papers."""
