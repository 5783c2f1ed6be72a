"""The calendar: what is said unasked, at times of the campaign."""
