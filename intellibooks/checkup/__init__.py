"""What a part of the service says about itself: to the command, to the page, to the probe."""
