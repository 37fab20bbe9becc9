//! The `WordPiece` vocabulary of a list of counted words.
//!
//! What comes in: words with how often they occur. What goes out: the pieces, in an order that depends on the words
//! alone: characters sorted, then merged pieces as they arose. The pair that occurs most often is merged first, and of
//! equally frequent ones the one that sorts first, so that every run and every machine gets the same vocabulary (which
//! the trainer of the `tokenizers` crate does not promise: it numbers pieces in the order of a hash map).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::rc::Rc;

/// In front of a piece that does not start a word.
pub(super) const CONTINUES: &str = "##";

/// Longer words become the unknown token as a whole, in training as in use.
pub(super) const LONGEST_WORD: usize = 100;

/// Two pieces that follow each other.
type Pair = (u32, u32);

/// What decides on the vocabulary besides the words.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// How many pieces there may be, those in `first` included.
    pub(super) size: usize,
    /// How often two pieces must stand together to become one.
    pub(super) min_frequency: u64,
    /// How many characters there may be; the most frequent are taken.
    pub(super) alphabet: Option<usize>,
}

/// The vocabulary for `words`: the pieces `first`, then the characters, then what merging gives.
pub(super) fn vocabulary(first: &[&str], words: &BTreeMap<String, u64>, limits: &Limits) -> Vec<String> {
    let words: Vec<(&str, u64)> = words
        .iter()
        .map(|(word, &count)| (word.as_str(), count))
        .filter(|(word, _)| word.chars().count() <= LONGEST_WORD)
        .collect();
    let alphabet = alphabet(&words, limits.size.saturating_sub(first.len()), limits.alphabet);
    let mut merging = Merging::new(first, &alphabet, &words);
    while merging.pieces.len() < limits.size {
        let Some(pair) = merging.most_frequent(limits.min_frequency) else { break };
        merging.merge(pair);
    }
    merging.pieces.iter().map(ToString::to_string).collect()
}

/// The pieces of one character, sorted: each as the start of a word, and those of longer words as a continuation too,
/// so that a character that was only seen in one place is known in the other. The rarest are left out when there are
/// more than `most` characters, or more than `room` pieces.
fn alphabet(words: &[(&str, u64)], room: usize, most: Option<usize>) -> BTreeSet<String> {
    let mut frequency: BTreeMap<char, (u64, bool)> = BTreeMap::new();
    for (word, count) in words {
        let continues = word.chars().nth(1).is_some();
        for character in word.chars() {
            let entry = frequency.entry(character).or_default();
            entry.0 = entry.0.saturating_add(*count);
            entry.1 |= continues;
        }
    }
    let mut ranked: Vec<(char, u64, bool)> =
        frequency.into_iter().map(|(c, (n, continues))| (c, n, continues)).collect();
    ranked.sort_by_key(|&(character, count, _)| (Reverse(count), character));
    let mut pieces = BTreeSet::new();
    for (character, _, continues) in ranked.into_iter().take(most.unwrap_or(usize::MAX)) {
        if pieces.len() + 1 + usize::from(continues) > room {
            break;
        }
        pieces.insert(character.to_string());
        if continues {
            pieces.insert(format!("{CONTINUES}{character}"));
        }
    }
    pieces
}

/// Words as pieces, how often each pair of pieces occurs, and where.
struct Merging {
    pieces: Vec<Rc<str>>,
    ids: HashMap<Rc<str>, u32>,
    words: Vec<(Vec<u32>, u64)>,
    frequency: HashMap<Pair, u64>,
    /// The words that a pair was seen in; some may not have it any more.
    places: HashMap<Pair, BTreeSet<usize>>,
    /// Pairs by frequency; an entry whose frequency has changed since is passed over.
    queue: BinaryHeap<Candidate>,
}

/// A pair that may be merged; the greatest is merged next: the most frequent, then the one that sorts first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    frequency: u64,
    spelling: Reverse<(Rc<str>, Rc<str>)>,
    pair: Pair,
}

