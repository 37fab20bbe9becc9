//! The files that `TensorBoard` reads: records with checksums, each a protocol-buffers `Event`.
//!
//! In: scalars with their tag and update. Out: a file `events.out.tfevents.<seconds>.<host>.<process>.<count>`, in which a
//! record is its length, the length's checksum, an `Event` and that one's checksum. Whole records are in the file when a
//! call returns. It holds no images, texts or histograms.
//!
//! Source: `tensorflow/core/lib/io/record_writer.cc`, `tensorflow/core/util/event.proto` and
//! `tensorflow/core/framework/summary.proto`.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

/// What every event file says first.
const FILE_VERSION: &[u8] = b"brain.Event:2";

/// An event file that is being written.
#[derive(Debug)]
pub(super) struct EventFile {
    path: PathBuf,
    file: File,
}

impl EventFile {
    /// Begins a file in `folder`, beside those that are there; `host` is part of its name.
    pub(super) fn create(folder: &Path, host: &str) -> Result<Self> {
        /// Files that this process began, so that no two have one name.
        static COUNT: AtomicU64 = AtomicU64::new(0);
        fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
        let (seconds, process) = (seconds_since_1970().floor(), std::process::id());
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("events.out.tfevents.{seconds:010}.{host}.{process}.{count:04}"));
        let file = OpenOptions::new().create_new(true).append(true).open(&path);
        let mut events = Self { file: file.map_err(|error| Error::io("create", &path, error))?, path };
        let mut event = new_event(0);
        put_bytes(&mut event, 3, FILE_VERSION);
        events.write(&event)?;
        Ok(events)
    }

    /// Says that a run goes on from an update: what earlier files of the folder have from there on counts no longer.
    pub(super) fn take_back_from(&mut self, update: usize) -> Result<()> {
        /// `SessionLog.status`, of which 1 is `START`.
        const SESSION_START: [u8; 2] = [1 << 3, 1];
        let mut event = new_event(update);
        put_bytes(&mut event, 7, &SESSION_START);
        self.write(&event)
    }

    /// Adds a point at `update` to the curve of each tag.
    pub(super) fn add_scalars(&mut self, update: usize, scalars: &[(String, f64)]) -> Result<()> {
        let mut summary = Vec::new();
        for (tag, value) in scalars {
            let mut scalar = Vec::new();
            put_bytes(&mut scalar, 1, tag.as_bytes());
            put_key(&mut scalar, 2, Wire::Fixed32);
            scalar.extend((*value as f32).to_le_bytes());
            put_bytes(&mut summary, 1, &scalar);
        }
        let mut event = new_event(update);
        put_bytes(&mut event, 5, &summary);
        self.write(&event)
    }

    /// Writes a record in one call: a killed process leaves whole ones and at most one that is cut off.
    fn write(&mut self, event: &[u8]) -> Result<()> {
        let length = (event.len() as u64).to_le_bytes();
        let mut record = Vec::with_capacity(event.len() + 16);
        record.extend(length);
        record.extend(masked_crc32c(&length).to_le_bytes());
        record.extend(event);
        record.extend(masked_crc32c(event).to_le_bytes());
        self.file.write_all(&record).map_err(|error| Error::io("write", &self.path, error))
    }
}

/// How protocol buffers lay a field out.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// An `Event` of now at an update, that says nothing yet.
fn new_event(update: usize) -> Vec<u8> {
    let mut event = Vec::new();
    put_key(&mut event, 1, Wire::Fixed64);
    event.extend(seconds_since_1970().to_le_bytes());
    put_key(&mut event, 2, Wire::Varint);
    put_varint(&mut event, update as u64);
    event
}

fn put_key(message: &mut Vec<u8>, field: u64, wire: Wire) {
    put_varint(message, field << 3 | wire as u64);
}

fn put_bytes(message: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_key(message, field, Wire::Bytes);
    put_varint(message, bytes.len() as u64);
    message.extend(bytes);
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn put_varint(message: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

fn seconds_since_1970() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// The checksum of a record, turned and moved so that a checksum of data that holds checksums stays a good one.
fn masked_crc32c(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282ead8)
}

/// The Castagnoli checksum. Source: RFC 3720, appendix B.4.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |rest, byte| CRC32C_OF_BYTE[usize::from(rest as u8 ^ byte)] ^ rest >> 8)
}

