//! Weights in several files, and the index that says which file has which tensor.
//!
//! In: `model.safetensors.index.json` and a way to the files beside it. Out: every tensor by name. It refuses an index that is
//! damaged or points elsewhere, and files that do not hold what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use serde::Deserialize;

use super::weights::{self, Take};
use crate::error::{Error, ErrorKind, Result};

/// The name of the index.
pub(super) const INDEX: &str = "model.safetensors.index.json";

/// The index, as Python writes it.
#[derive(Deserialize)]
struct Index {
    /// The file of each tensor.
    weight_map: BTreeMap<String, String>,
}

/// Hands on every tensor of the files that an index names; `find` gives where a file of such a name is.
///
/// # Errors
/// [`ErrorKind::Io`] for a file that cannot be read; [`ErrorKind::Model`] for an index that is damaged, and for files that
/// lack a tensor or have one that the index places elsewhere.
///
/// Source: `transformers.modeling_utils.load_sharded_checkpoint`.
pub(super) fn each(
    index: &Path,
    find: impl Fn(&str) -> Result<PathBuf>,
    device: &Device,
    take: Take<'_>,
) -> Result<()> {
    let text = fs::read(index).map_err(|source| Error::io("read", index, source))?;
    let Index { weight_map } = serde_json::from_slice(&text).map_err(|source| {
        let message = format!("{}: this is no index of weights: {source}", index.display());
        Error::new(ErrorKind::Model, message)
            .help("it is one object whose `weight_map` names the file of each tensor; copy or download it again")
            .caused_by(source)
    })?;
    let files: BTreeSet<&String> = weight_map.values().collect();
    let mut found = BTreeSet::new();
    for name in files {
        if Path::new(name).file_name().is_none_or(|file| file != name.as_str()) {
            let message = format!("{}: `{name}` is no name of a file beside it", index.display());
            return Err(Error::new(ErrorKind::Model, message).help("copy or download the index again"));
        }
        let path = find(name)?;
        weights::each(&path, device, &mut |tensor, value| {
            if weight_map.get(&tensor) != Some(name) {
                let message = format!("{} has `{tensor}`, which {} does not say", path.display(), index.display());
                return Err(Error::new(ErrorKind::Model, message).help(OF_ONE_MODEL));
            }
            found.insert(tensor.clone());
            take(tensor, value)
        })?;
    }
    match weight_map.iter().find(|(tensor, _)| !found.contains(*tensor)) {
        Some((tensor, file)) => {
            let message = format!("{}: `{file}` does not have its `{tensor}`", index.display());
            Err(Error::new(ErrorKind::Model, message).help(OF_ONE_MODEL))
        }
        None => Ok(()),
    }
}

const OF_ONE_MODEL: &str = "the index and the files must be of one model; copy or download them together";

#[cfg(test)]
mod tests {
    use candle_core::Tensor;

    use super::*;

    /// Two files of one tensor each, and what the index says of them.
    fn model(weight_map: &str) -> Result<(tempfile::TempDir, Result<BTreeMap<String, Tensor>>)> {
        let folder = tempfile::tempdir()?;
        for (file, name) in
            [("model-00001-of-00002.safetensors", "first"), ("model-00002-of-00002.safetensors", "second")]
        {
            let tensor = Tensor::new(&[name.len() as f32, 2.0], &Device::Cpu)?;
            weights::write(&folder.path().join(file), &BTreeMap::from([(name.to_owned(), tensor)]))?;
        }
        let index = folder.path().join(INDEX);
        fs::write(&index, weight_map)?;
        let mut tensors = BTreeMap::new();
        let read = each(&index, |file| Ok(folder.path().join(file)), &Device::Cpu, &mut |name, tensor| {
            tensors.insert(name, tensor);
            Ok(())
        });
        Ok((folder, read.map(|()| tensors)))
    }

    #[test]
    fn the_tensors_of_all_files_come_together() -> Result<()> {
        let (_folder, tensors) = model(
            r#"{"metadata": {"total_size": 16}, "weight_map": {"first": "model-00001-of-00002.safetensors",
                "second": "model-00002-of-00002.safetensors"}}"#,
        )?;
        let tensors = tensors?;
        assert_eq!(tensors.len(), 2);
        assert_eq!(tensors["second"].to_vec1::<f32>()?, [6.0, 2.0]);
        Ok(())
    }

    #[test]
    fn an_index_and_files_that_do_not_go_together_are_refused() -> Result<()> {
        for (weight_map, said) in [
            ("{}", "no index of weights"),
            (r#"{"weight_map": {"first": "../first.safetensors"}}"#, "`../first.safetensors` is no name of a file"),
            (r#"{"weight_map": {"third": "model-00001-of-00002.safetensors"}}"#, "has `first`, which"),
            (
                r#"{"weight_map": {"first": "model-00001-of-00002.safetensors", "third": "model-00001-of-00002.safetensors"}}"#,
                "does not have its `third`",
            ),
            (r#"{"weight_map": {"first": "model-00003-of-00003.safetensors"}}"#, "cannot read"),
        ] {
            let (_folder, tensors) = model(weight_map)?;
            let message = tensors.unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
        }
        Ok(())
    }
}
