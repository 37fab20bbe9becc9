//! [`nearest`](crate::nearest::nearest) for the compiler: the same answer for names of ASCII letters.

/// The longest name that is compared; a longer one is far from everything.
const LONGEST: usize = 64;

/// The name of `known` that is closest to `written`, if a slip of the keyboard explains the difference.
pub(super) const fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written = written.trim_ascii().as_bytes();
    let (mut best, mut found, mut at) = (usize::MAX, None, 0);
    while at < known.len() {
        let name = known[at].trim_ascii().as_bytes();
        if written.len() < LONGEST && name.len() < LONGEST {
            let longer = if written.len() > name.len() { written.len() } else { name.len() };
            let allowed = if longer < 3 { 1 } else { longer / 3 };
            let distance = edit_distance(written, name);
            if distance <= allowed && distance < best {
                best = distance;
                found = Some(known[at]);
            }
        }
        at += 1;
    }
    found
}

const fn fold(byte: u8) -> u8 {
    match byte {
        b'-' | b' ' => b'_',
        other => other.to_ascii_lowercase(),
    }
}

/// Bytes to insert, delete, replace or swap with their neighbour (optimal string alignment).
const fn edit_distance(from: &[u8], to: &[u8]) -> usize {
    let mut before_last = [0_usize; LONGEST];
    let mut last = [0_usize; LONGEST];
    let mut column = 0;
    while column <= to.len() {
        last[column] = column;
        column += 1;
    }
    let mut row = 0;
    while row < from.len() {
        let mut current = [0_usize; LONGEST];
        current[0] = row + 1;
        column = 0;
        while column < to.len() {
            let same = fold(from[row]) == fold(to[column]);
            let mut distance = last[column] + if same { 0 } else { 1 };
            distance = least(distance, least(last[column + 1], current[column]) + 1);
            let swapped = row > 0
                && column > 0
                && fold(from[row]) == fold(to[column - 1])
                && fold(from[row - 1]) == fold(to[column]);
            if swapped {
                distance = least(distance, before_last[column - 1] + 1);
            }
            current[column + 1] = distance;
            column += 1;
        }
        before_last = last;
        last = current;
        row += 1;
    }
    last[to.len()]
}

const fn least(left: usize, right: usize) -> usize {
    if left < right { left } else { right }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_and_the_program_find_the_same_name() {
        const CLASSES: [&str; 7] = ["negative", "neutral", "positive", "very_bad", "cat", "hat", "ok"];
        let written = [
            "neutal",
            "Postive",
            "enutral",
            "Very Bad",
            "very-bad",
            "angry",
            "",
            "bat",
            " neutral ",
            "o",
            "okay",
            "NEGATIV",
            "x",
            "positively",
            "tac",
        ];
        for written in written {
            assert_eq!(nearest(written, &CLASSES), crate::nearest::nearest(written, CLASSES), "{written}");
        }
    }

    #[test]
    fn a_long_name_is_far_from_everything() {
        assert_eq!(nearest(&"x".repeat(70), &["x"]), None);
    }
}
