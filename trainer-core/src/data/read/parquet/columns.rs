//! Which columns a Parquet file has, and whether those that the struct reads can be read.

use parquet::basic::{CompressionCodec, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::schema::types::{Type, TypePtr};

use super::failure::broken;
use super::{Error, ErrorKind, Result};

/// The columns of a file.
pub(super) struct Columns {
    /// All of them, in the order of the file.
    pub(super) names: Vec<String>,
    /// The schema of those that the struct reads.
    pub(super) projection: Type,
}

impl Columns {
    /// The columns of the file, of which the struct reads those called `wanted`.
    ///
    /// # Errors
    /// Two columns of one name, a type that no field can hold, a compression that is not compiled in.
    pub(super) fn of(metadata: &ParquetMetaData, wanted: &[&str]) -> Result<Self> {
        let schema = metadata.file_metadata().schema();
        let names: Vec<String> = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
        let is_repeated = |(at, name): &(usize, &String)| names.iter().take(*at).any(|earlier| earlier == *name);
        if let Some((_, name)) = names.iter().enumerate().find(is_repeated) {
            return Err(data_error(format!("the file has the column `{name}` twice"))
                .help("every column needs a name of its own"));
        }
        let read: Vec<TypePtr> =
            schema.get_fields().iter().filter(|field| wanted.contains(&field.name())).cloned().collect();
        for column in &read {
            if let Some(what) = unreadable(column) {
                return Err(data_error(format!("`{}` holds {what}, which no field can hold", column.name()))
                    .help("write the column as text, numbers, truth values, or lists of these"));
            }
            let chunks = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
            let chunks =
                chunks.filter(|chunk| chunk.column_path().parts().first().map(String::as_str) == Some(column.name()));
            chunks.into_iter().try_for_each(|chunk| check_chunk(chunk, column.name()))?;
        }
        let projection = Type::group_type_builder(schema.name()).with_fields(read).build();
        let projection = projection.map_err(|error| data_error(error.to_string()))?;
        Ok(Self { names, projection })
    }
}

/// What the column holds, in words, if no field can hold it.
fn unreadable(field: &Type) -> Option<&'static str> {
    if field.get_basic_info().repetition() == Repetition::REPEATED {
        return Some("values that repeat without being a list");
    }
    if field.is_primitive() {
        return unreadable_leaf(field);
    }
    match field.get_basic_info().converted_type() {
        ConvertedType::LIST => match field.get_fields() {
            [repeated] if repeated.get_basic_info().repetition() == Repetition::REPEATED => match repeated.as_ref() {
                leaf @ Type::PrimitiveType { .. } => unreadable_leaf(leaf),
                Type::GroupType { fields, .. } => unreadable_fields(fields),
            },
            _ => Some("lists that have no elements"),
        },
        ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE => Some("maps"),
        _ => unreadable_fields(field.get_fields()),
    }
}

fn unreadable_fields(fields: &[TypePtr]) -> Option<&'static str> {
    if fields.is_empty() {
        return Some("structs that have no fields");
    }
    fields.iter().find_map(|field| unreadable(field))
}

fn unreadable_leaf(leaf: &Type) -> Option<&'static str> {
    let info = leaf.get_basic_info();
    match info.converted_type() {
        ConvertedType::DECIMAL => return Some("decimals"),
        ConvertedType::DATE => return Some("dates"),
        ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS => return Some("times of day"),
        ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS => return Some("times"),
        ConvertedType::INTERVAL => return Some("intervals"),
        ConvertedType::BSON => return Some("bytes"),
        _ => {}
    }
    match info.logical_type_ref() {
        // Nanoseconds have no older name, and would be read as numbers.
        Some(LogicalType::Time { .. } | LogicalType::Timestamp { .. }) => return Some("times"),
        Some(LogicalType::Float16) => return None,
        _ => {}
    }
    match leaf.get_physical_type() {
        Physical::INT96 => Some("times"),
        Physical::FIXED_LEN_BYTE_ARRAY => Some("bytes"),
        Physical::BYTE_ARRAY if info.converted_type() == ConvertedType::NONE => Some("bytes"),
        _ => None,
    }
}

fn check_chunk(chunk: &ColumnChunkMetaData, column: &str) -> Result<()> {
    let offsets = [Some(chunk.data_page_offset()), chunk.dictionary_page_offset(), Some(chunk.compressed_size())];
    if offsets.into_iter().flatten().any(i64::is_negative) {
        return Err(broken(&format!("`{column}` begins before the file")));
    }
    let codec = match chunk.compression_codec() {
        CompressionCodec::UNCOMPRESSED | CompressionCodec::SNAPPY | CompressionCodec::ZSTD => return Ok(()),
        CompressionCodec::GZIP => "gzip",
        CompressionCodec::BROTLI => "brotli",
        CompressionCodec::LZ4 | CompressionCodec::LZ4_RAW => "lz4",
        CompressionCodec::LZO => "lzo",
    };
    Err(data_error(format!("`{column}` is compressed with {codec}, which is not read here"))
        .help("write the file with zstd, snappy or no compression, as in `df.to_parquet(path, compression=\"zstd\")`"))
}

fn data_error(message: String) -> Error {
    Error::new(ErrorKind::Data, message)
}
