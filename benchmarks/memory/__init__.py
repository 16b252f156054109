"""See whether memory stays bounded while exports grow."""
