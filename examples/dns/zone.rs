//! The names that the server knows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::rdata::{CNAME, MX, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// How long others may remember a record, in seconds.
const REMEMBER: u32 = 60;

/// A zone of a few records, under a name that is for tests (RFC 2606), with addresses for documentation.
pub(crate) struct Zone {
    origin: Name,
    whoami: Name,
    records: Vec<Record>,
}

/// What there is for a question.
pub(crate) enum Found {
    /// Records, and those of the names that they are other names for.
    Records(Vec<Record>),
    /// Not what was asked for, but the name exists.
    NoData,
    NoName,
    /// The name is of somebody else's zone.
    Elsewhere,
}

impl Zone {
    pub(crate) fn new() -> Zone {
        let name = |text| Name::from_ascii(text).expect("the names here are good ones");
        let origin = name("runtime.test.");
        let mail = name("mail.runtime.test.");
        let large = (0..20).map(|n| format!("{n:02} {}", "large ".repeat(20)));
        let data = [
            (origin.clone(), RData::A(Ipv4Addr::new(192, 0, 2, 1).into())),
            (origin.clone(), RData::AAAA(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into())),
            (origin.clone(), RData::MX(MX::new(10, mail.clone()))),
            (origin.clone(), RData::TXT(TXT::new(vec!["one thread, many sockets".to_owned()]))),
            (mail, RData::A(Ipv4Addr::new(192, 0, 2, 25).into())),
            (name("www.runtime.test."), RData::CNAME(CNAME(origin.clone()))),
            (name("large.runtime.test."), RData::TXT(TXT::new(large.collect()))),
        ];
        let record = |(name, data)| Record::from_rdata(name, REMEMBER, data);
        Zone {
            records: data.into_iter().map(record).collect(),
            whoami: name("whoami.runtime.test."),
            origin,
        }
    }

    /// Finds the records of a name, which is told to `asker`.
    pub(crate) fn find(&self, name: &Name, kind: RecordType, asker: IpAddr) -> Found {
        if !self.origin.zone_of(name) {
            return Found::Elsewhere;
        }
        if *name == self.whoami {
            return match kind {
                RecordType::TXT => {
                    let text = RData::TXT(TXT::new(vec![asker.to_string()]));
                    Found::Records(vec![Record::from_rdata(name.clone(), 0, text)])
                }
                _ => Found::NoData,
            };
        }
        if !self.of_name(name).any(|_| true) {
            return Found::NoName;
        }
        let mut found: Vec<_> =
            self.of_name(name).filter(|record| record.record_type() == kind).cloned().collect();
        if found.is_empty() {
            for alias in self.of_name(name) {
                if let RData::CNAME(CNAME(real)) = alias.data() {
                    found.push(alias.clone());
                    let of_kind = |record: &&Record| record.record_type() == kind;
                    found.extend(self.of_name(real).filter(of_kind).cloned());
                }
            }
        }
        if found.is_empty() { Found::NoData } else { Found::Records(found) }
    }

    fn of_name(&self, name: &Name) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.name() == name)
    }

    /// What goes with an answer that says no: how long others may remember it (RFC 2308).
    pub(crate) fn authority(&self) -> Record {
        let contact = self.origin.clone();
        let seconds = REMEMBER as i32;
        let soa = SOA::new(self.origin.clone(), contact, 1, seconds, seconds, seconds, REMEMBER);
        Record::from_rdata(self.origin.clone(), REMEMBER, RData::SOA(soa))
    }
}
