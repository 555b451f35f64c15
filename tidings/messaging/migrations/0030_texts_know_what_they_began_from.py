from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0061_recipients_are_found_by_their_code")]

    operations = [
        migrations.AddField("firmtext", "began_source", models.TextField(db_default="", default="")),
        migrations.AddField(
            "firmtext",
            "shipped_digest",
            models.TextField(db_collation="C", db_default="", default=""),
        ),
    ]
