//! Stems of English words, by Porter's rules.
//!
//! What comes in: a word in lower case. What goes out: its stem, which words of one root share.

/// Words whose stem does not follow from the rules.
const IRREGULAR: &[(&str, &str)] = &[
    ("skies", "sky"),
    ("sky", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

/// A suffix and what stands in its place.
type Rule = (&'static str, &'static str);

const PLURALS: &[Rule] = &[("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")];

/// In this order, where the stem has a vowel and then a consonant.
const DOUBLE_SUFFIXES: &[Rule] = &[
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("fulli", "ful"),
];

const FURTHER_SUFFIXES: &[Rule] =
    &[("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

/// Those that go where the stem is long enough.
const LAST_SUFFIXES: &[&str] = &[
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
];

/// The stem of an English word in lower case.
///
/// ```
/// use trainer_core::metrics::texts::porter::stem;
///
/// assert_eq!(["connected", "connecting", "connections"].map(stem), ["connect", "connect", "connect"]);
/// ```
///
/// Source: M. Porter 1980, "An algorithm for suffix stripping", with the extensions of `nltk.stem.PorterStemmer`.
pub fn stem(word: &str) -> String {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == word) {
        return (*stem).to_owned();
    }
    if word.chars().count() <= 2 {
        return word.to_owned();
    }
    let word = without_plural(word);
    let word = without_past(&word);
    let word = with_i(&word);
    let word = without_double_suffix(&word);
    let word = replaced(&word, FURTHER_SUFFIXES, |stem| measure(stem) > 0);
    let word = without_last_suffix(&word);
    without_double_l(without_e(&word))
}

fn without_plural(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) if stem.chars().count() == 1 => format!("{stem}ie"),
        _ => replaced(word, PLURALS, |_| true),
    }
}

/// Without `ed` and `ing`.
fn without_past(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ied") {
        return if stem.chars().count() == 1 { format!("{stem}ie") } else { format!("{stem}i") };
    }
    if let Some(stem) = word.strip_suffix("eed") {
        return if measure(stem) > 0 { format!("{stem}ee") } else { word.to_owned() };
    }
    let has_vowel = |stem: &&str| consonants(stem).contains(&false);
    let past = word.strip_suffix("ed").filter(has_vowel);
    let Some(stem) = past.or_else(|| word.strip_suffix("ing").filter(has_vowel)) else { return word.to_owned() };
    if ["at", "bl", "iz"].iter().any(|ending| stem.ends_with(ending)) {
        return format!("{stem}e");
    }
    if ends_in_double_consonant(stem) {
        let last = stem.chars().last();
        let is_kept = matches!(last, Some('l' | 's' | 'z'));
        return if is_kept { stem.to_owned() } else { without_last_character(stem).to_owned() };
    }
    if measure(stem) == 1 && ends_in_short_syllable(stem) { format!("{stem}e") } else { stem.to_owned() }
}

/// With `i` for a `y` after a consonant that is not the first letter.
fn with_i(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) if stem.chars().count() > 1 && consonants(stem).last() == Some(&true) => format!("{stem}i"),
        _ => word.to_owned(),
    }
}

fn without_double_suffix(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("alli").filter(|stem| measure(stem) > 0) {
        return without_double_suffix(&format!("{stem}al"));
    }
    if DOUBLE_SUFFIXES.iter().all(|(suffix, _)| !word.ends_with(suffix))
        && let Some(stem) = word.strip_suffix("logi")
    {
        let with_l = format!("{stem}l");
        return if measure(&with_l) > 0 { format!("{stem}log") } else { word.to_owned() };
    }
    replaced(word, DOUBLE_SUFFIXES, |stem| measure(stem) > 0)
}

fn without_last_suffix(word: &str) -> String {
    let found = LAST_SUFFIXES.iter().find_map(|suffix| Some((*suffix, word.strip_suffix(suffix)?)));
    match found {
        Some(("ion", stem)) if !stem.ends_with(['s', 't']) => word.to_owned(),
        Some((_, stem)) if measure(stem) > 1 => stem.to_owned(),
        _ => word.to_owned(),
    }
}

