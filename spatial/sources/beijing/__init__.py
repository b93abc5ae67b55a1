"""Beijing, drawn and made by this project: geography in drawn/, the synthetic study in study/."""
