"""Facts of the calendar: the day itself, birthdays, and until when somebody is left alone."""
