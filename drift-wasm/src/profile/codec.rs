//! Profile files: versioned, checksummed, safe to decode from a stranger.
