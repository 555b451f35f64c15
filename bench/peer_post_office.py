"""Sends through django-post_office, in its own environment; run by `bench.send_mail`. Prints mails per second.

usage: peer_post_office.py CONNINFO PORT MAILS
"""

import os
import sys
import time

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

PARTS = conninfo_to_dict(sys.argv[1])
PORT, COUNT = int(sys.argv[2]), int(sys.argv[3])
TEXT = (
    """Dear {{ name }},

because of a fire alarm our sorting centre {{ hub }} is closed. Your {{ count }} shipments arrive later than planned.

{% for s in ships %}{{ s.ref }}: delayed, now expected {{ s.eta }}
{% endfor %}
"""
    + "You hear from us again before twelve o'clock, whatever the state of things.\n" * 12
)
HTML = "<p>" + TEXT.replace("\n\n", "</p>\n<p>") + "</p>"

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": PARTS["host"],
            "USER": PARTS["user"],
            "NAME": PARTS["dbname"],
        }
    },
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "post_office"],
    USE_TZ=True,
    SECRET_KEY="bench",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=PORT,
    POST_OFFICE={
        "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
        "BATCH_SIZE": 5000,
        "BATCH_DELIVERY_TIMEOUT": 300,
        "THREADS_PER_PROCESS": 5,
        "LOG_LEVEL": 1,
    },
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates"},
        {
            "BACKEND": "post_office.template.backends.post_office.PostOfficeTemplates",
            "APP_DIRS": True,
            "OPTIONS": {},
        },
    ],
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
)
django.setup()

from django.core.management import call_command  # noqa: E402 - after the settings
from django.db import connection  # noqa: E402

with connection.cursor() as cursor:
    cursor.execute("CREATE SCHEMA IF NOT EXISTS peer")
connection.close()
os.environ["PGOPTIONS"] = "-c search_path=peer"
call_command("migrate", verbosity=0)

from post_office import mail  # noqa: E402
from post_office.models import STATUS, Email, EmailTemplate, Log  # noqa: E402

Log.objects.all().delete()
Email.objects.all().delete()
EmailTemplate.objects.all().delete()
template = EmailTemplate.objects.create(
    name="t", subject="Delay of your shipments", content=TEXT, html_content=HTML
)
mail.send_many(
    [
        {
            "recipients": [f"k{at}@example.org"],
            "sender": "status@example.org",
            "template": template,
            "context": {
                "name": f"Zoë {at}",
                "hub": "Venlo",
                "count": 3,
                "ships": [{"ref": f"JJD{at}{k}", "eta": "Tuesday 24 November"} for k in range(3)],
            },
            "render_on_delivery": True,
        }
        for at in range(COUNT)
    ]
)
began = time.perf_counter()
call_command("send_queued_mail", processes=2, log_level=1, verbosity=0)
took = time.perf_counter() - began
assert Email.objects.filter(status=STATUS.sent).count() == COUNT
print(COUNT / took)
