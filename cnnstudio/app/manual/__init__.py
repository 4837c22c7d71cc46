"""The manual in a window of its own: contents, search, pages, and the page for what has the keyboard."""
