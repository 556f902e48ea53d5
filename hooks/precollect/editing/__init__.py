"""The only writers: a fix is planned as data by a rule, applied and proved here."""
