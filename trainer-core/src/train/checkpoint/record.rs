//! What a checkpoint says of its run beyond the file that Hugging Face has, in `run.json`.
//!
//! In: the plan of a run and its place in the data. Out: the same again on resume, and in words what is no longer the same.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::train::Plan;

/// The plan of a run and where in the data it stood: what the bits of the next update follow from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The version of this crate.
    pub version: String,
    /// The name of the run, if it has one.
    #[serde(default)]
    pub run_name: Option<String>,
    /// The seed of everything random.
    pub seed: u64,
    /// The seed of the order of examples.
    pub data_seed: u64,
    /// A hash of the training set; `None` where it has none.
    pub data_fingerprint: Option<String>,
    /// Rows of the training set.
    pub rows: usize,
    /// Rows of a micro-batch.
    pub per_device_train_batch_size: usize,
    /// Micro-batches of an update.
    pub gradient_accumulation_steps: usize,
    /// Whether a last batch that is not full is left out.
    pub dataloader_drop_last: bool,
    /// Updates of the whole run.
    pub max_steps: usize,
    /// Updates done.
    pub update: usize,
    /// The epoch the next update is in, from 0.
    pub epoch: usize,
    /// Micro-batches of that epoch that are done.
    pub micro_steps_in_epoch: usize,
    /// Rows that went through the model.
    pub samples_consumed: usize,
    /// Evaluations so far, each over one data set.
    pub evaluations: usize,
    /// Evaluations before the epoch began, which length-grouped orders depend on.
    pub evaluations_before_epoch: usize,
    /// Whether what is due at the end of the epoch, if this is one, has been done.
    pub epoch_is_closed: bool,
    /// The sum of the losses of all updates.
    pub total_loss: f64,
    /// The sum of the losses of the updates since the last log event.
    pub loss_since_log: f64,
    /// The update of the last log event.
    pub logged_at: usize,
}

impl RunRecord {
    /// The name of its file in a checkpoint.
    pub const FILE_NAME: &'static str = "run.json";

    /// The record of a run after so many updates, none of whose epochs was cut short.
    pub fn new(plan: &Plan, seed: u64, data_seed: u64, update: usize) -> Self {
        let position = plan.position(update);
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run_name: None,
            seed,
            data_seed,
            data_fingerprint: None,
            rows: plan.rows(),
            per_device_train_batch_size: plan.batch_size(),
            gradient_accumulation_steps: plan.accumulation(),
            dataloader_drop_last: plan.settings().drop_last,
            max_steps: plan.max_steps(),
            update,
            epoch: position.epoch,
            micro_steps_in_epoch: position.micro_batch,
            samples_consumed: plan.samples_consumed(update),
            evaluations: 0,
            evaluations_before_epoch: 0,
            epoch_is_closed: false,
            total_loss: 0.0,
            loss_since_log: 0.0,
            logged_at: 0,
        }
    }

    /// Reads `run.json` from a checkpoint.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where there is no such file, [`ErrorKind::Checkpoint`] where its content is not a record.
    pub fn load(checkpoint: &Path) -> Result<Self> {
        let path = checkpoint.join(Self::FILE_NAME);
        let text = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
        serde_json::from_str(&text).map_err(|error| {
            Error::new(ErrorKind::Checkpoint, format!("this is no record of a run: {error}"))
                .help("take another checkpoint, or start without `resume_from_checkpoint`")
                .at(path.display())
        })
    }

    /// Writes `run.json` into a folder.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(Self::FILE_NAME);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(ErrorKind::Checkpoint, format!("cannot write `run.json`: {error}")))?;
        fs::write(&path, text + "\n").map_err(|error| Error::io("write", &path, error))
    }

    /// What another record, of the run that wants to go on from here, has otherwise: one phrase each, none if the run
    /// goes on bit for bit. Where the runs stand is not compared, nor is a fingerprint that one of them lacks.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |name: &str, before: &dyn std::fmt::Display, after: &dyn std::fmt::Display| {
            let (before, after) = (before.to_string(), after.to_string());
            if before != after {
                differences.push(format!("`{name}` was {before} and is {after}"));
            }
        };
        compare("seed", &self.seed, &now.seed);
        compare("data_seed", &self.data_seed, &now.data_seed);
        compare("rows of the training set", &self.rows, &now.rows);
        compare("per_device_train_batch_size", &self.per_device_train_batch_size, &now.per_device_train_batch_size);
        compare("gradient_accumulation_steps", &self.gradient_accumulation_steps, &now.gradient_accumulation_steps);
        compare("dataloader_drop_last", &self.dataloader_drop_last, &now.dataloader_drop_last);
        compare("max_steps", &self.max_steps, &now.max_steps);
        if let (Some(before), Some(after)) = (&self.data_fingerprint, &now.data_fingerprint)
            && before != after
        {
            differences.push("the rows of the training set were others".to_owned());
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::PlanSettings;

    fn record(batch_size: usize, accumulation: usize) -> RunRecord {
        let settings = PlanSettings { rows: 46, batch_size, accumulation, ..PlanSettings::default() };
        RunRecord {
            data_fingerprint: Some("a1".to_owned()),
            ..RunRecord::new(&Plan::new(settings).unwrap(), 42, 42, 5)
        }
    }

    #[test]
    fn a_record_survives_its_file_and_a_torn_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let record = record(4, 3);
        assert_eq!((record.epoch, record.micro_steps_in_epoch, record.samples_consumed), (1, 3, 58));
        record.save(folder.path()).unwrap();
        assert_eq!(RunRecord::load(folder.path()).unwrap(), record);
        fs::write(folder.path().join("run.json"), "{}").unwrap();
        let error = RunRecord::load(folder.path()).unwrap_err();
        assert!(error.kind() == ErrorKind::Checkpoint && error.message().contains("run.json"), "{error}");
    }

    #[test]
    fn a_changed_plan_is_named_argument_by_argument() {
        let before = record(4, 3);
        assert_eq!(before.differences(&RunRecord { update: 0, ..before.clone() }), [""; 0]);
        assert_eq!(
            before.differences(&record(6, 2)),
            ["`per_device_train_batch_size` was 4 and is 6", "`gradient_accumulation_steps` was 3 and is 2",]
        );
        let other = RunRecord { data_fingerprint: Some("b2".to_owned()), seed: 7, ..before.clone() };
        assert_eq!(before.differences(&other), ["`seed` was 42 and is 7", "the rows of the training set were others"]);
        let unknown = RunRecord { data_fingerprint: None, ..before.clone() };
        assert_eq!(before.differences(&unknown), [""; 0]);
    }
}
