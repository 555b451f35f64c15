"""Addresses of chats, group robots and clients’ systems look like such."""

from django.db import migrations, models
from django.db.models import Q

SHAPES = {
    "telegram": r"^(-?[1-9][0-9]{0,19}|@[A-Za-z][A-Za-z0-9_]{4,31})$",
    "wecom": r"^(https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=)?[A-Za-z0-9-]{16,64}$",
    "webhook": r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?$",
}


class Migration(migrations.Migration):
    dependencies = [("customers", "0031_contracts_say_who_hears_of_what")]

    operations = [
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=~Q(channel__in=("telegram", "wecom", "webhook"))
                | Q(channel="telegram", value__regex=SHAPES["telegram"])
                | Q(channel="wecom", value__regex=SHAPES["wecom"])
                | Q(channel="webhook", value__regex=SHAPES["webhook"]),
                name="address_has_its_channels_shape",
            ),
        )
    ]
