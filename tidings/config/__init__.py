"""Settings, urls, ASGI and the command line; joins the domains."""
