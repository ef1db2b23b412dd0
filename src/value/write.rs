//! Writing plain data down.

use postcard::ser_flavors::Flavor;
use serde::Serialize;

/// Appends a value's written form (`postcard`) to these bytes.
///
/// # Errors
/// What `postcard` cannot write: sequences of unknown length, of which there are none in our data.
pub(crate) fn append<T: Serialize + ?Sized>(value: &T, bytes: Vec<u8>) -> postcard::Result<Vec<u8>> {
    postcard::serialize_with_flavor(value, Bytes(bytes))
}

/// Where bytes go. Postcard's own for this takes texts in byte by byte.
struct Bytes(Vec<u8>);

impl Flavor for Bytes {
    type Output = Vec<u8>;

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}
