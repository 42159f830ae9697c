//! A small sweep: enough to see within seconds that a crash loses nothing. `make sweep` is the
//! whole one.
