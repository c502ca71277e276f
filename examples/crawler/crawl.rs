//! What is crawled, and how much of it at once.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use examples::{Column, Table};
use runtime::sync::Semaphore;
use runtime::task::TaskGroup;
use runtime::time::timeout;
use url::{Host, Url};

use crate::Options;
use crate::fetch::{self, Page};

/// A crawl, which all of its pages share. One loop, one thread: cells do.
pub(crate) struct Crawl {
    options: Options,
    limit: Duration,
    first_host: Option<Host>,
    seen: RefCell<HashSet<Url>>,
    /// Pages that are fetched now, anywhere and of each host.
    places: Semaphore,
    hosts: RefCell<HashMap<String, Rc<Semaphore>>>,
    busy: Cell<usize>,
    busiest: Cell<usize>,
    found: Cell<usize>,
    failed: Cell<usize>,
    table: RefCell<Table>,
}

impl Crawl {
    pub(crate) fn new(first: &Url, options: Options) -> io::Result<Rc<Crawl>> {
        let limit = Duration::try_from_secs_f64(options.timeout);
        let columns =
            [("status", 8), ("bytes", 8), ("ms", 7), ("depth", 5), ("links", 5), ("page", 34)];
        Ok(Rc::new(Crawl {
            limit: limit.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?,
            first_host: first.host().map(|host| host.to_owned()),
            seen: RefCell::default(),
            places: Semaphore::new(options.at_once),
            hosts: RefCell::default(),
            busy: Cell::new(0),
            busiest: Cell::new(0),
            found: Cell::new(0),
            failed: Cell::new(0),
            table: RefCell::new(Table::begin(
                columns.map(|(title, width)| Column(title, width)).into(),
            )?),
            options,
        }))
    }

    /// Has a child of the group fetch a page, unless that has been done or is beyond the limits.
    pub(crate) fn follow(self: Rc<Self>, group: &TaskGroup<io::Error>, mut url: Url, depth: usize) {
        url.set_fragment(None);
        let is_web = matches!(url.scheme(), "http" | "https");
        let elsewhere =
            self.options.same_host && url.host().map(|host| host.to_owned()) != self.first_host;
        if !is_web || elsewhere || depth > self.options.depth {
            return;
        }
        let mut seen = self.seen.borrow_mut();
        if seen.len() < self.options.pages && seen.insert(url.clone()) {
            drop(seen);
            group.spawn(self.visit(group.clone(), url, depth));
        }
    }

    /// Fetches a page, and follows its links. A page that cannot be had is a line of the table; an error of
    /// the group is only that the table cannot be written.
    async fn visit(
        self: Rc<Self>,
        group: TaskGroup<io::Error>,
        url: Url,
        depth: usize,
    ) -> io::Result<()> {
        let page = {
            // The host first: who waits for a busy host should not keep others from idle ones. (That is why
            // it is not the group's own limit that does this.)
            let host = self.host(&url);
            let _of_host = host.acquire().await;
            let _place = self.places.acquire().await;
            let _busy = Busy::begin(&self);
            match timeout(self.limit, fetch::get(&url)).await {
                Ok(page) => page,
                Err(elapsed) => Err(elapsed.into()),
            }
        };
        self.report(&url, depth, &page)?;
        for link in page.iter().flat_map(|page| page.links(&url)) {
            self.clone().follow(&group, link, depth + 1);
        }
        Ok(())
    }

    fn host(&self, url: &Url) -> Rc<Semaphore> {
        let name = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let mut hosts = self.hosts.borrow_mut();
        hosts.entry(name).or_insert_with(|| Rc::new(Semaphore::new(self.options.per_host))).clone()
    }

    fn report(&self, url: &Url, depth: usize, page: &io::Result<Page>) -> io::Result<()> {
        let (status, bytes, time, links) = match page {
            Ok(page) => {
                let links = page.links(url).count().to_string();
                (page.status.as_str().to_owned(), page.body.len().to_string(), page.time, links)
            }
            Err(error) => (format!("{:?}", error.kind()), "-".into(), Duration::ZERO, "-".into()),
        };
        let count = if page.is_ok() { &self.found } else { &self.failed };
        count.set(count.get() + 1);
        let milliseconds = time.as_secs_f64() * 1000.0;
        let time = format!("{milliseconds:.1}");
        let cells = vec![status, bytes, time, depth.to_string(), links, url.to_string()];
        self.table.borrow_mut().row(cells, milliseconds)
    }

    pub(crate) fn summary(&self) -> String {
        let (found, failed, hosts) =
            (self.found.get(), self.failed.get(), self.hosts.borrow().len());
        let busiest = self.busiest.get();
        format!("{found} pages of {hosts} host(s), {failed} failed, at most {busiest} at a time")
    }
}

/// Counts the pages that are being fetched.
struct Busy<'a>(&'a Cell<usize>);

impl<'a> Busy<'a> {
    fn begin(crawl: &'a Crawl) -> Busy<'a> {
        crawl.busy.set(crawl.busy.get() + 1);
        crawl.busiest.set(crawl.busiest.get().max(crawl.busy.get()));
        Busy(&crawl.busy)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
