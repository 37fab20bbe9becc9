//! The keys of `#[loss(…)]`.

use crate::keys::{CRATE, Key};

pub(crate) const KEYS: &[Key] = &[CRATE];
