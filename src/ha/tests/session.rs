use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;

type Server = WebSocketStream<DuplexStream>;

const GREETING: &str = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":5000}"#;

async fn session(stream: DuplexStream, password: Option<&str>) -> Session<'_, DuplexStream> {
    let socket = WebSocketStream::from_raw_socket(Throttle::new(stream), Role::Client, Some(limits()));
    Session::over(socket.await, password)
}

/// Both ends of a connection in memory. Time passes by itself where nobody has anything else to do.
async fn ends(password: Option<&str>) -> (Session<'_, DuplexStream>, Server) {
    let (ours, theirs) = duplex(1 << 16);
    let session = session(ours, password).await;
    (session, WebSocketStream::from_raw_socket(theirs, Role::Server, None).await)
}

/// A server that has greeted and says this, then nothing more, but does not hang up.
async fn said(says: &[&str]) -> (Session<'static, DuplexStream>, Server) {
    let (session, mut server) = ends(None).await;
    for text in [GREETING, "40"].iter().chain(says) {
        server.send(Message::text(*text)).await.unwrap();
    }
    (session, server)
}

async fn heard(server: &mut Server) -> String {
    server.next().await.unwrap().unwrap().into_text().unwrap().to_string()
}

#[tokio::test(start_paused = true)]
async fn events_come_in_their_order() {
    let (mut session, _server) = said(&[r#"42["topblock",7]"#, "6", "nonsense", r#"42["down"]"#]).await;
    assert_eq!(session.next().await.unwrap(), Event::News);
    assert_eq!(session.next().await.unwrap(), Event::Down);
}

#[tokio::test(start_paused = true)]
async fn without_a_password_nothing_but_pings_is_ever_said() {
    let (mut session, mut server) = ends(None).await;
    let server = async {
        for text in [GREETING, "40", r#"42["topblock",7]"#, r#"42["auth",false]"#] {
            server.send(Message::text(text)).await.unwrap();
        }
        assert_eq!(heard(&mut server).await, packet::PING);
        server
    };
    let listening = async { while session.next().await.is_ok() {} };
    tokio::select! {
        _server = server => {}
        () = listening => panic!("the connection ended before the first ping"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_password_is_said_once_the_server_takes_events() {
    let (mut session, mut server) = ends(Some("password")).await;
    let server = async {
        server.send(Message::text(GREETING)).await.unwrap();
        server.send(Message::text("40")).await.unwrap();
        assert_eq!(heard(&mut server).await, packet::auth("password"));
        server.send(Message::text(r#"42["auth",true]"#)).await.unwrap();
        server
    };
    let (event, _server) = tokio::join!(session.next(), server);
    assert_eq!(event.unwrap(), Event::Auth(true));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_pings_is_listened_to_for_hours() {
    let (mut session, mut server) = said(&[]).await;
    let started = Instant::now();
    let server = async {
        for _ in 0..1000 {
            assert_eq!(heard(&mut server).await, "2");
            server.send(Message::text("3")).await.unwrap();
        }
        server.send(Message::text(r#"42["ready"]"#)).await.unwrap();
        server
    };
    let (event, _server) = tokio::join!(session.next(), server);
    assert_eq!((event.unwrap(), started.elapsed().as_secs()), (Event::News, 25_000));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_left() {
    let (mut session, _server) = said(&[]).await;
    let started = Instant::now();
    assert!(matches!(session.next().await, Err(Lost::Silent)));
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_talks_but_does_not_answer_is_left() {
    let (mut session, mut server) = said(&[]).await;
    let started = Instant::now();
    let talk = async {
        while server.send(Message::text(r#"42["ready"]"#)).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let listen = async {
        let lost = loop {
            match session.next().await {
                Ok(event) => assert_eq!(event, Event::News),
                Err(lost) => break lost,
            }
        };
        drop(session);
        lost
    };
    let (lost, ()) = tokio::join!(listen, talk);
    assert!(matches!(lost, Lost::Silent), "{lost}");
    assert!(started.elapsed() <= Duration::from_secs(31));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_greet_is_left() {
    let (mut session, _server) = ends(None).await;
    let started = Instant::now();
    assert!(matches!(session.next().await, Err(Lost::NoGreeting)));
    assert_eq!(started.elapsed(), GREETING_LIMIT);
}

#[tokio::test(start_paused = true)]
async fn servers_that_hang_up_refuse_or_are_something_else_are_left() {
    let rows = [
        ("0{}", "1", "the server closed the connection"),
        ("0{}", "44", "the server refused the connection"),
        ("hello", "0{}", "the server does not speak socket.io 2"),
    ];
    for (first, then, reason) in rows {
        let (mut session, mut server) = ends(None).await;
        server.send(Message::text(first)).await.unwrap();
        server.send(Message::text(then)).await.unwrap();
        assert_eq!(session.next().await.unwrap_err().to_string(), reason, "{first} {then}");
    }
    let (mut session, mut server) = said(&[]).await;
    server.close(None).await.unwrap();
    assert!(matches!(session.next().await, Err(Lost::HungUp)));
}

/// Why the session ends when its server sends these bytes.
async fn lost_to(bytes: Vec<u8>) -> Lost {
    let (ours, mut theirs) = duplex(1 << 16);
    let mut session = session(ours, None).await;
    let send = async {
        let _ = theirs.write_all(&bytes).await;
        theirs
    };
    let (lost, _theirs) = tokio::join!(
        async {
            let lost = session.next().await.unwrap_err();
            drop(session);
            lost
        },
        send
    );
    lost
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_no_frames_end_the_connection() {
    let rows: [(&str, Vec<u8>); 5] = [
        ("text", b"HTTP/1.1 200 OK\r\n\r\n".repeat(10)),
        ("a reserved bit", vec![0xf1, 0x01, b'x']),
        ("text that is not UTF-8", vec![0x81, 0x02, 0xff, 0xfe]),
        ("a masked frame", vec![0x81, 0x81, 1, 2, 3, 4, b'x']),
        ("a huge frame", [&[0x81, 127][..], &u64::to_be_bytes(1 << 62)].concat()),
    ];
    for (name, bytes) in rows {
        let lost = lost_to(bytes).await;
        assert!(matches!(lost, Lost::Broken(_)), "{name}: {lost}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_without_end_is_hung_up_on() {
    let start = [0x01, 126, 0x10, 0x00];
    let next = [0x00, 126, 0x10, 0x00];
    let fragments = std::iter::once(start).chain(std::iter::repeat_n(next, 1000));
    let bytes = fragments.flat_map(|head| [head.to_vec(), vec![b' '; 0x1000]]).flatten().collect();
    assert!(matches!(lost_to(bytes).await, Lost::Broken(_)));
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_read_at_the_pace_of_a_server_that_has_something_to_say() {
    let (ours, mut theirs) = duplex(1 << 16);
    let mut throttle = Throttle::new(ours);
    let flood = tokio::spawn(async move { while theirs.write_all(&[0; 1 << 12]).await.is_ok() {} });
    let started = Instant::now();
    let mut read = 0;
    while started.elapsed() < Duration::from_secs(100) {
        read += throttle.read(&mut [0; 1 << 12]).await.unwrap();
    }
    let seconds = read as f64 / f64::from(64 * 1024);
    assert!((100.0..110.0).contains(&seconds), "as much as takes {seconds} s");
    drop(throttle);
    flood.await.unwrap();
}
