//! A crate that forbids whatever it can, with every macro in it: what the macros add may not be noticed.
//!
//! Its modules say what each makes hard: names that mean something else, items inside of functions and macros, keywords as
//! names, parts that are there only sometimes.
#![no_implicit_prelude]
#![deny(
    warnings,
    future_incompatible,
    keyword_idents,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused,
    ambiguous_negative_literals,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    meta_variable_misuse,
    missing_abi,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unsafe_op_in_unsafe_fn,
    unused_crate_dependencies,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::str_to_string,
    clippy::default_numeric_fallback,
    clippy::missing_inline_in_public_items,
    clippy::exhaustive_structs,
    clippy::exhaustive_enums,
    clippy::pattern_type_mismatch,
    clippy::question_mark_used,
    clippy::single_call_fn,
    clippy::missing_trait_methods,
    clippy::min_ident_chars,
    clippy::single_char_lifetime_names,
    clippy::unseparated_literal_suffix,
    clippy::separated_literal_suffix,
    clippy::wildcard_enum_match_arm,
    clippy::unreachable,
    clippy::undocumented_unsafe_blocks,
    clippy::partial_pub_fields,
    clippy::module_name_repetitions
)]
#![allow(
    clippy::separated_literal_suffix,
    clippy::exhaustive_structs,
    clippy::exhaustive_enums,
    clippy::missing_trait_methods,
    clippy::single_call_fn,
    reason = "the items of this crate are there for their attributes"
)]

pub mod every_key;
pub mod every_task;
pub mod inside_functions;
pub mod inside_macros;
pub mod keywords;
pub mod shadowed;
pub mod sometimes;
pub mod visibilities;
