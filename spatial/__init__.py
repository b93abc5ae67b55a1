"""Gradmap computes here: tables in, tables out."""
