//! A server that speaks bytes, and goes wrong with them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does once it has read a request.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Sends these bytes and closes.
    Sends(Vec<u8>),
    /// Sends these bytes and resets the connection.
    Resets(Vec<u8>),
    /// Sends these bytes and then nothing more, and does not close.
    Stalls(Vec<u8>),
    /// Sends the first bytes, then one of the others after each pause.
    Trickles(Vec<u8>, Duration),
    /// Sends the first bytes, then the second ones so often.
    Floods(Vec<u8>, Vec<u8>, usize),
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    sent: Arc<AtomicUsize>,
}

impl Server {
    pub async fn with(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, manner.clone(), Arc::clone(&counted)));
            }
        });
        Self { address, sent }
    }

    /// How many bytes of a flood found a taker.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, manner: Manner, sent: Arc<AtomicUsize>) {
    // A request of these tests fits one read; what it says does not matter.
    let mut request = [0; 4096];
    let Ok(1..) = stream.read(&mut request).await else { return };
    // A client that has had enough closes: no write here must succeed.
    match manner {
        Manner::Sends(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Manner::Resets(bytes) => {
            let _ = stream.write_all(&bytes).await;
            stream.set_zero_linger().unwrap();
        }
        Manner::Stalls(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending::<()>().await;
        }
        Manner::Trickles(bytes, pause) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        }
        Manner::Floods(first, chunk, times) => {
            let _ = stream.write_all(&first).await;
            for _ in 0..times {
                if stream.write_all(&chunk).await.is_err() {
                    return;
                }
                sent.fetch_add(chunk.len(), Ordering::Relaxed);
            }
        }
    }
}

/// A head that promises a body of some length.
pub fn head(length: usize, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{more}\r\n").into_bytes()
}

/// A whole answer.
pub fn whole(body: &[u8]) -> Vec<u8> {
    [head(body.len(), ""), body.to_vec()].concat()
}

/// The beginning of a gzip stream, and a piece of it that may be repeated without end: each 13
/// bytes of the piece unpack to 2,064 zeros (RFC 1951: in a block of fixed codes, "258 bytes from 1
/// byte back" is 13 bits long, so that eight of them fill 13 bytes).
pub fn bomb() -> (Vec<u8>, Vec<u8>) {
    const MATCH: u16 = 0b0_0000_1010_0011;
    let mut bits = Bits::default();
    // Not the last block, fixed codes, the literal 0; a stored block of nothing aligns to a byte.
    bits.push(0b0, 1);
    bits.push(0b01, 2);
    bits.push(u16::from(0b0011_0000_u8.reverse_bits()), 8);
    bits.push(0, 7);
    bits.push(0b0, 1);
    bits.push(0b00, 2);
    let mut first = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    first.extend(bits.bytes());
    first.extend([0, 0, 0xff, 0xff]);
    // Each piece is a block of its own, aligned by a stored block of nothing behind it.
    let mut bits = Bits::default();
    bits.push(0b0, 1);
    bits.push(0b01, 2);
    for _ in 0..4096 {
        bits.push(MATCH, 13);
    }
    bits.push(0, 7);
    bits.push(0b0, 1);
    bits.push(0b00, 2);
    let mut piece = bits.bytes();
    piece.extend([0, 0, 0xff, 0xff]);
    (first, piece)
}

/// Bits from the lowest of each byte on.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn push(&mut self, value: u16, count: u16) {
        self.0.extend((0..count).map(|bit| value >> bit & 1 == 1));
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().zip(0..).fold(0, |byte, (bit, place)| byte | u8::from(*bit) << place)
        };
        self.0.chunks(8).map(byte).collect()
    }
}
