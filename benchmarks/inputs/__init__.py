"""Make or find what is loaded: files of the corpus, generated ones, and nights."""
