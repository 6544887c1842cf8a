"""A copy of everything that is the truth: rows and audio files. Redis is rebuilt from them."""
