//! The last command line, which `A/` runs again (V.250, 5.2.4).

/// Lines up to this length need no heap: most do not.
const INLINE: usize = 14;

/// A command line that is kept.
#[derive(Clone, Debug)]
pub(crate) enum LastLine {
    Short {
        len: u8,
        bytes: [u8; INLINE],
    },
    /// Boxed twice: a fat pointer would make every port larger.
    Long(Box<Box<[u8]>>),
}

impl Default for LastLine {
    fn default() -> Self {
        Self::Short { len: 0, bytes: [0; INLINE] }
    }
}

impl LastLine {
    pub(crate) fn set(&mut self, line: &[u8]) {
        let mut bytes = [0; INLINE];
        *self = match (bytes.get_mut(..line.len()), u8::try_from(line.len())) {
            (Some(room), Ok(len)) => {
                room.copy_from_slice(line);
                Self::Short { len, bytes }
            }
            _ => Self::Long(Box::new(line.into())),
        };
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Short { .. } => 0,
            Self::Long(line) => line.len() + size_of::<Box<[u8]>>(),
        }
    }

    pub(crate) fn get(&self) -> &[u8] {
        match self {
            Self::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Long(line) => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length_are_kept() {
        let mut last = LastLine::default();
        assert_eq!(last.get(), b"");
        for len in [0, 13, 14, 15, 500] {
            let line = vec![b'x'; len];
            last.set(&line);
            assert_eq!(last.get(), line);
        }
    }
}
