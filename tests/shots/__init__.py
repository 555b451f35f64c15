"""`make shots`: every page as a picture, at 360 and 1440 px, light and dark, in every language, and axe over each.

`story` fills the firm, `spots` finds an example of each page, `people` signs in, `camera` takes and judges, `sheets` lays the
pictures of a page side by side.
"""
