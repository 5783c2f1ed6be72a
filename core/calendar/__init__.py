"""The calendar: jobs that a campaign file schedules by cron; each occurrence is claimed once, whoever's clock it is."""
