from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0100_services_beside_mail_relays"),
    ]

    operations = [
        migrations.AddField(
            model_name="relay",
            name="receipt_at",
            field=models.DateTimeField(null=True),
        ),
    ]
