//! Weights in safetensors files, as Python reads and writes them.
//!
//! In: one file, or an index and the files that it names. Out: tensors by name, each copied once, straight from the file: beside
//! the tensors no second copy of the weights is ever in memory. It refuses files that are cut off or of another kind. The
//! files are read and not mapped: pages of a mapping count as memory too, and a file that changes under it is no error that could
//! be reported.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use candle_core::safetensors::Load as _;
use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensorError;
use safetensors::tensor::{Metadata, TensorInfo, TensorView};

use crate::error::{Error, ErrorKind, Result};

/// The largest header that the format allows, in bytes.
const LARGEST_HEADER: u64 = 100_000_000;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Every tensor of a file, by name.
///
/// # Errors
/// [`ErrorKind::Io`] if the file cannot be read, [`ErrorKind::Model`] if it is truncated or no safetensors file.
pub fn read(path: &Path, device: &Device) -> Result<BTreeMap<String, Tensor>> {
    let mut tensors = BTreeMap::new();
    each(path, device, &mut |name, tensor| {
        tensors.insert(name, tensor);
        Ok(())
    })?;
    Ok(tensors)
}

/// What is done with each tensor of a model's files, by its name there.
pub(super) type Take<'a> = &'a mut dyn FnMut(String, Tensor) -> Result<()>;

/// Hands on every tensor of a file before the next one is read.
///
/// # Errors
/// As [`read`]; and those of `take`.
pub(super) fn each(path: &Path, device: &Device, take: Take<'_>) -> Result<()> {
    let cannot_read = |source: io::Error| {
        let error = Error::io("read", path, source);
        if path.with_file_name("pytorch_model.bin").exists() {
            return error.help("the directory has `pytorch_model.bin`: save it as safetensors from Python first");
        }
        error
    };
    let mut file = File::open(path).map_err(cannot_read)?;
    let size = file.metadata().map_err(cannot_read)?.len();
    let metadata = header(&mut file, size).map_err(cannot_read)?.map_err(|source| {
        let message = format!("`{}` is no whole safetensors file ({size} bytes): {source}", path.display());
        Error::new(ErrorKind::Model, message).help("copy or download it again").caused_by(source)
    })?;
    // They lie one after the other, without gaps, in the order of their offsets.
    for name in metadata.offset_keys() {
        let Some(info) = metadata.info(&name) else { continue };
        let tensor = tensor(&mut file, info, device).map_err(cannot_read)?.map_err(|source| {
            let message = format!("{}: `{name}` holds numbers of the type {:?}", path.display(), info.dtype);
            Error::new(ErrorKind::Model, message).help("save the weights as F32, F16 or BF16").caused_by(source)
        })?;
        take(name, tensor)?;
    }
    Ok(())
}

/// What a file of `size` bytes says of its tensors; the file then stands at the first of them.
fn header(file: &mut File, size: u64) -> io::Result<Result<Metadata, SafeTensorError>> {
    let mut length = [0; 8];
    let Some(rest) = size.checked_sub(length.len() as u64) else { return Ok(Err(SafeTensorError::HeaderTooSmall)) };
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LARGEST_HEADER {
        return Ok(Err(SafeTensorError::HeaderTooLarge));
    }
    let Some(data) = rest.checked_sub(length) else { return Ok(Err(SafeTensorError::InvalidHeaderLength)) };
    let mut text = vec![0; length as usize];
    file.read_exact(&mut text)?;
    let metadata: Metadata = match serde_json::from_slice(&text) {
        Ok(metadata) => metadata,
        Err(source) => return Ok(Err(SafeTensorError::InvalidHeaderDeserialization(source))),
    };
    let is_whole = metadata.data_len() as u64 == data;
    Ok(if is_whole { Ok(metadata) } else { Err(SafeTensorError::MetadataIncompleteBuffer) })
}

/// The tensor whose bytes come next.
fn tensor(file: &mut File, info: &TensorInfo, device: &Device) -> io::Result<candle_core::Result<Tensor>> {
    let (begin, end) = info.data_offsets;
    if info.dtype == safetensors::Dtype::F32 {
        let numbers = numbers(file, (end - begin) / 4)?;
        return Ok(Tensor::from_vec(numbers, info.shape.as_slice(), device));
    }
    let mut bytes = vec![0; end - begin];
    file.read_exact(&mut bytes)?;
    let view = TensorView::new(info.dtype, info.shape.clone(), &bytes).map_err(candle_core::Error::from);
    Ok(view.and_then(|view| view.load(device)))
}

/// The next `count` numbers.
fn numbers(file: &mut File, count: usize) -> io::Result<Vec<f32>> {
    let mut numbers = Vec::with_capacity(count);
    let mut bytes = vec![0; PIECE.min(4 * count)];
    while numbers.len() < count {
        let left = 4 * (count - numbers.len());
        let piece = &mut bytes[..left.min(PIECE)];
        file.read_exact(piece)?;
        numbers.extend(piece.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
    }
    Ok(numbers)
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
    let refuse = |source: SafeTensorError| {
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
    use std::fs;

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
    #[test]
    fn a_tensor_of_more_than_one_piece_and_others_of_any_type_are_read_to_the_last_number() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("model.safetensors");
        let count = (PIECE / 4) as u32 * 2 + 3;
        let values = BTreeMap::from([
            ("a.large".to_owned(), Tensor::arange(0u32, count, &Device::Cpu)?.to_dtype(DType::F32)?),
            ("b.empty".to_owned(), Tensor::zeros((0, 4), DType::F32, &Device::Cpu)?),
            ("c.ids".to_owned(), Tensor::new(&[7i64, -8], &Device::Cpu)?),
            ("d.scalar".to_owned(), Tensor::new(2.5f64, &Device::Cpu)?),
        ]);
        write(&path, &values)?;
        let back = read(&path, &Device::Cpu)?;
        assert_eq!(back.keys().collect::<Vec<_>>(), values.keys().collect::<Vec<_>>());
        assert_eq!(back["a.large"].to_vec1::<f32>()?, values["a.large"].to_vec1::<f32>()?);
        assert_eq!(back["b.empty"].dims(), [0, 4]);
        assert_eq!(back["c.ids"].to_vec1::<i64>()?, [7, -8]);
        assert_eq!(back["d.scalar"].to_scalar::<f64>()?.to_bits(), 2.5f64.to_bits());
        Ok(())
    }

    #[test]
    fn a_header_that_says_more_than_there_is_is_refused() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("model.safetensors");
        for (bytes, reason) in [
            (u64::MAX.to_le_bytes().to_vec(), "header too large"),
            (1000u64.to_le_bytes().to_vec(), "invalid header length"),
            ([&2u64.to_le_bytes()[..], b"[]"].concat(), "invalid JSON in header"),
        ] {
            fs::write(&path, &bytes)?;
            let message = read(&path, &Device::Cpu).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
        Ok(())
    }
}
