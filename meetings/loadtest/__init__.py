"""How many live meetings a running service carries: an operator's figure for his own machine."""
