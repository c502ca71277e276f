//! A crawler: follows the links of a site, within limits.
//!
//! ```text
//! cargo run --release --example crawler                                         a small site of its own
//! cargo run --release --example crawler -- http://localhost:8000/ --depth 2     a site of yours
//! ```
//!
//! Each page is a child of one task group, and spawns those that it links to. Ctrl-C ends the crawl: the
//! group is cancelled with the task that runs it, and what has been found until then is summed up.

mod crawl;
mod fetch;
mod site;

use std::io;
use std::time::Instant;

use clap::Parser;
use runtime::task::TaskGroup;
use url::Url;

use crate::crawl::Crawl;

/// Follows the links of a site, within limits. Without a URL: a small site of its own.
#[derive(Parser)]
pub(crate) struct Options {
    /// Where to begin
    url: Option<Url>,

    /// Pages that are fetched at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = at_least_one)]
    at_once: usize,

    /// Pages of one host that are fetched at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = at_least_one)]
    per_host: usize,

    /// Links to follow from the first page to the last
    #[arg(long, value_name = "N", default_value_t = 3)]
    depth: usize,

    /// Pages to fetch in all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pages: usize,

    /// Seconds that a page may take
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    timeout: f64,

    /// Leave the hosts that the first page does not come from
    #[arg(long)]
    same_host: bool,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it has to be a number, and at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

#[runtime::main(ctrl_c = "cancel")]
async fn main() -> io::Result<()> {
    let options = Options::parse();
    let Some(url) = options.url.clone() else { return demo(options).await };
    crawl(url, options).await
}

/// Crawls a site that a sibling serves, and ends that with the crawl.
async fn demo(mut options: Options) -> io::Result<()> {
    let site = site::Site::open().await?;
    let url = site.url();
    // The site is slow in one place.
    options.timeout = options.timeout.min(1.0);
    let both = TaskGroup::run(async |group| {
        group.spawn(site.serve());
        crawl(url, options).await?;
        group.cancel("there is nobody left to serve");
        Ok(())
    });
    Ok(both.await?)
}

async fn crawl(url: Url, options: Options) -> io::Result<()> {
    let begin = Instant::now();
    let crawl = Crawl::new(&url, options)?;
    let result = TaskGroup::run(async |group| {
        crawl.clone().follow(&group, url, 0);
        Ok::<(), io::Error>(())
    });
    let ended = result.await;
    println!("\n{} in {:.2?}", crawl.summary(), begin.elapsed());
    match ended {
        Err(error) if error.errors().is_empty() => {
            println!("it was not all: {error}");
            Ok(())
        }
        ended => Ok(ended?),
    }
}
