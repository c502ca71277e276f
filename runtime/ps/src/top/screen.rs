//! On a terminal: one look in place of the other, and keys.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::{cursor, execute, queue, terminal};

use super::rates::Rates;
use super::{Arguments, Sort, Watched, view};
use crate::failure::Failure;

const KEYS: &str =
    "q quit   b by busy   p by polls   i by id   n by name   g group   l next loop   ↑ ↓ scroll";
/// The line that has the table's columns, behind the heading and an empty one.
const HEADER: usize = 5;
/// How many rows a page has.
const PAGE: usize = 20;

pub(super) fn run(watched: Watched, arguments: &Arguments) -> Result<(), Failure> {
    let mut screen = Screen {
        watched,
        sort: arguments.sort,
        group: arguments.group,
        first: 0,
        shown: Shown::Nothing,
    };
    // Whatever happens, the terminal is put back before the failure is printed.
    let _raw = RawTerminal::new()?;
    let mut left = arguments.iterations.unwrap_or(u64::MAX);
    loop {
        screen.look()?;
        screen.draw()?;
        left = left.saturating_sub(u64::from(!matches!(screen.shown, Shown::Nothing)));
        if left == 0 || screen.react_until(Instant::now() + arguments.delay)? == Next::Quit {
            return Ok(());
        }
    }
}

struct Screen {
    watched: Watched,
    sort: Sort,
    group: bool,
    /// The first row that is shown.
    first: usize,
    shown: Shown,
}

/// The latest look.
enum Shown {
    Nothing,
    Rates(Rates),
    Failure(Failure),
}

#[derive(PartialEq, Eq)]
enum Next {
    Look,
    Quit,
}

impl Screen {
    fn look(&mut self) -> Result<(), Failure> {
        self.shown = match self.watched.look() {
            Ok(None) => Shown::Nothing,
            Ok(Some(rates)) => Shown::Rates(rates),
            Err(failure) if failure.is_temporary() => Shown::Failure(failure),
            Err(failure) => return Err(failure),
        };
        Ok(())
    }

    /// Serves keys until it is time for the next look.
    fn react_until(&mut self, next: Instant) -> Result<Next, Failure> {
        loop {
            let left = next.saturating_duration_since(Instant::now());
            if !event::poll(left)? {
                return Ok(Next::Look);
            }
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    if self.press(key) == Some(Next::Quit) {
                        return Ok(Next::Quit);
                    }
                }
                Event::Resize(..) => {}
                _ => continue,
            }
            self.draw()?;
            if left == Duration::ZERO {
                return Ok(Next::Look);
            }
        }
    }

    fn press(&mut self, key: KeyEvent) -> Option<Next> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => return Some(Next::Quit),
            KeyCode::Char('c') if control => return Some(Next::Quit),
            KeyCode::Char('b') => self.sort = Sort::Busy,
            KeyCode::Char('p') => self.sort = Sort::Polls,
            KeyCode::Char('i') => self.sort = Sort::Id,
            KeyCode::Char('n') => self.sort = Sort::Name,
            KeyCode::Char('g') => self.group = !self.group,
            KeyCode::Char('l') => {
                self.watched.next_loop();
                self.shown = Shown::Nothing;
            }
            KeyCode::Up => self.first = self.first.saturating_sub(1),
            KeyCode::Down => self.first += 1,
            KeyCode::PageUp => self.first = self.first.saturating_sub(PAGE),
            KeyCode::PageDown => self.first += PAGE,
            KeyCode::Home => self.first = 0,
            _ => {}
        }
        None
    }

    fn draw(&mut self) -> io::Result<()> {
        let (columns, lines) = terminal::size()?;
        let text = self.text(usize::from(lines));
        let mut out = io::stdout().lock();
        queue!(out, terminal::BeginSynchronizedUpdate, cursor::MoveTo(0, 0))?;
        for (number, line) in text.lines().take(usize::from(lines)).enumerate() {
            if number > 0 {
                write!(out, "\r\n")?;
            }
            queue!(out, terminal::Clear(terminal::ClearType::CurrentLine))?;
            // A line that is too long would push the others down.
            let cut: String = line.chars().take(usize::from(columns)).collect();
            let attribute = if number == HEADER { Attribute::Reverse } else { Attribute::Reset };
            write!(out, "{}{cut}{}", SetAttribute(attribute), SetAttribute(Attribute::Reset))?;
        }
        queue!(out, terminal::Clear(terminal::ClearType::FromCursorDown))?;
        queue!(out, terminal::EndSynchronizedUpdate)?;
        out.flush()
    }

    /// So many lines, the last one with the keys.
    fn text(&mut self, lines: usize) -> String {
        let process = &self.watched.target.process;
        let mut text = match &self.shown {
            Shown::Nothing => format!("looking at process {} ...\n", process.pid),
            Shown::Failure(failure) => format!("process {}: {failure}\n", process.pid),
            Shown::Rates(rates) => {
                let rows = rates.rows(self.sort, self.group);
                self.first = self.first.min(rows.len().saturating_sub(1));
                let most = lines.saturating_sub(HEADER + 2);
                let end = rows.len().min(self.first + most);
                let heading = view::heading(process, self.watched.chosen(), rates);
                let tasks = view::tasks(&rows[self.first..end], self.group);
                format!("{heading}\n{tasks}")
            }
        };
        let used = text.lines().count();
        text.extend(std::iter::repeat_n('\n', lines.saturating_sub(used + 1)));
        text.push_str(KEYS);
        text
    }
}

/// A terminal that gives every key at once and shows nothing by itself, until this is dropped.
struct RawTerminal;

impl RawTerminal {
    fn new() -> io::Result<RawTerminal> {
        terminal::enable_raw_mode()?;
        // From here on the drop undoes it.
        let raw = RawTerminal;
        execute!(io::stdout(), terminal::EnterAlternateScreen, cursor::Hide)?;
        Ok(raw)
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), cursor::Show, terminal::LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}
