//! Sets what rust-analyzer sets, for this package alone.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(rust_analyzer)");
    println!("cargo:rustc-cfg=rust_analyzer");
}
