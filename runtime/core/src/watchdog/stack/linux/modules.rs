//! The code that is loaded, and what it says of how to unwind its frames.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use framehop::{ExplicitModuleSectionInfo, Module};
use object::elf::PF_X;
use object::{Object, ObjectSection, ObjectSegment, ReadCache, ReadRef, SegmentFlags};

/// A file, or the kernel's own code, mapped to be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapping {
    pub(super) range: Range<u64>,
    /// Where in the file it begins, in bytes.
    offset: u64,
    name: String,
}

/// What the kernel gives to each process under this name: code that reads the clock, in no file.
const VDSO: &str = "[vdso]";

/// Everything of a name that can be executed now; see proc_pid_maps(5).
pub(super) fn mappings() -> Vec<Mapping> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Mapping> {
    let mut fields = line.splitn(6, ' ');
    let (start, end) = fields.next()?.split_once('-')?;
    let permissions = fields.next()?;
    let offset = fields.next()?;
    let name = fields.nth(2)?.trim_start();
    if !permissions.contains('x') || name.is_empty() {
        return None;
    }
    let hexadecimal = |text| u64::from_str_radix(text, 16).ok();
    let range = hexadecimal(start)?..hexadecimal(end)?;
    Some(Mapping { range, offset: hexadecimal(offset)?, name: name.to_owned() })
}

impl Mapping {
    /// Reads what there is to read.
    pub(super) fn load(&self) -> Option<Module<Vec<u8>>> {
        if self.name == VDSO {
            let length = usize::try_from(self.range.end - self.range.start).ok()?;
            let mut image = vec![0; length];
            let memory = File::open("/proc/self/mem").ok()?;
            memory.read_exact_at(&mut image, self.range.start).ok()?;
            return self.module(&*image);
        }
        let file = File::open(self.path()).ok()?;
        self.module(&ReadCache::new(file))
    }

    /// Where the file can be read, also if it has been replaced by another one.
    fn path(&self) -> PathBuf {
        const OWN: &str = "/proc/self/exe";
        let path = Path::new(&self.name);
        let own = fs::read_link(OWN).is_ok_and(|own| own == path);
        if own { PathBuf::from(OWN) } else { path.to_owned() }
    }

    fn module<'data>(&self, image: impl ReadRef<'data>) -> Option<Module<Vec<u8>>> {
        let object = object::File::parse(image).ok()?;
        let base = self.range.start.wrapping_sub(self.stated_address(&object)?);
        let section = |name| {
            let section = object.section_by_name(name)?;
            let range = section.address()..section.address() + section.size();
            Some((range, section.data().ok()?.to_vec()))
        };
        let (eh_frame_svma, eh_frame) = section(".eh_frame").unzip();
        let (eh_frame_hdr_svma, eh_frame_hdr) = section(".eh_frame_hdr").unzip();
        let text_svma = object
            .section_by_name(".text")
            .map(|text| text.address()..text.address() + text.size());
        let sections = ExplicitModuleSectionInfo {
            text_svma,
            eh_frame_svma,
            eh_frame,
            eh_frame_hdr_svma,
            eh_frame_hdr,
            ..Default::default()
        };
        Some(Module::new(self.name.clone(), self.range.clone(), base, sections))
    }

    /// The address at which the file says that it wants what this mapping begins with.
    fn stated_address<'data>(&self, object: &impl Object<'data>) -> Option<u64> {
        // A mapping begins at a page, and a segment may begin within one, in which the segment before it
        // ends.
        object.segments().filter(is_executable).find_map(|segment| {
            let (begin, length) = segment.file_range();
            let first = begin & !0xfff;
            let inside = (first..begin + length).contains(&self.offset);
            inside.then(|| (segment.address() - (begin - first)) + (self.offset - first))
        })
    }
}

fn is_executable<'data>(segment: &impl ObjectSegment<'data>) -> bool {
    matches!(segment.flags(), SegmentFlags::Elf { p_flags } if p_flags & PF_X != 0)
}

/// What was loaded, by where it begins.
pub(super) type Loaded = BTreeMap<u64, Mapping>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_executed_and_has_a_name_is_a_mapping() {
        let line =
            "7f00a000-7f00b000 r-xp 00002000 fd:01 1234                       /usr/lib/a b.so";
        let mapping = parse(line).unwrap();
        assert_eq!(mapping.range, 0x7f00_a000..0x7f00_b000);
        assert_eq!(mapping.offset, 0x2000);
        assert_eq!(mapping.name, "/usr/lib/a b.so");
    }

    #[test]
    fn data_and_code_without_a_name_are_none() {
        assert_eq!(parse("7f00a000-7f00b000 r--p 00000000 fd:01 1234   /usr/lib/a.so"), None);
        assert_eq!(parse("7f00a000-7f00b000 r-xp 00000000 00:00 0 "), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn this_program_and_the_vdso_can_be_loaded() {
        let mappings = mappings();
        let own = fs::read_link("/proc/self/exe").unwrap();
        let own = mappings.iter().find(|mapping| Path::new(&mapping.name) == own).unwrap();
        assert!(own.load().is_some());
        for vdso in mappings.iter().filter(|mapping| mapping.name == VDSO) {
            assert!(vdso.load().is_some());
        }
    }
}
