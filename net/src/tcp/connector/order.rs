//! The order in which addresses are tried.

use std::net::SocketAddr;

/// Which of the addresses of a name are tried; for [`TcpConnector::family`](super::TcpConnector::family).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// Those of both families.
    #[default]
    Any,
    /// IPv4 addresses only.
    V4,
    /// IPv6 addresses only.
    V6,
}

impl Family {
    /// Whether `address` is of this family.
    pub(super) fn has(self, address: SocketAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        }
    }
}

/// Puts addresses of the two families in turns (RFC 8305, section 4); 0 leaves them as they are.
///
/// The family of the first address, which the resolver prefers, begins with `first_family_count` addresses.
/// What one family has more than the other comes last, and the order within each stays what it was.
pub(super) fn interleave(addresses: Vec<SocketAddr>, first_family_count: usize) -> Vec<SocketAddr> {
    let (Some(first), true) = (addresses.first(), first_family_count > 0) else {
        return addresses;
    };
    let four_first = first.is_ipv4();
    let count = addresses.len();
    let (preferred, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == four_first);
    let (mut preferred, mut other) = (preferred.into_iter(), other.into_iter());

    let mut ordered = Vec::with_capacity(count);
    ordered.extend(preferred.by_ref().take(first_family_count));
    while ordered.len() < count {
        ordered.extend(other.next());
        ordered.extend(preferred.next());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses written as `4a` or `6b`.
    fn ordered(text: &str, first_family_count: usize) -> String {
        let addresses = text.split(' ').map(|word| match word.split_at(1) {
            ("4", tail) => SocketAddr::from(([10, 0, 0, tail.as_bytes()[0]], 1)),
            (_, tail) => SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, tail.as_bytes()[0].into()], 1)),
        });
        let words = interleave(addresses.collect(), first_family_count).into_iter();
        let words = words.map(|address| match address {
            SocketAddr::V4(four) => format!("4{}", four.ip().octets()[3] as char),
            SocketAddr::V6(six) => format!("6{}", six.ip().octets()[15] as char),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn families_take_turns_and_the_preferred_one_begins() {
        assert_eq!(ordered("6a 6b 6c 4a 4b", 1), "6a 4a 6b 4b 6c");
        assert_eq!(ordered("4a 6a 6b 6c", 1), "4a 6a 6b 6c");
        assert_eq!(ordered("4a 4b 4c 6a", 1), "4a 6a 4b 4c");
    }

    #[test]
    fn the_preferred_family_may_have_a_longer_head_start() {
        assert_eq!(ordered("6a 6b 6c 4a 4b", 2), "6a 6b 4a 6c 4b");
        assert_eq!(ordered("6a 6b 4a 4b", 9), "6a 6b 4a 4b");
        assert_eq!(ordered("6a 4a 6b", usize::MAX), "6a 6b 4a");
    }

    #[test]
    fn a_count_of_zero_keeps_the_order_of_the_resolver() {
        assert_eq!(ordered("6a 6b 4a 6c 4b", 0), "6a 6b 4a 6c 4b");
        assert!(interleave(Vec::new(), 1).is_empty());
    }

    #[test]
    fn a_single_family_keeps_its_order() {
        assert_eq!(ordered("4c 4a 4b", 1), "4c 4a 4b");
    }
}
