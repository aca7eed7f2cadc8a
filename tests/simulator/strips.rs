//! One world, drawn: a strip for each policy, coloured by what the pool got.

use std::fmt::Write;

use super::{Millis, policies::Policy, score::Strip, world::Grade};

/// An SVG of the strips of one world.
pub fn svg(strips: &[Strip; Policy::ALL.len()], length: Millis, title: &str) -> String {
    let mut text = String::new();
    let height = TOP + Policy::ALL.len() * ROW + 50;
    let width = LEFT + WIDTH + 20;
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"10\" y=\"20\" fill=\"#222\">{title}</text>"
    );
    for (index, policy) in Policy::ALL.into_iter().enumerate() {
        strip(&mut text, &strips[index], length, TOP + index * ROW, policy.name());
    }
    axis(&mut text, length, TOP + Policy::ALL.len() * ROW);
    legend(&mut text, height - 12);
    text.push_str("</svg>\n");
    text
}

/// What is not the best is drawn over it, and never thinner than can be seen.
fn strip(text: &mut String, strip: &Strip, length: Millis, y: usize, name: &str) {
    let bar = ROW - 8;
    let _ = writeln!(
        text,
        "<text x=\"10\" y=\"{}\" fill=\"#222\">{name}</text>\n\
         <rect x=\"{LEFT}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{bar}\" fill=\"{}\"/>",
        y + bar - 4,
        colour(Grade::Best)
    );
    let ends = strip.iter().skip(1).map(|(at, _)| *at).chain([length]);
    let mut drawn = (Grade::Best, 0.0);
    for ((start, grade), end) in strip.iter().zip(ends).filter(|((_, grade), _)| *grade != Grade::Best) {
        let x = LEFT as f64 + place(*start, length);
        let width = (place(end, length) - place(*start, length)).max(THINNEST);
        // A daemon that loses some requests gives thousands of one second each.
        if drawn.0 == *grade && x + width < drawn.1 + THINNEST / 2.0 {
            continue;
        }
        drawn = (*grade, x + width);
        let fill = colour(*grade);
        let _ = writeln!(text, "<rect x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{bar}\" fill=\"{fill}\"/>");
    }
}

fn axis(text: &mut String, length: Millis, y: usize) {
    let days = length / DAY;
    for day in 0..=days {
        let x = LEFT as f64 + place(day * DAY, length);
        let _ = writeln!(text, "<text x=\"{x:.1}\" y=\"{}\" fill=\"#666\" text-anchor=\"middle\">{day}</text>", y + 12);
    }
    let _ = writeln!(text, "<text x=\"10\" y=\"{}\" fill=\"#666\">day</text>", y + 12);
}

fn legend(text: &mut String, y: usize) {
    let names = [
        (Grade::Best, "on the best block"),
        (Grade::Stale, "on an older block"),
        (Grade::Fork, "on a fork"),
        (Grade::Nothing, "no daemon"),
    ];
    for (index, (grade, name)) in names.into_iter().enumerate() {
        let x = LEFT + index * 170;
        let fill = colour(grade);
        let _ = writeln!(
            text,
            "<rect x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{fill}\"/>\
             <text x=\"{}\" y=\"{y}\" fill=\"#222\">{name}</text>",
            y - 11,
            x + 18
        );
    }
}

fn place(at: Millis, length: Millis) -> f64 {
    WIDTH as f64 * at as f64 / length as f64
}

fn colour(grade: Grade) -> &'static str {
    match grade {
        Grade::Best => "#b7dcb9",
        Grade::Stale => "#e8a33d",
        Grade::Fork => "#c2334d",
        Grade::Nothing => "#333333",
    }
}

const LEFT: usize = 140;
const WIDTH: usize = 840;
const TOP: usize = 34;
const ROW: usize = 30;

/// Ten seconds of a week could not be seen otherwise.
const THINNEST: f64 = 1.0;

/// In milliseconds.
const DAY: Millis = 86_400_000;
