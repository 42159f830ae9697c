//! A connection to the server that can be cut where it hurts, or led to another server.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_util::sync::CancellationToken;

/// What happens to the next commit, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// It does not reach the server.
    BeforeCommit,
    /// The server commits, and its answer does not reach the client.
    AfterCommit,
}

#[derive(Debug)]
struct State {
    /// The server; `None` while nothing gets through.
    target: Option<PathBuf>,
    cut: Option<Cut>,
    open: CancellationToken,
}

/// Between an indexer and a server.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    pub(super) async fn before(target: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { target: Some(target), cut: None, open: CancellationToken::new() };
        let proxy = Self { port, state: Arc::new(Mutex::new(state)) };
        let serving = proxy.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(serving.clone().serve(client));
            }
        });
        proxy
    }

    pub(super) fn url(&self, database: &str) -> SecretString {
        let port = self.port;
        format!("postgres://interdict@127.0.0.1:{port}/{database}?sslmode=disable").into()
    }

    /// Cuts the next commit.
    pub(super) fn cut(&self, cut: Cut) {
        self.state.lock().unwrap().cut = Some(cut);
    }

    /// Whether a commit was cut since it was asked for.
    pub(super) fn has_cut(&self) -> bool {
        self.state.lock().unwrap().cut.is_none()
    }

    /// Ends every connection; new ones lead there.
    pub(super) fn lead(&self, target: Option<PathBuf>) {
        let mut state = self.state.lock().unwrap();
        state.target = target;
        std::mem::take(&mut state.open).cancel();
    }

    async fn serve(self, client: TcpStream) {
        let (target, open) = {
            let state = self.state.lock().unwrap();
            (state.target.clone(), state.open.clone())
        };
        let Some(target) = target else { return };
        let Ok(server) = UnixStream::connect(target).await else { return };
        tokio::select! {
            () = open.cancelled() => {}
            () = self.pass_on(client, server) => {}
        }
    }

    /// Passes on what either says, until a cut.
    async fn pass_on(&self, mut client: TcpStream, mut server: UnixStream) {
        let (mut said, mut answered) = (vec![0; 64 << 10], vec![0; 64 << 10]);
        loop {
            tokio::select! {
                read = client.read(&mut said) => {
                    let Ok(read @ 1..) = read else { return };
                    let commits = said[..read].windows(6).any(|bytes| bytes == b"COMMIT");
                    let cut = commits.then(|| self.state.lock().unwrap().cut.take()).flatten();
                    if cut == Some(Cut::BeforeCommit) {
                        return;
                    }
                    if server.write_all(&said[..read]).await.is_err() {
                        return;
                    }
                    if cut == Some(Cut::AfterCommit) {
                        // The server answers when it has committed.
                        let _ = server.read(&mut answered).await;
                        return;
                    }
                }
                read = server.read(&mut answered) => {
                    let Ok(read @ 1..) = read else { return };
                    if client.write_all(&answered[..read]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
