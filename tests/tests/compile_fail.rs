//! What the compiler answers to mistakes: each file of `compile_fail/` is one, with the answer beside it.

#[test]
fn mistakes_are_answered() {
    trybuild::TestCases::new().compile_fail("compile_fail/**/*.rs");
}
