"""The questions of the page on homes, one module each: a sentence, a map, a list and figures."""
