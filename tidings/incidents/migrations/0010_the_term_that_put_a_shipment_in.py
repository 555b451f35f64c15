"""Beside its reason an affected shipment keeps which value of the question it fulfils."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_who_has_a_page_open")]

    operations = [
        migrations.AddField(
            "affected",
            "term",
            models.TextField(blank=True, db_collation="C", db_default="", default=""),
        ),
    ]
