"""What a browser opens that is no chat."""
