//! What pages are made of.

pub mod command;
pub mod copy;
pub mod dialog;
pub mod distribution;
pub mod footer;
pub mod header;
pub mod icon;
pub mod mark;
pub mod report;
pub mod verdict_chip;
