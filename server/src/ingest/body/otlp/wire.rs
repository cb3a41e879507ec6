//! What is around the log records of a protobuf request, walked through without being kept: a
//! field of two bytes would take a hundred in memory. A record itself is read by the library.

use prost::Message;

use super::super::BodyError;
use crate::ingest::decode::otlp::{LogRecord, Resource};

/// Not what the protocol sends.
const BROKEN: BodyError = BodyError::NotOfProtocol("a protobuf message with logs");

/// The fields of a message: each number with its bytes, those of other kinds passed over.
struct Fields<'b> {
    rest: &'b [u8],
}

impl<'b> Fields<'b> {
    /// The next field that has bytes.
    fn next(&mut self) -> Result<Option<(u64, &'b [u8])>, BodyError> {
        while !self.rest.is_empty() {
            let key = self.take_varint()?;
            match key & 7 {
                0 => {
                    self.take_varint()?;
                }
                1 => {
                    self.take(8)?;
                }
                2 => {
                    let length = self.take_varint()?;
                    let bytes = self.take(usize::try_from(length).map_err(|_| BROKEN)?)?;
                    return Ok(Some((key >> 3, bytes)));
                }
                5 => {
                    self.take(4)?;
                }
                _ => return Err(BROKEN),
            }
        }
        Ok(None)
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], BodyError> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(BROKEN)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn take_varint(&mut self) -> Result<u64, BodyError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(BROKEN)
    }
}

/// Whether `body` is built like a message.
pub(super) fn is_message(body: &[u8]) -> bool {
    let mut fields = Fields { rest: body };
    loop {
        match fields.next() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Gives each record with where it comes from to `sink`; one that cannot be read as its bytes.
pub(super) fn walk(
    body: &[u8],
    mut sink: impl FnMut(Result<LogRecord, &[u8]>, &Resource) -> Result<(), BodyError>,
) -> Result<(), BodyError> {
    let mut request = Fields { rest: body };
    while let Some((number, of_resource)) = request.next()? {
        if number != 1 {
            continue;
        }
        let resource = find_resource(of_resource)?;
        let mut fields = Fields { rest: of_resource };
        while let Some((number, of_scope)) = fields.next()? {
            if number != 2 {
                continue;
            }
            let mut fields = Fields { rest: of_scope };
            while let Some((number, record)) = fields.next()? {
                if number == 2 {
                    sink(read_record(record), &resource)?;
                }
            }
        }
    }
    Ok(())
}

fn read_record(bytes: &[u8]) -> Result<LogRecord, &[u8]> {
    if bytes.len() > crate::ingest::source::MAX_LINE_BYTES {
        return Err(bytes);
    }
    LogRecord::decode(bytes).map_err(|_| bytes)
}

/// Usually it comes first, but nothing says that it must.
fn find_resource(of_resource: &[u8]) -> Result<Resource, BodyError> {
    let mut fields = Fields { rest: of_resource };
    while let Some((number, bytes)) = fields.next()? {
        if number == 1 && bytes.len() <= super::MAX_RESOURCE_BYTES {
            return Resource::decode(bytes).map_err(|_| BROKEN);
        }
    }
    Ok(Resource::default())
}
