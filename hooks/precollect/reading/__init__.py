"""Files in, facts out: nothing here judges, prints or writes."""
