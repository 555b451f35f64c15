"""The one router of incidents: two files may answer different methods of one address."""

from ninja import Router

router = Router(tags=["incidents"])