fn without_e(word: &str) -> String {
    match word.strip_suffix('e') {
        Some(stem) if measure(stem) > 1 || (measure(stem) == 1 && !ends_in_short_syllable(stem)) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

fn without_double_l(word: String) -> String {
    match word.strip_suffix("ll") {
        Some(stem) if measure(without_last_character(&word)) > 1 => format!("{stem}l"),
        _ => word,
    }
}

/// The word with the first suffix replaced that it has, if the rest of it is as the rule needs it.
fn replaced(word: &str, rules: &[Rule], applies: impl Fn(&str) -> bool) -> String {
    let found = rules.iter().find_map(|(suffix, instead)| Some((word.strip_suffix(suffix)?, instead)));
    match found {
        Some((stem, instead)) if applies(stem) => format!("{stem}{instead}"),
        _ => word.to_owned(),
    }
}

/// Whether each letter is a consonant: `y` is one at the beginning and after a vowel.
fn consonants(word: &str) -> Vec<bool> {
    let mut flags: Vec<bool> = Vec::with_capacity(word.len());
    for letter in word.chars() {
        let is_consonant = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' => false,
            'y' => flags.last().is_none_or(|before| !before),
            _ => true,
        };
        flags.push(is_consonant);
    }
    flags
}

/// How often a consonant follows a vowel.
fn measure(word: &str) -> usize {
    consonants(word).windows(2).filter(|pair| matches!(pair, [false, true])).count()
}

fn ends_in_double_consonant(word: &str) -> bool {
    let mut letters = word.chars().rev();
    let (last, before) = (letters.next(), letters.next());
    last.is_some() && last == before && consonants(word).last() == Some(&true)
}

/// Whether it ends with a consonant, a vowel and a consonant other than `w`, `x` and `y`, or is a vowel and a consonant.
fn ends_in_short_syllable(word: &str) -> bool {
    match consonants(word).as_slice() {
        [.., true, false, true] => !word.ends_with(['w', 'x', 'y']),
        [false, true] => true,
        _ => false,
    }
}

fn without_last_character(word: &str) -> &str {
    let mut characters = word.chars();
    characters.next_back();
    characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As nltk 3.10.4 answers, with its extensions.
    #[test]
    fn words_have_the_stems_of_the_reference() {
        for pair in STEMS.split_whitespace() {
            let (word, expected) = pair.split_once(':').expect("a word and its stem");
            assert_eq!(stem(word), expected, "{word}");
        }
    }

    const STEMS: &str = "
        caresses:caress ponies:poni ties:tie tied:tie die:die dying:die
        cats:cat feed:feed agreed:agre plastered:plaster bled:bled motoring:motor
        sing:sing conflated:conflat troubled:troubl sized:size hopping:hop tanned:tan
        falling:fall hissing:hiss fizzed:fizz failing:fail filing:file happy:happi
        sky:sky skies:sky enjoy:enjoy enjoyment:enjoy spy:spi flies:fli
        relational:relat conditional:condit rational:ration valenci:valenc digitizer:digit conformably:conform
        radically:radic differently:differ vilely:vile analogously:analog vietnamization:vietnam predication:predic
        operator:oper feudalism:feudal decisiveness:decis hopefulness:hope callousness:callous formality:formal
        sensitivity:sensit sensibility:sensibl triplicate:triplic formative:form formalize:formal electricity:electr
        electrical:electr hopeful:hope goodness:good revival:reviv allowance:allow inference:infer
        airliner:airlin gyroscopic:gyroscop adjustable:adjust defensible:defens irritant:irrit replacement:replac
        adjustment:adjust dependent:depend adoption:adopt homologous:homolog communism:commun activate:activ
        angularity:angular effective:effect bowdlerize:bowdler probate:probat rate:rate cease:ceas
        controlling:control rolling:roll geology:geolog apologies:apolog news:news innings:inning
        outing:outing canning:canning howe:howe proceed:proceed succeed:succeed exceed:exceed
        yyyyy:yyyyy syzygy:syzygi toys:toy 1990s:1990 3rds:3rd controll:control
        possibly:possibl fulfully:ful oeed:oeed aed:a ing:ing skating:skate
        abilities:abil sitting:sit being:be generalizations:gener oscillators:oscil multidimensional:multidimension
        characterization:character probably:probabl wholly:wholli successfully:success carefully:care yellowing:yellow
        owed:owe ion:ion lion:lion action:action nationally:nation";
}
