//! A wire that can be cut: connections pass through here on their way to a server.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// Hands bytes on to one address, until it is cut.
pub struct Proxy {
    pub addr: SocketAddr,
    wire: Arc<Wire>,
}

struct Wire {
    to: SocketAddr,
    is_cut: AtomicBool,
    is_over: AtomicBool,
    /// Both ends of what is open.
    open: Mutex<Vec<TcpStream>>,
    n_cut: AtomicU64,
}

impl Proxy {
    pub fn start(to: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        let wire = Arc::new(Wire {
            to,
            is_cut: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            open: Mutex::default(),
            n_cut: AtomicU64::new(0),
        });
        let accepting = wire.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.is_over.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(stream) = stream {
                    // A connection that cannot be made is one that is cut.
                    let _ = accepting.connect(stream);
                }
            }
        });
        Ok(Self { addr, wire })
    }

    /// Cuts every connection, and lets none through from here on.
    pub fn cut(&self) {
        self.wire.is_cut.store(true, Ordering::SeqCst);
        self.wire.drop_all();
    }

    /// Lets connections through again.
    pub fn restore(&self) {
        self.wire.is_cut.store(false, Ordering::SeqCst);
    }

    /// Connections that were cut, or tried while everything was cut.
    pub fn n_cut(&self) -> u64 {
        self.wire.n_cut.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.wire.is_over.store(true, Ordering::SeqCst);
        self.wire.drop_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.addr);
    }
}

impl Wire {
    fn connect(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(self.to)?;
        {
            let mut open = self.open.lock().map_err(|_| io::Error::other("broken"))?;
            open.push(client.try_clone()?);
            open.push(server.try_clone()?);
        }
        // Looked at after the list, so that a cut finds either the flag or the connection.
        if self.is_cut.load(Ordering::SeqCst) {
            self.drop_all();
            return Ok(());
        }
        for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
            std::thread::spawn(move || hand_on(from, to));
        }
        Ok(())
    }

    fn drop_all(&self) {
        let Ok(mut open) = self.open.lock() else { return };
        for stream in open.drain(..) {
            // Only those that were still open were cut.
            self.n_cut.fetch_add(u64::from(stream.shutdown(Shutdown::Both).is_ok()), Ordering::SeqCst);
        }
    }
}

fn hand_on(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(n @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
