//! Oracles behind TLS: whom a question goes to, and whom not.

use super::*;
use reqwest::Certificate;
use std::{
	net::SocketAddr,
	sync::atomic::{AtomicUsize, Ordering},
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpListener,
};
use tokio_rustls::{
	rustls::{
		crypto::ring::default_provider,
		pki_types::{CertificateDer, PrivatePkcs8KeyDer},
		ServerConfig,
	},
	TlsAcceptor,
};

/// An oracle with a certificate of its own for `localhost`.
struct Oracle {
	at: SocketAddr,
	certificate: Certificate,
	/// How many connections there were, and how many requests.
	connected: Arc<AtomicUsize>,
	asked: Arc<AtomicUsize>,
}

impl Oracle {
	async fn start() -> Self {
		let own = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
		let der = own.serialize_der().unwrap();
		let key = PrivatePkcs8KeyDer::from(own.serialize_private_key_der());
		let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
			.with_safe_default_protocol_versions()
			.unwrap()
			.with_no_client_auth()
			.with_single_cert(vec![CertificateDer::from(der.clone())], key.into())
			.unwrap();
		let acceptor = TlsAcceptor::from(Arc::new(config));
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let at = listener.local_addr().unwrap();
		let (connected, asked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
		let (connections, requests) = (connected.clone(), asked.clone());
		tokio::spawn(async move {
			while let Ok((stream, _)) = listener.accept().await {
				connections.fetch_add(1, Ordering::SeqCst);
				let Ok(mut stream) = acceptor.accept(stream).await else { continue };
				let mut request = [0; 4096];
				if stream.read(&mut request).await.is_ok_and(|length| length > 0) {
					requests.fetch_add(1, Ordering::SeqCst);
				}
				let answer = b"HTTP/1.1 200 x\r\ncontent-length: 2\r\n\r\n{}";
				let _ = stream.write_all(answer).await;
			}
		});
		let certificate = Certificate::from_der(&der).unwrap();
		Self { at, certificate, connected, asked }
	}

	fn endpoint(&self, host: &str) -> String {
		format!("https://{host}:{}", self.at.port())
	}

	/// Of somebody for whom its certificate is good.
	fn trusted(&self, host: &str, reach: Reach) -> OracleHttp {
		let client = client(reach).add_root_certificate(self.certificate.clone()).build().unwrap();
		let name = Some(host.to_owned());
		let endpoint = self.endpoint(host);
		OracleHttp { client, endpoint, name, reach, most: MAX_ANSWER }
	}

	fn counts(&self) -> (usize, usize) {
		(self.connected.load(Ordering::SeqCst), self.asked.load(Ordering::SeqCst))
	}
}

#[tokio::test]
async fn an_oracle_whose_certificate_is_good_is_asked() {
	let oracle = Oracle::start().await;
	let http = oracle.trusted("localhost", Reach::Anywhere);
	assert_eq!(http.get("/").await.unwrap(), (200, b"{}".to_vec()));
	assert_eq!(oracle.counts(), (1, 1));
}

#[tokio::test]
async fn nothing_is_asked_of_one_for_whose_name_nobody_vouches() {
	let oracle = Oracle::start().await;
	let unknown = OracleHttp::new(&oracle.endpoint("localhost"), Reach::Anywhere).unwrap();
	let misnamed = oracle.trusted("127.0.0.1", Reach::Anywhere);
	for http in [unknown, misnamed] {
		let error = http.get("/").await.unwrap_err();
		assert!(matches!(error, HttpError::Transport { .. }), "{error}");
		assert!(error.is_unconnected());
	}
	assert_eq!(oracle.counts(), (2, 0));
}

#[tokio::test]
async fn a_certificate_opens_no_way_behind_the_firewall() {
	let oracle = Oracle::start().await;
	let http = oracle.trusted("localhost", Reach::Public);
	assert!(http.check().await.is_err());
	let error = http.get("/").await.unwrap_err();
	assert!(matches!(error, HttpError::NotPublic(_)), "{error}");
	assert_eq!(oracle.counts(), (0, 0));
}
