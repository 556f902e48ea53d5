"""Delivers messages to endpoints that are sometimes slow, busy or gone."""
