"""Facts of releases (amounts, donors, periods, people, places), each with the span that states it."""
