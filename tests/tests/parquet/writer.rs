//! Small Parquet files, written column by column.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

/// A column with its values.
#[derive(Clone, Copy)]
pub(crate) enum Column<'a> {
    Texts(&'a str, &'a [&'a str]),
    Longs(&'a str, &'a [i64]),
    Doubles(&'a str, &'a [Option<f64>]),
    Days(&'a str, &'a [i32]),
    Bytes(&'a str, &'a [&'a [u8]]),
    Lists(&'a str, &'a [&'a [i32]]),
    ListsOfTexts(&'a str, &'a [&'a [&'a str]]),
    /// Lists of two texts.
    ListsOfMessages(&'a str, &'a [&'a [(&'a str, &'a str)]]),
}

impl Column<'_> {
    fn schema(&self) -> String {
        match self {
            Self::Texts(name, _) => format!("required binary {name} (UTF8);"),
            Self::Longs(name, _) => format!("required int64 {name};"),
            Self::Doubles(name, _) => format!("optional double {name};"),
            Self::Days(name, _) => format!("required int32 {name} (DATE);"),
            Self::Bytes(name, _) => format!("required binary {name};"),
            Self::ListsOfTexts(name, _) => {
                format!("required group {name} (LIST) {{ repeated group list {{ required binary element (UTF8); }} }}")
            }
            Self::ListsOfMessages(name, _) => format!(
                "required group {name} (LIST) {{ repeated group list {{ required group element {{ \
                 required binary content (UTF8); required binary role (UTF8); }} }} }}"
            ),
            Self::Lists(name, _) => {
                format!("required group {name} (LIST) {{ repeated group list {{ required int32 element; }} }}")
            }
        }
    }

    /// How many columns of the file it is.
    fn leaves(&self) -> usize {
        if matches!(self, Self::ListsOfMessages(..)) { 2 } else { 1 }
    }

    fn write(&self, leaf: usize, writer: &mut SerializedColumnWriter<'_>) {
        let written = match self {
            Self::Texts(_, values) => {
                writer.typed::<ByteArrayType>().write_batch(&bytes(values.iter().copied()), None, None)
            }
            Self::ListsOfTexts(_, lists) => {
                let (definition, repetition) = levels(lists.iter().map(|list| list.len()));
                let values = bytes(lists.iter().flat_map(|list| list.iter().copied()));
                writer.typed::<ByteArrayType>().write_batch(&values, Some(&definition), Some(&repetition))
            }
            Self::ListsOfMessages(_, lists) => {
                let (definition, repetition) = levels(lists.iter().map(|list| list.len()));
                let texts = lists.iter().flat_map(|list| list.iter());
                let values = bytes(texts.map(|(role, content)| if leaf == 0 { *content } else { *role }));
                writer.typed::<ByteArrayType>().write_batch(&values, Some(&definition), Some(&repetition))
            }
            Self::Bytes(_, values) => {
                let values: Vec<ByteArray> = values.iter().map(|bytes| ByteArray::from(bytes.to_vec())).collect();
                writer.typed::<ByteArrayType>().write_batch(&values, None, None)
            }
            Self::Longs(_, values) => writer.typed::<Int64Type>().write_batch(values, None, None),
            Self::Days(_, values) => writer.typed::<Int32Type>().write_batch(values, None, None),
            Self::Doubles(_, values) => {
                let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                let values: Vec<f64> = values.iter().flatten().copied().collect();
                writer.typed::<DoubleType>().write_batch(&values, Some(&levels), None)
            }
            Self::Lists(_, lists) => {
                let (definition, repetition) = levels(lists.iter().map(|list| list.len()));
                let values: Vec<i32> = lists.iter().flat_map(|list| list.iter().copied()).collect();
                writer.typed::<Int32Type>().write_batch(&values, Some(&definition), Some(&repetition))
            }
        };
        written.unwrap();
    }
}

fn bytes<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<ByteArray> {
    texts.map(ByteArray::from).collect()
}

/// Which elements are there, and which of them continue a list, for lists of these lengths.
fn levels(lengths: impl Iterator<Item = usize>) -> (Vec<i16>, Vec<i16>) {
    let (mut definition, mut repetition) = (Vec::new(), Vec::new());
    for length in lengths {
        definition.extend(std::iter::repeat_n(i16::from(length > 0), length.max(1)));
        repetition.extend((0..length.max(1)).map(|at| i16::from(at > 0)));
    }
    (definition, repetition)
}

/// Writes the columns as one group of rows.
pub(crate) fn write(path: &Path, columns: &[Column<'_>]) {
    write_with(path, columns, WriterProperties::default());
}

/// Writes the columns as one group of rows, as `properties` say.
pub(crate) fn write_with(path: &Path, columns: &[Column<'_>], properties: WriterProperties) {
    let fields: String = columns.iter().map(Column::schema).collect();
    let schema = Arc::new(parse_message_type(&format!("message rows {{ {fields} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for column in columns {
        for leaf in 0..column.leaves() {
            let mut column_writer = group.next_column().unwrap().unwrap();
            column.write(leaf, &mut column_writer);
            column_writer.close().unwrap();
        }
    }
    group.close().unwrap();
    writer.close().unwrap();
}

/// The file, with a footer that says that every column has this compression.
pub(crate) fn metadata_with_codec(path: &Path, codec: Compression) -> Vec<u8> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&File::open(path).unwrap()).unwrap();
    let mut builder = metadata.into_builder();
    let groups = builder.take_row_groups().into_iter().map(|group| {
        let mut group = group.into_builder();
        let columns = group.take_columns().into_iter();
        let columns = columns.map(|column| column.into_builder().set_compression(codec).build().unwrap());
        group.set_column_metadata(columns.collect()).build().unwrap()
    });
    let groups: Vec<_> = groups.collect();
    let metadata = builder.set_row_groups(groups).build();
    let mut file = b"PAR1".to_vec();
    ParquetMetaDataWriter::new(&mut file, &metadata).finish().unwrap();
    file
}
