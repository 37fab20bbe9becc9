//! What the lists of a column hold.

use serde_json::Value as Json;

use super::values::{Found, Kind, Value, Values};

/// What the lists of a column hold.
#[derive(Debug)]
pub(crate) struct Lists {
    labels: bool,
    /// Whether each element is the class of one word: no list is a vector, and any class may be in it again.
    tags: bool,
    /// Elements; for labels without those of [`Lists::vectors`].
    pub(crate) elements: Values,
    /// Line and number of elements of the shortest.
    pub(crate) shortest: (usize, usize),
    /// Line and number of elements of the longest.
    pub(crate) longest: (usize, usize),
    /// Labels: lists of 0, 1 and truth values only, by their length.
    pub(crate) vectors: Vec<Vector>,
    /// Labels: an element of another list that is in the list twice.
    pub(crate) repeated: Option<Value>,
}

/// Lists of 0, 1 and truth values.
#[derive(Debug)]
pub(crate) struct Vector {
    pub(crate) length: usize,
    pub(crate) line: usize,
    pub(crate) first: Value,
    /// The first element of any that is a truth value or has a fraction of 0.
    pub(crate) odd: Option<Value>,
    /// The first element of any that is in its list twice.
    pub(crate) repeated: Option<Value>,
}

/// How many lengths of vectors are kept: one is right.
const LENGTHS: usize = 16;

impl Lists {
    /// Nothing yet; whether they are labels.
    pub(crate) fn new(labels: bool) -> Self {
        let shortest = (0, usize::MAX);
        let elements = Values::new(labels);
        Self { labels, tags: false, elements, shortest, longest: (0, 0), vectors: Vec::new(), repeated: None }
    }

    /// Nothing yet, of lists with the classes of words.
    pub(crate) fn of_tags() -> Self {
        Self { tags: true, ..Self::new(true) }
    }

    /// Takes in one list.
    pub(crate) fn take_in(&mut self, list: &[Json], line: usize) {
        if list.len() < self.shortest.1 {
            self.shortest = (line, list.len());
        }
        if list.len() > self.longest.1 {
            self.longest = (line, list.len());
        }
        match list.first() {
            Some(first) if self.labels && !self.tags && list.iter().all(is_zero_or_one) => {
                self.take_in_vector(list, first, line);
            }
            _ => self.take_in_elements(list, line),
        }
    }

    fn take_in_elements(&mut self, list: &[Json], line: usize) {
        for (index, element) in list.iter().enumerate() {
            self.elements.take_in(&Found::json(element), line, Some(index));
        }
        if self.labels && !self.tags && self.repeated.is_none() {
            self.repeated = repeated(list, line);
        }
    }

    fn take_in_vector(&mut self, list: &[Json], first: &Json, line: usize) {
        let odd = list.iter().position(|element| Found::json(element).kind != Kind::Whole);
        let odd = odd.and_then(|index| Some(value(list.get(index)?, line, index)));
        let has_room = self.vectors.len() < LENGTHS;
        match self.vectors.iter_mut().find(|known| known.length == list.len()) {
            Some(known) => {
                known.odd = known.odd.take().or(odd);
                known.repeated = known.repeated.take().or_else(|| repeated(list, line));
            }
            None if has_room => {
                let (length, first) = (list.len(), value(first, line, 0));
                self.vectors.push(Vector { length, line, first, odd, repeated: repeated(list, line) });
            }
            None => {}
        }
    }
}

fn is_zero_or_one(element: &Json) -> bool {
    match element {
        Json::Bool(_) => true,
        Json::Number(number) => matches!(number.as_f64(), Some(0.0 | 1.0)),
        _ => false,
    }
}

/// The first element that stands in the list before.
fn repeated(list: &[Json], line: usize) -> Option<Value> {
    /// More classes than this in one list are not compared with each other.
    const COMPARED: usize = 256;
    let mut elements = list.iter().take(COMPARED).enumerate();
    let (index, again) =
        elements.find(|(index, element)| list.iter().take(*index).any(|earlier| earlier == *element))?;
    Some(value(again, line, index))
}

fn value(element: &Json, line: usize, index: usize) -> Value {
    Found::json(element).kept(line, Some(index))
}
