"""Tables for people, and the page that holds everything."""