impl Merging {
    fn new(first: &[&str], alphabet: &BTreeSet<String>, words: &[(&str, u64)]) -> Self {
        let mut merging = Self {
            pieces: Vec::new(),
            ids: HashMap::new(),
            words: Vec::new(),
            frequency: HashMap::new(),
            places: HashMap::new(),
            queue: BinaryHeap::new(),
        };
        for piece in first.iter().copied().chain(alphabet.iter().map(String::as_str)) {
            merging.id_of(piece);
        }
        for (word, count) in words {
            // A word with a character outside of the alphabet is unknown as a whole, and teaches nothing.
            if let Some(pieces) = merging.split(word) {
                merging.words.push((pieces, *count));
            }
        }
        let mut changed = BTreeSet::new();
        for word in 0..merging.words.len() {
            merging.count(word, &mut changed);
        }
        merging.queue_up(&changed);
        merging
    }

    fn id_of(&mut self, piece: &str) -> u32 {
        if let Some(&id) = self.ids.get(piece) {
            return id;
        }
        let piece: Rc<str> = piece.into();
        let id = self.pieces.len() as u32;
        self.pieces.push(Rc::clone(&piece));
        self.ids.insert(piece, id);
        id
    }

    /// The word's characters as pieces; `None` if one is not in the alphabet.
    fn split(&self, word: &str) -> Option<Vec<u32>> {
        let piece = |(n, character): (usize, char)| {
            let piece = if n == 0 { character.to_string() } else { format!("{CONTINUES}{character}") };
            self.ids.get(piece.as_str()).copied()
        };
        word.chars().enumerate().map(piece).collect()
    }

    /// Adds the pairs of a word to the frequencies.
    fn count(&mut self, word: usize, changed: &mut BTreeSet<Pair>) {
        let (pieces, count) = &self.words[word];
        for pair in pieces.windows(2).map(|pair| (pair[0], pair[1])) {
            *self.frequency.entry(pair).or_default() += count;
            self.places.entry(pair).or_default().insert(word);
            changed.insert(pair);
        }
    }

    /// Takes the pairs of a word out of the frequencies.
    fn discount(&mut self, word: usize, changed: &mut BTreeSet<Pair>) {
        let (pieces, count) = &self.words[word];
        for pair in pieces.windows(2).map(|pair| (pair[0], pair[1])) {
            if let Some(frequency) = self.frequency.get_mut(&pair) {
                *frequency -= count;
                changed.insert(pair);
            }
        }
    }

    fn queue_up(&mut self, changed: &BTreeSet<Pair>) {
        for &pair in changed {
            match self.frequency.get(&pair) {
                Some(0) | None => {
                    self.frequency.remove(&pair);
                    self.places.remove(&pair);
                }
                Some(&frequency) => {
                    let spelling = (&self.pieces[pair.0 as usize], &self.pieces[pair.1 as usize]);
                    let spelling = Reverse((Rc::clone(spelling.0), Rc::clone(spelling.1)));
                    self.queue.push(Candidate { frequency, spelling, pair });
                }
            }
        }
    }

    fn most_frequent(&mut self, min_frequency: u64) -> Option<Pair> {
        while let Some(candidate) = self.queue.pop() {
            if self.frequency.get(&candidate.pair) == Some(&candidate.frequency) {
                return (candidate.frequency >= min_frequency).then_some(candidate.pair);
            }
        }
        None
    }

    /// Makes one piece of two, wherever they stand together.
    fn merge(&mut self, pair: Pair) {
        let (left, right) = (&self.pieces[pair.0 as usize], &self.pieces[pair.1 as usize]);
        let merged = format!("{left}{}", right.strip_prefix(CONTINUES).unwrap_or(right));
        let merged = self.id_of(&merged);
        let mut changed = BTreeSet::new();
        for word in self.places.remove(&pair).unwrap_or_default() {
            self.discount(word, &mut changed);
            replace(&mut self.words[word].0, pair, merged);
            self.count(word, &mut changed);
        }
        self.queue_up(&changed);
    }
}

