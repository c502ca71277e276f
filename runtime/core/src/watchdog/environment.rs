//! The environment variable that asks for a watchdog.

use std::time::Duration;

use crate::log;

/// Its name.
const VARIABLE: &str = "RUNTIME_WATCHDOG";

/// The threshold that the environment asks for: a number and a unit (`us`, `ms`, `s`). Nothing, and a number
/// of zero, ask for none.
pub(crate) fn threshold_in_environment() -> Option<Duration> {
    let value = std::env::var(VARIABLE).ok()?;
    match parse(&value) {
        Ok(threshold) => threshold,
        Err(Unreadable) => {
            log::warn(format_args!(
                "{VARIABLE} is {value:?}, which is no duration such as `100ms`, `2s` or `500us`; there is no watchdog"
            ));
            None
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Unreadable;

fn parse(value: &str) -> Result<Option<Duration>, Unreadable> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    let unit = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(unit);
    let number: u64 = number.parse().map_err(|_| Unreadable)?;
    let duration = match unit.trim_start() {
        "us" => Duration::from_micros(number),
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "" if number == 0 => Duration::ZERO,
        _ => return Err(Unreadable),
    };
    Ok(Some(duration).filter(|duration| !duration.is_zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_a_threshold() {
        assert_eq!(parse("100ms"), Ok(Some(Duration::from_millis(100))));
        assert_eq!(parse(" 2 s "), Ok(Some(Duration::from_secs(2))));
        assert_eq!(parse("500us"), Ok(Some(Duration::from_micros(500))));
    }

    #[test]
    fn nothing_and_zero_are_none() {
        for off in ["", " ", "0", "0ms"] {
            assert_eq!(parse(off), Ok(None), "{off:?}");
        }
    }

    #[test]
    fn what_is_no_duration_is_told_apart() {
        for wrong in ["100", "ms", "1.5s", "-1s", "1h", "99999999999999999999s", "1s 2s"] {
            assert_eq!(parse(wrong), Err(Unreadable), "{wrong:?}");
        }
    }
}
