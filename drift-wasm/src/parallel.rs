//! Plain data parallelism that cannot change a result: outputs come back in the order of the inputs.

/// `items` mapped by `f`, with up to `n_threads` threads where the platform has them.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn map<T: Send, U: Send>(items: Vec<T>, n_threads: usize, f: impl Fn(T) -> U + Sync) -> Vec<U> {
    use std::sync::Mutex;

    if n_threads <= 1 || items.len() <= 1 {
        return items.into_iter().map(f).collect();
    }
    let n_items = items.len();
    let queue = Mutex::new(items.into_iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(n_items));
    let lock = "no thread panics while it holds the lock";
    std::thread::scope(|scope| {
        for _ in 0..n_threads.min(n_items) {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect(lock).next();
                    let Some((index, item)) = next else { return };
                    let output = f(item);
                    done.lock().expect(lock).push((index, output));
                }
            });
        }
    });
    let mut done = done.into_inner().expect(lock);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, output)| output).collect()
}

/// `items` mapped by `f`; one worker has one thread.
#[cfg(target_arch = "wasm32")]
pub(crate) fn map<T: Send, U: Send>(items: Vec<T>, _n_threads: usize, f: impl Fn(T) -> U + Sync) -> Vec<U> {
    items.into_iter().map(f).collect()
}
