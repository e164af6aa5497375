//! The name that an interface has at this moment.

use std::io;

use nix::net::if_::if_indextoname;

use crate::units::IfIndex;

/// # Errors
/// ENODEV when there is no such interface.
pub(super) fn name(interface: IfIndex) -> io::Result<String> {
    // nix takes the null pointer of a failed look-up for a success with an empty name.
    match if_indextoname(interface.get()) {
        Ok(name) if !name.is_empty() => Ok(name.to_string_lossy().into_owned()),
        _ => Err(io::Error::from_raw_os_error(libc::ENODEV)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_has_no_name() {
        let error = name(IfIndex::new(4_000_000).unwrap()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENODEV));
    }
}
