//! The buffer that both encoders write to.
//!
//! They mostly append texts of about ten bytes. Copying a length that the compiler knows takes a few
//! instructions; any other length takes a call. So they copy a little more than needed, into room that
//! was filled with zeros in advance, and overwrite the excess.

use crate::swar;
use alloc::vec::Vec;
use core::fmt;

/// Appends to a buffer. Dropping it truncates the buffer to what was written.
pub(crate) struct Output<'b> {
    /// What is written, followed by room.
    buffer: &'b mut Vec<u8>,
    len: usize,
    /// The length of the buffer before.
    start: usize,
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        self.buffer.truncate(self.len);
    }
}

impl<'b> Output<'b> {
    pub(crate) fn new(buffer: &'b mut Vec<u8>) -> Self {
        let len = buffer.len();
        Self {
            buffer,
            len,
            start: len,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Drops all but the first `len` bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Starts writing at most `room` bytes. [`advance`](Self::advance) keeps what was written.
    #[inline]
    pub(crate) fn cursor(&mut self, room: usize) -> Cursor<'_> {
        if self.buffer.len() - self.len < room {
            self.lay_out(room);
        }
        Cursor {
            room: self.buffer.get_mut(self.len..).unwrap_or_default(),
            at: 0,
        }
    }

    #[cold]
    fn lay_out(&mut self, room: usize) {
        let needed = self.len + room;
        // Doubles what was written, within bounds. A buffer that is large enough is not grown.
        let ahead = needed + (self.len - self.start).clamp(256, 1 << 16);
        let len = match self.buffer.capacity() {
            capacity if capacity >= needed => ahead.min(capacity),
            _ => ahead,
        };
        self.buffer.resize(len, 0);
    }

    #[inline]
    pub(crate) fn advance(&mut self, written: usize) {
        self.len += written;
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        self.append(&[byte]);
    }

    /// Appends a text whose length the compiler knows.
    #[inline]
    pub(crate) fn append<const N: usize>(&mut self, text: &[u8; N]) {
        self.cursor(N).put(text, N);
        self.len += N;
    }

    pub(crate) fn append_slice(&mut self, text: &[u8]) {
        let cursor = self.cursor(text.len());
        if let Some(room) = cursor.room.get_mut(..text.len()) {
            room.copy_from_slice(text);
            self.len += text.len();
        }
    }

    #[inline]
    pub(crate) fn append_padded(&mut self, text: &Padded) {
        self.cursor(PADDED).put_padded(text);
        self.len += text.len;
    }

    /// As [`cursor`](Self::cursor), and also returns what is written so far.
    #[inline]
    pub(crate) fn cursor_and_written(&mut self, room: usize) -> (Cursor<'_>, &[u8]) {
        self.cursor(room);
        let (written, room) = self
            .buffer
            .split_at_mut_checked(self.len)
            .unwrap_or_default();
        (Cursor { room, at: 0 }, written)
    }

    /// The byte at `at`.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut u8> {
        self.buffer.get_mut(..self.len)?.get_mut(at)
    }
}

impl fmt::Write for Output<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.append_slice(text.as_bytes());
        Ok(())
    }
}

/// The room of an [`Output`], and how much of it is written.
pub(crate) struct Cursor<'r> {
    room: &'r mut [u8],
    at: usize,
}

impl Cursor<'_> {
    pub(crate) fn written(&self) -> usize {
        self.at
    }

    /// Writes the first `len` bytes of `text`. The others are copied too, and overwritten later.
    #[inline]
    pub(crate) fn put<const N: usize>(&mut self, text: &[u8; N], len: usize) {
        let room = self.room.get_mut(self.at..).unwrap_or_default();
        if let Some(room) = room.first_chunk_mut() {
            *room = *text;
            self.at += len;
        }
    }

    /// Writes the first `len` bytes of `text`, typically about twenty. Takes [`SLACK`] bytes of room more.
    #[inline]
    pub(crate) fn put_front(&mut self, text: &[u8], len: usize) {
        let mut left = len;
        let mut text = text;
        while left > 0 {
            let Some((bytes, tail)) = text.split_first_chunk::<SLACK>() else {
                break;
            };
            self.put(bytes, left.min(SLACK));
            left = left.saturating_sub(SLACK);
            text = tail;
        }
        for byte in text.iter().take(left) {
            self.put(&[*byte], 1);
        }
    }

    #[inline]
    pub(crate) fn put_padded(&mut self, text: &Padded) {
        self.put(&text.bytes, text.len);
    }

    /// Writes a text of about ten bytes, eight at a time, up to the first eight that are not plain.
    /// Returns those and the rest. Takes [`SLACK`] bytes of room more than the text.
    #[expect(
        clippy::inline_always,
        reason = "it is most of what encoding does, and a call costs as much as a short text"
    )]
    #[inline(always)]
    pub(crate) fn put_while<'t>(
        &mut self,
        text: &'t [u8],
        is_plain: impl Fn(u64) -> bool,
    ) -> &'t [u8] {
        let mut rest = text;
        while let Some((bytes, tail)) = rest.split_first_chunk::<8>() {
            if !is_plain(u64::from_le_bytes(*bytes)) {
                return rest;
            }
            self.put(bytes, 8);
            rest = tail;
        }
        let word = swar::partial_word(rest);
        if !is_plain(word | swar::beyond(rest.len())) {
            return rest;
        }
        self.put(&word.to_le_bytes(), rest.len());
        &[]
    }
}

