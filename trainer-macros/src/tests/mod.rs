//! Tests of all macros: what is written from their tables, what they expand to, and that they bear what is half written.

mod expansions;
mod golden;
mod items;
mod pages;
mod reference;
mod structs;
mod truncation;
