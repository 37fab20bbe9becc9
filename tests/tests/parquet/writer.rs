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
}

impl Column<'_> {
    fn schema(&self) -> String {
        match self {
            Self::Texts(name, _) => format!("required binary {name} (UTF8);"),
            Self::Longs(name, _) => format!("required int64 {name};"),
            Self::Doubles(name, _) => format!("optional double {name};"),
            Self::Days(name, _) => format!("required int32 {name} (DATE);"),
            Self::Bytes(name, _) => format!("required binary {name};"),
            Self::Lists(name, _) => {
                format!("required group {name} (LIST) {{ repeated group list {{ required int32 element; }} }}")
            }
        }
    }

    fn write(&self, writer: &mut SerializedColumnWriter<'_>) {
        let written = match self {
            Self::Texts(_, values) => {
                let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(*text)).collect();
                writer.typed::<ByteArrayType>().write_batch(&values, None, None)
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
                let (mut definition, mut repetition) = (Vec::new(), Vec::new());
                for list in *lists {
                    definition.extend(list.iter().map(|_| 1_i16));
                    repetition.extend(list.iter().enumerate().map(|(at, _)| i16::from(at > 0)));
                    if list.is_empty() {
                        definition.push(0);
                        repetition.push(0);
                    }
                }
                let values: Vec<i32> = lists.iter().flat_map(|list| list.iter().copied()).collect();
                writer.typed::<Int32Type>().write_batch(&values, Some(&definition), Some(&repetition))
            }
        };
        written.unwrap();
    }
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
        let mut column_writer = group.next_column().unwrap().unwrap();
        column.write(&mut column_writer);
        column_writer.close().unwrap();
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
