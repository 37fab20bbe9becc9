//! The programs of the README's tasks are what the compiler has read here, word for word; two longer ones run in `dsl_program`.

#[expect(dead_code, reason = "the programs are read by the compiler, and not run")]
#[rustfmt::skip]
#[path = "readme/tasks.rs"]
mod tasks;

const README: &str = include_str!("../../README.md");

#[test]
fn the_readme_shows_the_tasks_as_they_compile() {
    let mut shown = 0;
    for program in include_str!("readme/tasks.rs").split("// ---\n").skip(1).filter(|program| !program.is_empty()) {
        assert!(README.contains(&format!("\n{program}```\n")), "the README does not show\n{program}");
        shown += 1;
    }
    assert!(shown > 7, "{shown} programs are shown");
}