/// What each value of a byte leaves after division by the Castagnoli polynomial, lowest bit first.
static CRC32C_OF_BYTE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut rest, mut bit) = (byte as u32, 0);
        while bit < 8 {
            rest = if rest & 1 == 1 { rest >> 1 ^ 0x82f63b78 } else { rest >> 1 };
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
};

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An event as a reader sees it.
    #[derive(Debug, Default, PartialEq)]
    pub(in crate::report) struct Seen {
        pub(in crate::report) update: u64,
        pub(in crate::report) file_version: Option<String>,
        pub(in crate::report) session_status: Option<u64>,
        pub(in crate::report) scalars: Vec<(String, f32)>,
    }

    /// The value of a field, by how it is laid out.
    enum Field<'a> {
        Number(u64),
        Fixed([u8; 8]),
        Bytes(&'a [u8]),
    }

    /// The checksum bit by bit, by long division: another way than the table's.
    fn crc32c_by_bits(bytes: &[u8]) -> u32 {
        let mut rest = u32::MAX;
        for bit in bytes.iter().flat_map(|byte| (0..8).map(move |place| byte >> place & 1)) {
            let carries = (rest ^ u32::from(bit)) & 1 == 1;
            rest = if carries { (rest >> 1) ^ 0x82f63b78 } else { rest >> 1 };
        }
        rest ^ u32::MAX
    }

    fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(count);
        *bytes = rest;
        taken
    }

    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut number = 0;
        for place in 0.. {
            let byte = take(bytes, 1)[0];
            number += u64::from(byte % 128) << (7 * place);
            if byte < 128 {
                break;
            }
        }
        number
    }

    fn fields(mut message: &[u8]) -> Vec<(u64, Field<'_>)> {
        let mut fields = Vec::new();
        while !message.is_empty() {
            let key = varint(&mut message);
            let value = match key % 8 {
                0 => Field::Number(varint(&mut message)),
                1 => Field::Fixed(take(&mut message, 8).try_into().unwrap()),
                2 => {
                    let length = varint(&mut message) as usize;
                    Field::Bytes(take(&mut message, length))
                }
                5 => {
                    let mut padded = [0; 8];
                    padded[..4].copy_from_slice(take(&mut message, 4));
                    Field::Fixed(padded)
                }
                other => panic!("wire type {other}"),
            };
            fields.push((key / 8, value));
        }
        fields
    }

    fn scalar(value: &[u8]) -> (String, f32) {
        let (mut tag, mut number) = (None, None);
        for field in fields(value) {
            match field {
                (1, Field::Bytes(bytes)) => tag = Some(String::from_utf8(bytes.to_vec()).unwrap()),
                (2, Field::Fixed(bytes)) => number = Some(f32::from_le_bytes(bytes[..4].try_into().unwrap())),
                (field, _) => panic!("field {field} of a value"),
            }
        }
        (tag.unwrap(), number.unwrap())
    }

    fn event(message: &[u8]) -> Seen {
        let (mut seen, mut wall_time) = (Seen::default(), None);
        for field in fields(message) {
            match field {
                (1, Field::Fixed(bytes)) => wall_time = Some(f64::from_le_bytes(bytes)),
                (2, Field::Number(update)) => seen.update = update,
                (3, Field::Bytes(bytes)) => seen.file_version = Some(String::from_utf8(bytes.to_vec()).unwrap()),
                (5, Field::Bytes(summary)) => {
                    for value in fields(summary) {
                        let (1, Field::Bytes(value)) = value else { panic!("no value in the summary") };
                        seen.scalars.push(scalar(value));
                    }
                }
                (7, Field::Bytes(session)) => match fields(session)[..] {
                    [(1, Field::Number(status))] => seen.session_status = Some(status),
                    _ => panic!("no status of a session"),
                },
                (field, _) => panic!("field {field} of an event"),
            }
        }
        let hour_ago = seconds_since_1970() - 3600.0;
        assert!(wall_time.unwrap() > hour_ago, "{wall_time:?} is not now");
        seen
    }

    /// Reads an event file, and checks every checksum.
    pub(in crate::report) fn read(path: &Path) -> Vec<Seen> {
        let content = fs::read(path).unwrap();
        let (mut bytes, mut events) = (content.as_slice(), Vec::new());
        let check = |data: &[u8], stored: &[u8]| {
            let masked = u32::from_le_bytes(stored.try_into().unwrap());
            let rotated = masked.wrapping_sub(0xa282ead8);
            assert_eq!(rotated.rotate_left(15), crc32c_by_bits(data));
        };
        while !bytes.is_empty() {
            let length = take(&mut bytes, 8);
            check(length, take(&mut bytes, 4));
            let data = take(&mut bytes, u64::from_le_bytes(length.try_into().unwrap()) as usize);
            check(data, take(&mut bytes, 4));
            events.push(event(data));
        }
        events
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, B.4, and the check value of the catalogue of checksums.
        let ascending: Vec<u8> = (0..32).collect();
        let descending: Vec<u8> = (0..32).rev().collect();
        for (data, sum) in [
            (&[0; 32][..], 0x8a9136aa),
            (&[0xff; 32], 0x62a8ab43),
            (&ascending, 0x46dd794e),
            (&descending, 0x113fdb5c),
            (b"123456789", 0xe3069283),
            (b"", 0),
        ] {
            assert_eq!(crc32c(data), sum);
            assert_eq!(crc32c_by_bits(data), sum);
        }
    }

    #[test]
    fn a_reader_gets_back_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = EventFile::create(&folder.path().join("runs"), "host").unwrap();
        file.take_back_from(300).unwrap();
        // A tag longer than 127 bytes has a length of two bytes, and so has the summary around it.
        let long = "e".repeat(200);
        let scalars = [("train/loss".to_owned(), 0.5), (long.clone(), f64::NEG_INFINITY)];
        file.add_scalars(70_000, &scalars).unwrap();
        let first = Seen { file_version: Some("brain.Event:2".to_owned()), ..Seen::default() };
        let session = Seen { update: 300, session_status: Some(1), ..Seen::default() };
        let values = vec![("train/loss".to_owned(), 0.5), (long, f32::NEG_INFINITY)];
        let points = Seen { update: 70_000, scalars: values, ..Seen::default() };
        assert_eq!(read(&file.path), [first, session, points]);
    }

    #[test]
    fn two_files_of_one_second_have_two_names() {
        let folder = tempfile::tempdir().unwrap();
        let files = [0, 1].map(|_| EventFile::create(folder.path(), "host").unwrap().path);
        assert!(files[0] < files[1], "{files:?}");
        let name = files[0].file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("events.out.tfevents.") && name.contains(".host."), "{name}");
    }
}
