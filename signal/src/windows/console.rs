//! The handler of the console, and the end of the process.

#![allow(unsafe_code)]

use std::io;
use std::sync::{Mutex, PoisonError};

use windows_sys::Win32::Foundation::{FALSE, STATUS_CONTROL_C_EXIT, TRUE};
use windows_sys::Win32::System::Console::{CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

use super::listeners::LISTENERS;

/// Installs the handler, unless it is there.
///
/// It stays for good, and does nothing when nobody listens. The system may hold a lock while handlers run, so
/// none that they take is held here.
pub(super) fn install() -> io::Result<()> {
    static INSTALLED: Mutex<bool> = Mutex::new(false);
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*installed {
        // SAFETY: the function has the signature that the system asks for, and lives as long as the program.
        if unsafe { SetConsoleCtrlHandler(Some(handler), TRUE) } == FALSE {
            return Err(io::Error::last_os_error());
        }
        *installed = true;
    }
    Ok(())
}

/// Called by the system on a thread of its own. FALSE has it go on to the handler before this one, the first
/// of which ends the process.
unsafe extern "system" fn handler(event: u32) -> BOOL {
    if event == CTRL_C_EVENT && LISTENERS.press() { TRUE } else { FALSE }
}

/// Ends the process with the status by which who waits for it sees that Ctrl-C did.
pub(super) fn die() -> ! {
    std::process::exit(STATUS_CONTROL_C_EXIT)
}
