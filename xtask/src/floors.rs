//! The floors of each crate: which of its top-level modules name which, and that none hold each other in a circle.
//!
//! A module that names another stands above it. Two modules that name each other, directly or through others, cannot
//! be read, tested or moved apart; a new such circle fails a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::workspace;

/// Circles that are known, each with the reason why it stays. They may only shrink.
const KNOWN: &[(&str, &[&str], &str)] = &[
    ("server", &["console", "pages", "theme"], "to be cut"),
    ("agent", &["config", "flags"], "to be cut: FailOn goes to the engine"),
];

/// The crates whose floors are kept.
const CRATES: &[&str] = &["drift-wasm", "server", "app", "agent", "xtask"];

/// Which modules each module names.
type Names = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_two_modules_of_a_crate_hold_each_other() {
    let mut found = Vec::new();
    for krate in CRATES {
        let names = names_of(&workspace::root().join(krate).join("src"));
        assert!(names.len() > 3, "{krate}: its modules were not found");
        found.extend(circles(&names).into_iter().map(|circle| (*krate, circle)));
    }
    let known = |(krate, circle): &(&str, BTreeSet<String>)| {
        KNOWN
            .iter()
            .any(|(of, members, _)| of == krate && circle.iter().map(String::as_str).eq(members.iter().copied()))
    };
    let new: Vec<_> = found.iter().filter(|one| !known(one)).collect();
    assert!(new.is_empty(), "new circles of modules: {new:?}; move what both need one floor down");
    assert_eq!(found.len(), KNOWN.len(), "a known circle was cut: take it out of the list");
}

#[test]
fn a_planted_circle_is_found() {
    let folder = std::env::temp_dir().join(format!("driftsiren-floors-{}", std::process::id()));
    fs::create_dir_all(folder.join("upper")).expect("a temporary folder");
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).expect("a source file");
    write("lib.rs", "mod upper; mod lower; mod between; mod alone;");
    write("upper/mod.rs", "mod part;");
    write("upper/part.rs", "use crate::{\n    alone::{Thing, Other},\n    between::Middle,\n};");
    write("between.rs", "fn f() -> crate::lower::Low { todo() }");
    write(
        "alone.rs",
        "// crate::upper is named in a comment alone\nuse std::fmt;\n#[cfg(test)]\nmod tests { use crate::upper; }",
    );
    write("lower.rs", "use crate::alone::Thing;");
    assert_eq!(circles(&names_of(&folder)), Vec::<BTreeSet<String>>::new(), "no circle yet");
    write("lower.rs", "use crate::{alone::Thing, upper::Up};");
    let circle: BTreeSet<String> = ["between", "lower", "upper"].map(str::to_owned).into();
    assert_eq!(circles(&names_of(&folder)), [circle]);
    let _ = fs::remove_dir_all(&folder);
}

/// Reads the sources of a crate; its tests do not count.
fn names_of(src: &Path) -> Names {
    let mut names = Names::new();
    let entries = fs::read_dir(src).expect("a crate has sources");
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        let module = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !["lib", "main", "bin"].contains(&module.as_str()) {
            let mut named = BTreeSet::new();
            read(&path, &mut named);
            named.remove(&module);
            names.insert(module, named);
        }
    }
    let modules: BTreeSet<String> = names.keys().cloned().collect();
    names.values_mut().for_each(|named| named.retain(|module| modules.contains(module)));
    names
}

fn read(path: &Path, named: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            if path.file_stem().is_none_or(|stem| stem != "tests") {
                read(&path, named);
            }
        }
    } else if path.extension().is_some_and(|ending| ending == "rs") {
        let source = fs::read_to_string(path).expect("a readable file");
        let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for (at, _) in code.match_indices("crate::").filter(|(at, _)| !code[..*at].ends_with('$')) {
            roots(&code[at + "crate::".len()..], named);
        }
    }
}

/// The first names of a path below the crate, or of each path of a list in braces.
fn roots(rest: &str, named: &mut BTreeSet<String>) {
    let name_of = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let Some(list) = rest.strip_prefix('{') else {
        named.insert(name_of(rest));
        return;
    };
    let (mut depth, mut begins) = (0_u32, true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if depth == 0 && begins && !c.is_whitespace() => {
                named.insert(name_of(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
}

/// Groups of modules that reach each other, largest names last.
fn circles(names: &Names) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        names.keys().map(|module| (module, reach(names, module))).collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (module, reaches) in &reached {
        let circle: BTreeSet<String> =
            reaches.iter().filter(|other| reached[*other].contains(module)).map(|other| (*other).clone()).collect();
        if circle.len() > 1 && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

/// Every module that a module names, directly or through others.
fn reach<'a>(names: &'a Names, module: &'a String) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![module];
    while let Some(next) = open.pop() {
        for named in &names[next] {
            if reached.insert(named) {
                open.push(named);
            }
        }
    }
    reached
}
