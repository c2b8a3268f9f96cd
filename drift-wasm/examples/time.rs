fn main() {
    let args: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let ps: Vec<_> = std::thread::scope(|s| {
        let hs: Vec<_> = args[1..3]
            .iter()
            .map(|p| {
                s.spawn(move || {
                    let o = drift::read::ReadOptions::new(p.clone());
                    drift::read::profile_source(
                        std::fs::File::open(p).unwrap(),
                        &o,
                        1,
                        &drift::read::NoProgress,
                    )
                    .unwrap()
                })
            })
            .collect();
        hs.into_iter().map(|h| h.join().unwrap()).collect()
    });
    eprintln!("profiles {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let r = drift::compare::compare(
        &ps[0],
        &ps[1],
        &drift::compare::CompareOptions {
            n_threads: 2,
            ..Default::default()
        },
    )
    .unwrap();
    eprintln!("compare {:?}", t.elapsed());
    println!(
        "{:?} {} / {}",
        r.verdict,
        r.sentence,
        r.lead.clone().unwrap_or_default()
    );
    for c in &r.columns {
        println!(
            "{:20} {:?} {:?} sev {:?} det {:?} {} [{}]",
            c.name,
            c.r#type,
            c.verdict,
            c.severity,
            c.smallest_detectable,
            c.what_changed,
            c.type_reason
        );
    }
    println!("{}", r.receipt.digest);
}
