"""Papers print: a study and a question in, a page to put into a report out."""