/// The room that [`Cursor::put_front`] and [`Cursor::put_while`] need besides the text's length.
pub(crate) const SLACK: usize = 32;

/// The room that a [`Padded`] text needs.
pub(crate) const PADDED: usize = 32;

/// A short text that is written often, padded to a fixed size.
#[derive(Clone, Copy)]
pub(crate) struct Padded {
    bytes: [u8; PADDED],
    len: usize,
}

impl Padded {
    const EMPTY: Self = Self {
        bytes: [0; PADDED],
        len: 0,
    };

    /// A text that fits: one that is longer does not compile.
    pub(crate) const fn new<const N: usize>(text: &[u8; N]) -> Self {
        let mut bytes = [0; PADDED];
        // `copy_from_slice` is const since Rust 1.87.
        let (mut room, mut text): (&mut [u8], &[u8]) = (&mut bytes, text);
        while let ([to, room_left @ ..], [from, text_left @ ..]) = (room, text) {
            *to = *from;
            (room, text) = (room_left, text_left);
        }
        assert!(text.is_empty(), "the text does not fit");
        Self { bytes, len: N }
    }

    /// Appends parts if they fit.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) -> Option<()> {
        for part in parts {
            let end = self.len + part.len();
            self.bytes.get_mut(self.len..end)?.copy_from_slice(part);
            self.len = end;
        }
        Some(())
    }

    pub(crate) fn capitalize(&mut self) {
        let [first, ..] = &mut self.bytes;
        first.make_ascii_uppercase();
    }
}

/// A cache of what is written for the names of members.
///
/// The names of a structure have the same address each time it is encoded. Comparing addresses saves
/// checking a name and assembling its texts again.
pub(crate) struct Names<const N: usize> {
    slots: [Slot<N>; 16],
}

#[derive(Clone, Copy)]
struct Slot<const N: usize> {
    /// The address of the name, and its length.
    name: (usize, usize),
    texts: [Padded; N],
}

impl<const N: usize> Names<N> {
    #[inline]
    pub(crate) fn new() -> Self {
        let slot = Slot {
            // No name has this length.
            name: (0, usize::MAX),
            texts: [Padded::EMPTY; N],
        };
        Self { slots: [slot; 16] }
    }

    /// The texts for a name, or `None` if `make` finds no room for them. The name must never change at
    /// its address.
    #[inline]
    pub(crate) fn texts<E>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&mut [Padded; N]) -> Result<Option<()>, E>,
    ) -> Result<Option<&[Padded; N]>, E> {
        let key = (name.as_ptr().addr(), name.len());
        // The names of one structure are mostly neighbours in memory.
        let Some(slot) = self.slots.get_mut((key.0 / 2 + key.1) % 16) else {
            return Ok(None);
        };
        if slot.name != key && slot.fill(key, make)?.is_none() {
            return Ok(None);
        }
        Ok(Some(&slot.texts))
    }
}

