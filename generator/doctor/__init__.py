"""`gen doctor`: what is the matter with a service, and with the machine it is worked on."""
