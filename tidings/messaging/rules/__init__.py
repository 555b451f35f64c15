"""The rules of messaging: `delivery` for what becomes of a message on its way, `content` for what it must hold."""
