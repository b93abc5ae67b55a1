"""Gradmap asks here: a question in, a screen out."""
