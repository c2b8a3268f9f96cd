//! Profiles a Parquet file some times over: `cargo run --release --example parquet_bench -- FILE [TIMES]`.

use drift::read::ReadOptions;
use drift::read::parquet::ParquetTable;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("give a file")?;
    let times: usize = arguments.next().map_or(Ok(5), |times| times.parse())?;
    for _ in 0..times {
        let begin = std::time::Instant::now();
        let options = ReadOptions::new(&path);
        let table = ParquetTable::open(&path, std::fs::File::open(&path)?, &options)?;
        let mut n_rows = 0;
        for row_group in 0..table.n_row_groups() {
            table.profile_row_group(row_group, &mut |block| {
                n_rows += block.n_rows();
                Ok(())
            })?;
        }
        println!("{n_rows} rows in {:.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}
