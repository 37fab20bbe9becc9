//! The header of a safetensors file: the name and shape of every tensor. The weights themselves are never read.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Mistake, Result};

/// Tensors of one name and shape.
pub(crate) struct Tensors {
    /// The name; `{}` stands for the number of the block.
    pub(crate) name: String,
    pub(crate) blocks: Vec<usize>,
    pub(crate) shape: Option<Vec<usize>>,
}

/// The tensors of a file, by name.
pub(super) type Header = BTreeMap<String, Option<Vec<usize>>>;

/// More is no header.
const LONGEST_HEADER: u64 = 100 << 20;

const COPY: &str = "the file is damaged, or half written; copy or download it again";

/// The names and shapes in one file; `shown` is what messages call it.
pub(super) fn header(path: &Path, shown: &str) -> Result<Header> {
    let whole = |message: String| Mistake::new(format!("{shown}: {message}"), COPY);
    // A pipe or a device would be read for ever.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(whole("this is no file".to_owned()));
    }
    let mut file = fs::File::open(path).map_err(|error| whole(format!("cannot be read: {error}")))?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut length = [0; 8];
    if file.read_exact(&mut length).is_err() {
        return Err(whole(format!("this is no safetensors file, which begins with 8 bytes: it has {size}")));
    }
    if length.starts_with(b"version ") {
        let message = format!("{shown}: this is a pointer of Git LFS, not the weights");
        return Err(Mistake::new(message, "`git lfs pull` brings the file itself"));
    }
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER || length > size.saturating_sub(8) {
        let message = format!("this is no whole safetensors file: its header has {length} bytes, the file {size}");
        return Err(whole(message));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact(&mut bytes).map_err(|error| whole(format!("cannot be read: {error}")))?;
    let fields: Map<String, Value> = serde_json::from_slice(&bytes)
        .map_err(|error| whole(format!("this is no safetensors file: its header is no JSON object: {error}")))?;
    let mut header = Header::new();
    let mut end = 0;
    for (name, tensor) in fields.into_iter().filter(|(name, _)| name != "__metadata__") {
        let Some((shape, last)) = shape_and_end(&tensor) else {
            return Err(whole(format!("this is no safetensors file: `{name}` has no shape and place")));
        };
        end = end.max(last);
        header.insert(name, Some(shape));
    }
    let found = size - 8 - length;
    if found != end {
        return Err(whole(format!("the tensors have {end} bytes by the header, but there are {found}")));
    }
    Ok(header)
}

fn shape_and_end(tensor: &Value) -> Option<(Vec<usize>, u64)> {
    let shape = tensor.get("shape")?.as_array()?;
    let shape = shape.iter().map(|size| usize::try_from(size.as_u64()?).ok()).collect::<Option<_>>()?;
    Some((shape, tensor.get("data_offsets")?.get(1)?.as_u64()?))
}

/// The names and shapes in all files that an index names.
pub(super) fn of_index(index: &Map<String, Value>, folder: &Path, shown: &str) -> Result<Header> {
    let Some(Value::Object(places)) = index.get("weight_map") else {
        let message = format!("{shown}: there is no `weight_map`, which says where each tensor is");
        return Err(Mistake::new(message, COPY));
    };
    let mut files: BTreeMap<&str, Header> = BTreeMap::new();
    let mut all = Header::new();
    for (name, file) in places {
        let Some(file) = file.as_str() else {
            return Err(Mistake::new(format!("{shown}: `{name}` is in {file}, expected the name of a file"), COPY));
        };
        let header = match files.entry(file) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(header(&part(folder, file), file)?),
        };
        let Some(shape) = header.get(name) else {
            let message = format!("{shown}: `{name}` should be in `{file}`, but is not");
            return Err(Mistake::new(message, COPY));
        };
        all.insert(name.clone(), shape.clone());
    }
    Ok(all)
}

/// A part lies beside its index.
fn part(folder: &Path, file: &str) -> PathBuf {
    Path::new(file).file_name().map_or_else(|| folder.to_path_buf(), |name| folder.join(name))
}

/// The tensors, those of all blocks that have one shape together.
pub(super) fn together(header: &Header) -> Vec<Tensors> {
    let mut tensors: BTreeMap<(String, &Option<Vec<usize>>), Vec<usize>> = BTreeMap::new();
    for (name, shape) in header {
        let (name, block) = without_number(name);
        tensors.entry((name, shape)).or_default().extend(block);
    }
    let tensors = tensors.into_iter().map(|((name, shape), blocks)| Tensors { name, blocks, shape: shape.clone() });
    tensors.collect()
}

/// The name with `{}` in place of its first part that is a number, and the number.
fn without_number(name: &str) -> (String, Option<usize>) {
    let mut parts: Vec<&str> = name.split('.').collect();
    let number = parts.iter_mut().find_map(|part| {
        let number = part.parse().ok()?;
        *part = "{}";
        Some(number)
    });
    (parts.join("."), number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_of_all_blocks_are_put_together_by_their_shape() {
        let shape = |size: usize| Some(vec![size]);
        let header = Header::from([
            ("layer.0.bias".to_owned(), shape(2)),
            ("layer.1.bias".to_owned(), shape(2)),
            ("layer.2.bias".to_owned(), shape(3)),
            ("norm.bias".to_owned(), shape(2)),
        ]);
        let found: Vec<_> =
            together(&header).into_iter().map(|tensors| (tensors.name, tensors.blocks, tensors.shape)).collect();
        let expected = [
            ("layer.{}.bias".to_owned(), vec![0, 1], shape(2)),
            ("layer.{}.bias".to_owned(), vec![2], shape(3)),
            ("norm.bias".to_owned(), vec![], shape(2)),
        ];
        assert_eq!(found, expected);
    }
}
