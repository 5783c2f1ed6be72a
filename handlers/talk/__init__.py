"""Talk: whatever one may ask anybody who stands behind a counter."""
