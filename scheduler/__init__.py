"""The clock: APScheduler's ticks. What is due is a row; the scheduler stores nothing."""
