//! Tables for a comparison that nobody sees. A browser compiles anew, and better, what runs often: this is how it has
//! done so before the first files come.

use std::fmt::Write;

use super::call::Failure;
use super::inputs::Input;

const HEADER: &str = "count,price,share,label,quoted,flag,time\n";
/// Different rows, and how often they are repeated: about a megabyte, with which the engine's inner loops are long.
const N_ROWS: u32 = 1_024;
const N_TIMES: usize = 16;
/// How often the report is judged anew: what is done once for each column runs often then, too.
pub(super) const N_JUDGED: usize = 8;

/// The two tables.
pub(super) fn inputs() -> Result<[Input; 2], Failure> {
    Ok([Input::of_text("rehearsal", &table(0))?, Input::of_text("rehearsal", &table(1))?])
}

/// Rows with every usual kind of cell; `side` moves the numbers.
fn table(side: u32) -> String {
    let mut rows = String::new();
    for row in 0..N_ROWS {
        // A linear congruential generator: no two rows alike.
        let draw = row.wrapping_mul(1_664_525).wrapping_add(1_013_904_223 + side) >> 8;
        let (label, hundredths, second) = (draw % 997, draw % 100, draw % 60);
        let share = f64::from(draw) / 16_777_216.0;
        writeln!(
            rows,
            "{},{}.{hundredths:02},{share},label {label},\"row {label}, quoted\",{},2026-01-05T10:{second:02}:00",
            draw % 1_000 + side,
            draw % 5_000,
            if draw.is_multiple_of(3) { "true" } else { "" },
        )
        .expect("a text grows");
    }
    HEADER.to_owned() + &rows.repeat(N_TIMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_every_column() {
        let table = table(1);
        let n_commas = |line: &str| line.replace(", quoted", "").matches(',').count();
        assert_eq!(table.lines().count(), 1 + N_ROWS as usize * N_TIMES);
        assert!(table.lines().all(|line| n_commas(line) == n_commas(HEADER)));
    }
}
