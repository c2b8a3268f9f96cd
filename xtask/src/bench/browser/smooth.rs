//! Whether our page answers while it works: no peer is measured, the limits are what a person notices.

use std::path::PathBuf;

use serde::Deserialize;

use super::Bench;

/// Milliseconds for which the main thread may be busy at a stretch while files are compared.
const MOST_BUSY: f64 = 50.0;
/// Milliseconds from a moved slider to the table that says so.
const MOST_JUDGED: f64 = 16.0;

/// What `bench/browser/smooth.mjs` prints, in milliseconds: how long the main thread was busy at a stretch, 0 below 50.
#[derive(Debug, Deserialize)]
struct Smooth {
    comparing: f64,
    /// From a moved slider to the table that says so.
    judged: f64,
    judging: f64,
    wide: Wide,
}

/// The same of 2,000 columns.
#[derive(Debug, Deserialize)]
struct Wide {
    comparing: f64,
    scrolling: f64,
    /// 19 of 20 frames come within so long.
    frame: f64,
    judged: f64,
    judging: f64,
}

/// The table of the document, and the promises that are broken.
pub fn measure(bench: &Bench, files: &[PathBuf; 2]) -> anyhow::Result<(String, Vec<String>)> {
    Ok(bench.run::<Smooth>("bench/browser/smooth.mjs", &[], files)?.judge())
}

impl Smooth {
    fn judge(&self) -> (String, Vec<String>) {
        let Self { comparing, judged, judging, wide } = self;
        let stretch = |at: &f64| if *at < MOST_BUSY { format!("below {MOST_BUSY:.0}") } else { format!("{at:.0}") };
        let mut rows = String::from(
            "\nWhile it works the page must answer. Milliseconds: the longest that its main thread was busy at a \
             stretch, from a moved slider to the table that says so (median of 20), and the frames of which 19 in 20 \
             come within so long.\n\n| files | busy while comparing | judged anew | busy meanwhile | busy while \
             scrolling | frame |\n| --- | --- | --- | --- | --- | --- |\n",
        );
        rows += &format!(
            "| 20 columns | {} (≤ {MOST_BUSY:.0}) | {judged:.1} (≤ {MOST_JUDGED:.0}) | {} | | |\n",
            stretch(comparing),
            stretch(judging)
        );
        rows += &format!(
            "| 2,000 columns | {} | {:.0} | {} | {} | {:.0} |\n",
            stretch(&wide.comparing),
            wide.judged,
            stretch(&wide.judging),
            stretch(&wide.scrolling),
            wide.frame
        );
        let mut broken = Vec::new();
        if *comparing > MOST_BUSY {
            broken.push(format!("busy for {comparing:.0} ms while comparing, promised {MOST_BUSY:.0}"));
        }
        if *judged > MOST_JUDGED {
            broken.push(format!("judged anew in {judged:.1} ms, promised {MOST_JUDGED:.0}"));
        }
        (rows, broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_does_not_answer_is_told() {
        let wide = Wide { comparing: 0.0, scrolling: 60.0, frame: 17.0, judged: 150.0, judging: 0.0 };
        let calm = Smooth { comparing: 0.0, judged: 9.0, judging: 0.0, wide };
        let (rows, broken) = calm.judge();
        assert_eq!(broken, Vec::<String>::new());
        assert_eq!(rows.lines().last(), Some("| 2,000 columns | below 50 | 150 | below 50 | 60 | 17 |"));
        assert_eq!(Smooth { comparing: 51.0, judged: 17.0, ..calm }.judge().1.len(), 2);
    }
}
