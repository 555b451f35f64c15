"""What changes shipments: imports and the profiles they read by."""

from tidings.shipments.actions.imports import carry_out, import_file, start_import
from tidings.shipments.actions.profiles import save_profile
from tidings.shipments.actions.sample import import_sample

__all__ = ["carry_out", "import_file", "import_sample", "save_profile", "start_import"]
