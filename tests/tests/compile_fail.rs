//! What the compiler answers to mistakes, word for word.

#[test]
fn compile_fail() {
    trybuild::TestCases::new().compile_fail("compile_fail/**/*.rs");
}
