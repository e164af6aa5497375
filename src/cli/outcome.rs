//! What a command line leads to when nothing is to be run: texts and an exit status.

use std::io::{self, Write};

/// Texts for the two streams and the status to exit with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// For stdout.
    pub out: String,
    /// For stderr.
    pub err: String,
    /// Exit status.
    pub status: u8,
}

impl Outcome {
    /// Writes both texts and returns the status.
    pub fn tell(&self) -> u8 {
        print(&mut io::stdout().lock(), &self.out);
        print(&mut io::stderr().lock(), &self.err);
        self.status
    }
}

/// Writes `text`; a reader who left (`| head`) or a full disk is nobody's fault and stops the writing.
pub fn print(to: &mut dyn Write, text: &str) {
    if to.write_all(text.as_bytes()).is_ok() {
        drop(to.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_who_left_ends_the_writing_without_a_panic() {
        let (reader, mut writer) = io::pipe().unwrap();
        drop(reader);
        print(&mut writer, "text\n");
    }
}
