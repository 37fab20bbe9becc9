//! The threshold of several classes, chosen on rows whose classes are known.
//!
//! What comes in: predictions, and the data set that they were made of. What goes out: the probability above which a class is
//! best taken to be there. It refuses another data set, as far as its length tells.

use super::PredictionOutput;
use crate::data::{ClassLabel, Dataset, Example, MultiLabelClassification, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::{Average, BestThreshold, Ratio, best_threshold};

impl<L: ClassLabel> PredictionOutput<MultiLabelClassification<L>> {
    /// The threshold with which a measure of these predictions is highest, for the rows that they were made of.
    ///
    /// A threshold chosen on a set looks better there than it is: choose it on rows that were not trained on, and judge it on
    /// others.
    ///
    /// ```no_run
    /// # use trainer_core::data::MultiLabelClassification;
    /// use trainer_core::metrics::{Average, Ratio};
    /// use trainer_core::prelude::*;
    ///
    /// # fn choose<L, E, T>(trainer: &T, eval_dataset: &Dataset<E>) -> trainer_core::Result<()>
    /// # where L: ClassLabel, E: Example<Task = MultiLabelClassification<L>>, T: Trainer<Example = E> {
    /// let best = trainer.predict(eval_dataset)?.best_threshold(eval_dataset, Ratio::F1, Average::Micro)?;
    /// let classes = trainer.predict_one("The heater is broken.")?.with_threshold(best.threshold).labels;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for another number of rows than predictions, and for none; as [`best_threshold`].
    pub fn best_threshold<E>(&self, dataset: &Dataset<E>, ratio: Ratio, average: Average) -> Result<BestThreshold>
    where
        E: Example<Task = MultiLabelClassification<L>>,
    {
        let (predictions, rows) = (self.predictions.len(), dataset.len());
        if predictions != rows {
            let message = format!("there are {predictions} predictions, but the data set has {rows} rows");
            return Err(
                Error::new(ErrorKind::Data, message).help("give the data set that the predictions were made of")
            );
        }
        let probabilities = self.predictions.iter().flat_map(|prediction| &prediction.probabilities);
        let probabilities: Vec<f64> = probabilities.map(|probability| f64::from(*probability)).collect();
        let mut labels = Vec::with_capacity(probabilities.len());
        for example in dataset {
            if let Target::MultiHot(classes) = example.target() {
                labels.extend(classes.iter().map(|class| *class > 0.0));
            }
        }
        best_threshold(&probabilities, &labels, L::COUNT, ratio, average)?.ok_or_else(|| {
            Error::new(ErrorKind::Data, "there are no predictions to choose a threshold by")
                .help("predict a data set that has rows")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Field, Files, Input, Row};

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Topic {
        Price,
        Service,
    }

    impl ClassLabel for Topic {
        const COUNT: usize = 2;
        const NAMES: &'static [&'static str] = &["price", "service"];
        const TYPE_NAME: &'static str = "Topic";

        fn index(&self) -> usize {
            *self as usize
        }

        fn from_index(index: usize) -> Option<Self> {
            [Self::Price, Self::Service].get(index).copied()
        }
    }

    /// Whether it has each of the topics.
    struct Review([f32; 2]);

    impl Example for Review {
        type Task = MultiLabelClassification<Topic>;
        const NAME: &'static str = "Review";
        const FIELDS: &'static [Field] = &[];
        const FILES: Files = Files { manifest_dir: "", train: None, eval: None, test: None };

        fn from_row(row: &Row<'_>) -> Result<Self> {
            Err(Error::new(ErrorKind::Data, "made in the program").at(row.place()))
        }

        fn input(&self) -> Input<'_> {
            Input::Text { text: "worth every penny", pair: None }
        }

        fn target(&self) -> Target {
            Target::MultiHot(self.0.to_vec())
        }
    }

    fn predicted(logits: &[[f32; 2]]) -> PredictionOutput<MultiLabelClassification<Topic>> {
        PredictionOutput::new(logits.iter().map(|row| row.to_vec()).collect()).unwrap()
    }

    #[test]
    fn the_threshold_of_predictions_predicts_what_its_score_says() {
        // What is there has a probability above 0.27, what is not one below 0.12.
        let predictions = predicted(&[[2.0, -1.0], [-2.0, -1.0], [-3.0, -2.5]]);
        let dataset: Dataset<Review> = [[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]].map(Review).into_iter().collect();
        let best = predictions.best_threshold(&dataset, Ratio::F1, Average::Micro).unwrap();
        assert!(best.threshold > 0.12 && best.threshold < 0.27 && best.score >= 1.0, "{best:?}");
        let with_it = predictions.predictions.iter().map(|row| row.clone().with_threshold(best.threshold).labels);
        let expected = [vec![Topic::Price, Topic::Service], vec![Topic::Service], vec![]];
        assert_eq!(with_it.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn another_data_set_is_refused() {
        let refused = |predictions: &[[f32; 2]], rows: Vec<Review>| {
            let dataset = Dataset::from_examples(rows);
            let error = predicted(predictions).best_threshold(&dataset, Ratio::F1, Average::Macro).unwrap_err();
            error.message().to_owned()
        };
        let other = refused(&[[0.0, 0.0]], Vec::new());
        assert_eq!(other, "there are 1 predictions, but the data set has 0 rows");
        assert_eq!(refused(&[], Vec::new()), "there are no predictions to choose a threshold by");
    }
}