impl<const N: usize> Slot<N> {
    #[cold]
    fn fill<E>(
        &mut self,
        name: (usize, usize),
        make: impl FnOnce(&mut [Padded; N]) -> Result<Option<()>, E>,
    ) -> Result<Option<()>, E> {
        let mut texts = [Padded::EMPTY; N];
        let fit = make(&mut texts)?;
        if fit.is_some() {
            *self = Self { name, texts };
        }
        Ok(fit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_as_much_room_as_was_asked_for() {
        for before in [0, 1, 255, 256, 70_000] {
            for room in [0, 1, 256, 1000, 100_000] {
                let mut buffer = alloc::vec![b'x'; before];
                let mut output = Output::new(&mut buffer);
                assert!(output.cursor(room).room.len() >= room);
                drop(output);
                assert_eq!(buffer.len(), before);
            }
        }
    }

    /// Each text behind some that was there before, into buffers with and without room.
    #[test]
    fn all_ways_to_append_append_just_the_text() {
        for len in 0..80 {
            for capacity in [0, 7, len, len + 1, len + SLACK, 1000] {
                let text: Vec<u8> = (b'a'..=b'z').cycle().take(len).collect();
                let check = |append: &dyn Fn(&mut Output<'_>)| {
                    let mut buffer = Vec::with_capacity(capacity);
                    buffer.push(b'<');
                    let mut output = Output::new(&mut buffer);
                    append(&mut output);
                    assert_eq!(output.len(), 1 + len);
                    output.push(b'>');
                    drop(output);
                    assert_eq!(buffer.first(), Some(&b'<'));
                    assert_eq!(buffer.get(1..=len), Some(&*text));
                    assert_eq!(buffer.get(len + 1..), Some(&b">"[..]));
                };
                check(&|output| output.append_slice(&text));
                check(&|output| {
                    let mut cursor = output.cursor(len + SLACK);
                    assert!(cursor.put_while(&text, |_| true).is_empty());
                    let written = cursor.written();
                    output.advance(written);
                });
                for behind in [0, 1, SLACK, 100] {
                    let mut longer = text.clone();
                    longer.resize(len + behind, b'#');
                    check(&|output| {
                        let (mut cursor, before) = output.cursor_and_written(len + SLACK);
                        assert_eq!(before, b"<");
                        cursor.put_front(&longer, len);
                        let written = cursor.written();
                        output.advance(written);
                    });
                }
            }
        }
    }

    #[test]
    fn copying_stops_before_eight_bytes_that_are_not_plain() {
        for len in 0..40 {
            for odd in 0..=len {
                let mut text = alloc::vec![b'a'; len];
                if let Some(byte) = text.get_mut(odd) {
                    *byte = b'%';
                }
                let mut buffer = Vec::new();
                let mut output = Output::new(&mut buffer);
                let mut cursor = output.cursor(len + SLACK);
                let is_plain = |word| swar::equal(word, b'%') & !word & swar::HIGH == 0;
                let rest = cursor.put_while(&text, is_plain);
                let copied = if odd < len { odd / 8 * 8 } else { len };
                assert_eq!((cursor.written(), rest.len()), (copied, len - copied));
            }
        }
    }

    /// A buffer that is large enough keeps its place in memory, and what was cut off is gone.
    #[test]
    fn a_buffer_with_room_is_not_grown() {
        let mut buffer = Vec::with_capacity(100);
        let capacity = buffer.capacity();
        let mut output = Output::new(&mut buffer);
        for _ in 0..capacity - 3 {
            output.push(b'a');
        }
        output.append(b"bcd");
        output.truncate(90);
        output.truncate(95);
        if let Some(byte) = output.get_mut(0) {
            *byte = b'z';
        }
        assert_eq!(output.get_mut(90), None);
        drop(output);
        assert_eq!((buffer.capacity(), buffer.len()), (capacity, 90));
        assert!(buffer.starts_with(b"za") && buffer.ends_with(b"a"));
    }

    #[test]
    fn a_name_is_made_once_for_each_place() {
        let mut names: Names<1> = Names::new();
        let mut made = 0;
        let texts: [&'static str; 3] = ["key", "value", "a name that is longer than there is room"];
        for _ in 0..3 {
            for name in texts {
                let text = names.texts(name, |[text]| {
                    made += 1;
                    let fit = text.push(&[b"<", name.as_bytes()]);
                    Ok::<_, ()>(fit)
                });
                let mut buffer = Vec::new();
                if let Ok(Some([text])) = text {
                    Output::new(&mut buffer).append_padded(text);
                    assert_eq!(buffer, [b"<", name.as_bytes()].concat());
                } else {
                    assert!(name.len() >= PADDED);
                }
            }
        }
        // Twice for those that fit, unless they share a slot, and each time for the other.
        assert!((5..=9).contains(&made), "{made}");
        assert_eq!(
            names.texts("bad", |_| Err("refused")).map(drop),
            Err("refused")
        );
    }
}
