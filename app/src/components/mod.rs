//! What the pages of both wings, analyze and console, are made of.

pub mod dialog;
pub mod footer;
pub mod header;
pub mod icon;
pub mod mark;
pub mod not_found;
pub mod verdict_chip;
