"""How forms are drawn: label above, hint below, error beside the field and in a summary."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draws `{{ form }}` and `{{ form.field.as_field_group }}` with our own templates."""

    form_template_name = "ui/_form.html"
    field_template_name = "ui/_field.html"
