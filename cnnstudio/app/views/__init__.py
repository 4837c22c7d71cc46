"""What the window shows; every view takes the document in its constructor, and none listens to another."""
