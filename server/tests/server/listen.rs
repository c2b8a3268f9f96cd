//! Connections, over a real socket.

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use driftsiren_server::listen::{self, Patience};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// A server of one route; it ends when the sender is used.
async fn server(router: Router, head: Duration) -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("bound");
    let patience = Patience { head, ..Patience::default() };
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(listen::serve(listener, router, patience, async {
        let _ = stopped.await;
    }));
    (addr, stop, serving)
}

async fn said(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer, and an end");
    text
}

#[tokio::test]
async fn a_head_that_does_not_come_is_told_so() {
    let soon = Duration::from_millis(50);
    let (addr, _stop, _) = server(Router::new().route("/", get(|| async { "here" })), soon).await;
    let mut slow = TcpStream::connect(addr).await.expect("it listens");
    slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.expect("sent");
    let text = said(&mut slow).await;
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    assert!(text.contains("/problems/header-timeout"), "{text}");
    let mut silent = TcpStream::connect(addr).await.expect("it listens");
    assert_eq!(said(&mut silent).await, "", "who asks nothing is answered nothing");
}

#[tokio::test]
async fn a_head_that_does_not_end_is_refused_before_it_fills_the_memory() {
    let (addr, _stop, _) = server(Router::new().route("/", get(|| async { "here" })), LONG).await;
    let mut endless = TcpStream::connect(addr).await.expect("it listens");
    endless.write_all(b"GET / HTTP/1.1\r\nx: ").await.expect("sent");
    // The server stops reading, and says why.
    let piece = vec![b'x'; 64 << 10];
    endless.write_all(&piece).await.expect("sent");
    let text = said(&mut endless).await;
    assert!(text.starts_with("HTTP/1.1 431 "), "{text}");
}

#[tokio::test]
async fn an_answer_arrives_though_the_body_was_not_read() {
    let (addr, _stop, _) = server(Router::new().route("/", post(|| async { "no, thank you" })), LONG).await;
    let mut client = TcpStream::connect(addr).await.expect("it listens");
    let n = 8 << 20;
    let head = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {n}\r\n\r\n");
    client.write_all(head.as_bytes()).await.expect("sent");
    // More than the sockets hold: without somebody who reads it this would never end, or the answer be lost.
    client.write_all(&vec![b'x'; n]).await.expect("the server reads on");
    let text = said(&mut client).await;
    assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("no, thank you"), "{text}");
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_server_ends() {
    let (begun, mut has_begun) = tokio::sync::mpsc::channel::<()>(1);
    let go_on = std::sync::Arc::new(tokio::sync::Notify::new());
    let going_on = go_on.clone();
    let slow = move || async move {
        begun.send(()).await.expect("somebody waits");
        going_on.notified().await;
        "finished"
    };
    let (addr, stop, serving) = server(Router::new().route("/", get(slow)), LONG).await;
    let mut kept_open = TcpStream::connect(addr).await.expect("it listens");
    let mut client = TcpStream::connect(addr).await.expect("it listens");
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    has_begun.recv().await.expect("it arrived");
    stop.send(()).expect("the server listens");
    assert_eq!(said(&mut kept_open).await, "", "an idle connection is let go");
    assert!(TcpStream::connect(addr).await.is_err(), "nobody new is let in");
    go_on.notify_one();
    let text = said(&mut client).await;
    assert!(text.ends_with("finished"), "{text}");
    drop((kept_open, client));
    serving.await.expect("it ended by itself");
}

#[tokio::test]
async fn an_answer_to_a_body_that_was_not_read_says_that_the_connection_ends() {
    let router = Router::new()
        .route("/refused", post(|| async { "no" }))
        .route("/read", post(|body: axum::body::Bytes| async move { body.len().to_string() }));
    let (addr, _stop, _) = server(router, LONG).await;
    let mut stream = TcpStream::connect(addr).await.expect("it listens");
    // One connection takes what is read, as often as one likes, and ends with what is not.
    for _ in 0..2 {
        stream.write_all(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").await.expect("sent");
        stream.write_all(b"ab").await.expect("sent");
    }
    stream.write_all(b"POST /refused HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").await.expect("sent");
    let text = said(&mut stream).await;
    let (read, refused) = text.rsplit_once("HTTP/1.1 ").expect("three answers");
    assert_eq!(read.matches("HTTP/1.1 200").count(), 2, "{text}");
    assert!(!read.contains("connection: close"), "{text}");
    assert!(refused.contains("connection: close"), "{text}");
}