/// Replaces the pair by `merged`, from left to right.
fn replace(pieces: &mut Vec<u32>, pair: Pair, merged: u32) {
    let mut kept = 0;
    let mut next = 0;
    while next < pieces.len() {
        let found = pieces[next] == pair.0 && pieces.get(next + 1) == Some(&pair.1);
        pieces[kept] = if found { merged } else { pieces[next] };
        kept += 1;
        next += if found { 2 } else { 1 };
    }
    pieces.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same rule without any bookkeeping: every pair is counted anew before each merge.
    fn counted_anew(words: &BTreeMap<String, u64>, size: usize, min_frequency: u64) -> Vec<String> {
        let list: Vec<(&str, u64)> = words.iter().map(|(word, &count)| (word.as_str(), count)).collect();
        let mut pieces: Vec<String> = alphabet(&list, usize::MAX, None).into_iter().collect();
        let mut split: Vec<(Vec<String>, u64)> = list
            .iter()
            .map(|(word, count)| {
                let piece = |(n, c): (usize, char)| if n == 0 { c.to_string() } else { format!("##{c}") };
                (word.chars().enumerate().map(piece).collect(), *count)
            })
            .collect();
        while pieces.len() < size {
            let mut pairs: BTreeMap<(String, String), u64> = BTreeMap::new();
            for (word, count) in &split {
                for pair in word.windows(2) {
                    *pairs.entry((pair[0].clone(), pair[1].clone())).or_default() += count;
                }
            }
            let Some(((left, right), count)) =
                pairs.into_iter().min_by_key(|(pair, count)| (Reverse(*count), pair.clone()))
            else {
                break;
            };
            if count < min_frequency {
                break;
            }
            let merged = format!("{left}{}", right.strip_prefix("##").unwrap_or(&right));
            for (word, _) in &mut split {
                let mut n = 0;
                while n + 1 < word.len() {
                    if word[n] == left && word[n + 1] == right {
                        word[n] = merged.clone();
                        word.remove(n + 1);
                    }
                    n += 1;
                }
            }
            if !pieces.contains(&merged) {
                pieces.push(merged);
            }
        }
        pieces
    }

    fn words() -> BTreeMap<String, u64> {
        let text =
            "banana bandana ananas aaaa aaaaa mississippi missing miss sip sipping 나무 나무가 나무는 나라 나라가 a an";
        text.split(' ').enumerate().map(|(n, word)| (word.to_owned(), (n as u64 * 7) % 5 + 1)).collect()
    }

    #[test]
    fn bookkeeping_gives_the_same_as_counting_anew() {
        for min_frequency in [0, 2, 4] {
            for size in [30, 45, 60, 500] {
                let limits = Limits { size, min_frequency, alphabet: None };
                let (ours, anew) = (vocabulary(&[], &words(), &limits), counted_anew(&words(), size, min_frequency));
                assert_eq!(ours, anew, "size {size}, from {min_frequency}");
                assert!(ours.len() > 29);
            }
        }
    }

    #[test]
    fn the_rarest_characters_are_left_out_when_there_is_no_room() {
        let words = BTreeMap::from([("aab".to_owned(), 5), ("q".to_owned(), 1), (".".to_owned(), 9)]);
        let limits = Limits { size: 6, min_frequency: 1, alphabet: None };
        assert_eq!(vocabulary(&["[UNK]"], &words, &limits), ["[UNK]", "##a", "##b", ".", "a", "b"]);
        let limits = Limits { size: 100, min_frequency: 1, alphabet: Some(1) };
        assert_eq!(vocabulary(&["[UNK]"], &words, &limits), ["[UNK]", "##a", "a"]);
    }

    #[test]
    fn nothing_is_merged_that_occurs_too_rarely() {
        let words = BTreeMap::from([("ab".to_owned(), 2), ("cd".to_owned(), 1)]);
        let limits = Limits { size: 100, min_frequency: 2, alphabet: None };
        let pieces = vocabulary(&[], &words, &limits);
        assert!(pieces.contains(&"ab".to_owned()) && !pieces.contains(&"cd".to_owned()));
    }
}
