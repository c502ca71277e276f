//! One bar chart a row.

use plotters::prelude::*;

use super::{compare::Compared, compare::Line, table::number};
use crate::Result;

const WIDTH: u32 = 520;
const BAR: u32 = 26;

/// Draws a row as an SVG: a bar a runtime, its extremes as a whisker, the target as a line.
pub(crate) fn bars(table: &Compared, line: &Line) -> Result<String> {
    let bars: Vec<_> = table
        .runtimes
        .iter()
        .zip(&line.figures)
        .filter_map(|(runtime, figure)| Some((runtime.as_str(), (*figure)?)))
        .collect();
    let widest = scale_end(bars.iter().map(|(_, figure)| figure.median).collect(), line.target);
    let height = bars.len() as u32 * BAR + 8;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        // Room for the names on the left and for the figures on the right.
        let (left, right) = (110, 90);
        let scale = f64::from(WIDTH - left - right) / widest;
        let x = |value: f64| (left as f64 + value.clamp(0.0, widest) * scale) as i32;
        for (index, (runtime, figure)) in bars.iter().enumerate() {
            let top = (index as u32 * BAR + 6) as i32;
            let middle = top + BAR as i32 / 2 - 4;
            let text = ("sans-serif", 13).into_font();
            area.draw(&Text::new((*runtime).to_owned(), (4, middle - 7), text.clone()))?;
            area.draw(&Rectangle::new(
                [(left as i32, top), (x(figure.median).max(left as i32 + 1), top + BAR as i32 - 8)],
                colour(runtime).filled(),
            ))?;
            let whisker = [(x(figure.least), middle), (x(figure.most), middle)];
            area.draw(&PathElement::new(whisker.to_vec(), BLACK.mix(0.5)))?;
            let cut = if figure.median > widest { "» " } else { "" };
            let words = format!("{cut}{}", number(figure.median));
            let end = x(figure.median.max(figure.most)).max(left as i32 + 1) + 6;
            area.draw(&Text::new(words, (end, middle - 7), text))?;
        }
        if let Some(target) = line.target {
            let target = x(target);
            let rule = vec![(target, 0), (target, height as i32)];
            area.draw(&PathElement::new(rule, RGBColor(200, 60, 60).stroke_width(1)))?;
        }
        area.present()?;
    }
    Ok(svg)
}

/// Where the scale ends: at the longest bar, unless that would crush the others; then it is cut off.
fn scale_end(mut medians: Vec<f64>, target: Option<f64>) -> f64 {
    /// How many times the middle bar a bar may be long.
    const LONGEST: f64 = 5.0;
    medians.sort_by(f64::total_cmp);
    let longest = medians.last().copied().unwrap_or(0.0).max(target.unwrap_or(0.0));
    let middle = medians.get(medians.len() / 2).copied().unwrap_or(0.0);
    match longest.min(middle * LONGEST) {
        end if end > 0.0 => end,
        _ => longest.max(1.0),
    }
}

fn colour(runtime: &str) -> RGBColor {
    match runtime {
        "limit" => RGBColor(150, 150, 150),
        name if name.starts_with("ours") => RGBColor(46, 125, 90),
        _ => RGBColor(110, 140, 190),
    }
}
