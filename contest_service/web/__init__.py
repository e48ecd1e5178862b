"""HTML in and out: pages for persons who sign in, and for everybody. Holds no rule of its own."""
