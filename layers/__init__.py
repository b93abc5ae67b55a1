"""Gradmap draws here: finished tables in, map layers out."""
