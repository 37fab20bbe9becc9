//! Weights in safetensors files, as Python reads and writes them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use candle_core::safetensors::Load as _;
use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use crate::error::{Error, ErrorKind, Result};

/// Every tensor of a file, by name.
///
/// # Errors
/// [`ErrorKind::Io`] if the file cannot be read, [`ErrorKind::Model`] if it is truncated or no safetensors file.
pub fn read(path: &Path, device: &Device) -> Result<BTreeMap<String, Tensor>> {
    let bytes = fs::read(path).map_err(|source| {
        let error = Error::io("read", path, source);
        let beside = |name: &str| path.with_file_name(name).exists();
        if beside("pytorch_model.bin") {
            return error.help("the directory has `pytorch_model.bin`: save it as safetensors from Python first");
        }
        if beside("model.safetensors.index.json") {
            return error.help(
                "the weights are in several files: load them in Python, and save them as one with a large \
                 `max_shard_size`",
            );
        }
        error
    })?;
    let refuse = |source: safetensors::SafeTensorError| {
        let message = format!("`{}` is no whole safetensors file ({} bytes): {source}", path.display(), bytes.len());
        Error::new(ErrorKind::Model, message).help("copy or download it again").caused_by(source)
    };
    let tensors = SafeTensors::deserialize(&bytes).map_err(refuse)?;
    let load = |(name, view): (&str, TensorView<'_>)| {
        let tensor = view.load(device).map_err(|source| {
            let message = format!("{}: `{name}` holds numbers of the type {:?}", path.display(), view.dtype());
            Error::new(ErrorKind::Model, message).help("save the weights as F32, F16 or BF16").caused_by(source)
        })?;
        Ok((name.to_owned(), tensor))
    };
    tensors.iter().map(load).collect()
}

/// Writes tensors with the metadata `{"format": "pt"}`, which Python's loaders ask for.
pub fn write(path: &Path, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
    let bytes: Vec<(String, safetensors::Dtype, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| {
            let (dtype, data) = little_endian(tensor)?;
            Ok((name.clone(), dtype, tensor.dims().to_vec(), data))
        })
        .collect::<Result<_>>()?;
    let refuse = |source: safetensors::SafeTensorError| {
        Error::new(ErrorKind::Io, format!("cannot write `{}`: {source}", path.display())).caused_by(source)
    };
    let views = bytes.iter().map(|(name, dtype, shape, data)| {
        Ok((name.as_str(), TensorView::new(*dtype, shape.clone(), data).map_err(refuse)?))
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize_to_file(views, Some(metadata), path).map_err(refuse)
}

fn little_endian(tensor: &Tensor) -> Result<(safetensors::Dtype, Vec<u8>)> {
    let flat = tensor.flatten_all()?.to_device(&Device::Cpu)?;
    Ok(match flat.dtype() {
        DType::U32 => (safetensors::Dtype::U32, flat.to_vec1::<u32>()?.iter().flat_map(|x| x.to_le_bytes()).collect()),
        DType::I64 => (safetensors::Dtype::I64, flat.to_vec1::<i64>()?.iter().flat_map(|x| x.to_le_bytes()).collect()),
        DType::F64 => (safetensors::Dtype::F64, flat.to_vec1::<f64>()?.iter().flat_map(|x| x.to_le_bytes()).collect()),
        _ => {
            let values = flat.to_dtype(DType::F32)?.to_vec1::<f32>()?;
            (safetensors::Dtype::F32, values.iter().flat_map(|x| x.to_le_bytes()).collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_a_truncated_file_is_refused() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("model.safetensors");
        let tensor = Tensor::new(&[[1.5f32, -2.0], [0.0, 3.25]], &Device::Cpu)?;
        write(&path, &BTreeMap::from([("classifier.weight".to_owned(), tensor.clone())]))?;
        let back = read(&path, &Device::Cpu)?;
        assert_eq!(back["classifier.weight"].to_vec2::<f32>()?, tensor.to_vec2::<f32>()?);
        let bytes = fs::read(&path)?;
        fs::write(&path, &bytes[..bytes.len() - 3])?;
        let message = read(&path, &Device::Cpu).unwrap_err().to_string();
        assert!(message.contains("no whole safetensors file"), "{message}");
        Ok(())
    }
}
