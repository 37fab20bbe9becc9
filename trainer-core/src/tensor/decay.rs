//! Placeholder until part/optim lands.
pub(crate) fn decays(name: &str, is_norm_scale: bool) -> bool {
    !(is_norm_scale || name.contains("bias"))
}
