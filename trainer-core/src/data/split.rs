//! One data set becomes two, for training and for testing.

use super::order::MersenneTwister;
use super::{Dataset, Example, Target, Task};
use crate::error::{Error, ErrorKind, Result};

impl<E: Example> Dataset<E> {
    /// Takes a random `fraction` of the examples out for testing: `(train, test)`, both in the order of the file.
    ///
    /// * `fraction`: between 0 and 1; the test part is rounded up. The same `seed` takes the same examples.
    ///
    /// # Errors
    /// A fraction that is not between 0 and 1, or that leaves one part empty.
    pub fn train_test_split(self, fraction: f64, seed: u64) -> Result<(Self, Self)> {
        let test = test_size(self.len(), fraction)?;
        let mut in_test = vec![false; self.len()];
        for row in MersenneTwister::new(seed).permutation(self.len()).into_iter().take(test) {
            in_test[row] = true;
        }
        Ok(self.divide(&in_test))
    }

    /// As [`train_test_split`](Self::train_test_split), with every class in both parts in the proportion of the whole, to
    /// within one example.
    ///
    /// # Errors
    /// Also if the examples do not have one class each, a class has a single example, or a part is smaller than the number
    /// of classes.
    pub fn train_test_split_stratified(self, fraction: f64, seed: u64) -> Result<(Self, Self)> {
        let test = test_size(self.len(), fraction)?;
        let classes = self.rows_by_class()?;
        let shares = class_shares(&classes, self.len(), test)?;
        let mut in_test = vec![false; self.len()];
        let mut stream = MersenneTwister::new(seed);
        for ((_, rows), share) in classes.iter().zip(shares) {
            for position in stream.permutation(rows.len()).into_iter().take(share) {
                in_test[rows[position]] = true;
            }
        }
        Ok(self.divide(&in_test))
    }

    /// The rows of each class that there is, by class.
    fn rows_by_class(&self) -> Result<Vec<(String, Vec<usize>)>> {
        let names = <E::Task as Task>::LABELS.map_or(&[][..], |labels| labels.names);
        let mut rows: std::collections::BTreeMap<u32, Vec<usize>> = std::collections::BTreeMap::new();
        for (row, example) in self.iter().enumerate() {
            let Target::Class(class) = example.target() else {
                let what = format!("`{}` has not one class an example, so it cannot be split by class", E::NAME);
                return Err(Error::new(ErrorKind::Data, what).help("`train_test_split` splits any data set"));
            };
            rows.entry(class).or_default().push(row);
        }
        let name = |class: u32| names.get(class as usize).map_or_else(|| class.to_string(), ToString::to_string);
        Ok(rows.into_iter().map(|(class, rows)| (name(class), rows)).collect())
    }

    fn divide(self, in_test: &[bool]) -> (Self, Self) {
        let part = || Self {
            examples: Vec::new(),
            file: self.file.clone(),
            counted: self.counted,
            lines: Vec::new(),
            unused: self.unused.clone(),
        };
        let (mut train, mut test) = (part(), part());
        for ((example, line), is_test) in self.examples.into_iter().zip(self.lines).zip(in_test) {
            let part = if *is_test { &mut test } else { &mut train };
            part.examples.push(example);
            part.lines.push(line);
        }
        (train, test)
    }
}

fn test_size(len: usize, fraction: f64) -> Result<usize> {
    if !(fraction > 0.0 && fraction < 1.0) {
        return Err(Error::new(
            ErrorKind::Arguments,
            format!("the fraction to test on is {fraction}, expected a number between 0 and 1"),
        )
        .help("`dataset.train_test_split(0.2, seed)` takes a fifth of the examples out for testing"));
    }
    // 0.07 * 100 is a little over 7 in binary: that is no eighth example.
    let test = (len as f64 * fraction - 1e-9).ceil() as usize;
    if test == 0 || test >= len {
        return Err(Error::new(
            ErrorKind::Data,
            format!("{fraction} of {len} examples leaves a part of the split empty"),
        )
        .help("a split needs more examples, or another fraction"));
    }
    Ok(test)
}

/// How many examples of each class go to the test part, `test` in all: at least one, and not all of them; beyond that in
/// proportion, where the largest remainders are rounded up, the first of equals first.
fn class_shares(classes: &[(String, Vec<usize>)], len: usize, test: usize) -> Result<Vec<usize>> {
    if let Some((name, _)) = classes.iter().find(|(_, rows)| rows.len() < 2) {
        return Err(Error::new(
            ErrorKind::Data,
            format!("class \"{name}\" has one example, but a split by class needs two"),
        )
        .help("`train_test_split` does not look at classes"));
    }
    if test < classes.len() || len - test < classes.len() {
        let what = format!("{test} of {len} examples cannot hold all {} classes in both parts", classes.len());
        return Err(Error::new(ErrorKind::Data, what).help("take a fraction nearer to one half"));
    }
    let exact = |rows: &[usize]| rows.len() as f64 * test as f64 / len as f64;
    let mut shares: Vec<usize> =
        classes.iter().map(|(_, rows)| (exact(rows).floor() as usize).clamp(1, rows.len() - 1)).collect();
    while shares.iter().sum::<usize>() != test {
        let too_many = shares.iter().sum::<usize>() > test;
        let owed = |index: usize| exact(&classes[index].1) - shares[index] as f64;
        let can_change =
            |index: &usize| if too_many { shares[*index] > 1 } else { shares[*index] + 1 < classes[*index].1.len() };
        let order = |a: &usize, b: &usize| {
            let (a_owed, b_owed) = if too_many { (-owed(*a), -owed(*b)) } else { (owed(*a), owed(*b)) };
            // The last of equals is the maximum of an iterator: the reversed index makes it the first.
            a_owed.total_cmp(&b_owed).then(b.cmp(a))
        };
        let Some(class) = (0..classes.len()).filter(can_change).max_by(order) else { break };
        if too_many { shares[class] -= 1 } else { shares[class] += 1 }
    }
    Ok(shares)
}
