"""A grade may take back the one before as a mistake, with the reason."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("incidents", "0083_customers_picked_by_hand")]

    operations = [
        migrations.AddField(
            model_name="gradechange",
            name="takes_back",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="gradechange",
            constraint=models.CheckConstraint(
                condition=Q(("takes_back", False)) | ~Q(reason=""),
                name="grade_taken_back_with_its_reason",
            ),
        ),
    ]
