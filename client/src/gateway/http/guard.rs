//! Who may ask: programs on this machine, and who has the token; never a web page.
//!
//! A page that somebody visits can make their browser send requests to this machine, and by pointing a
//! name of its own at 127.0.0.1 it could read the answers, too. So a request must name the gateway as
//! its host, by an address, as `localhost` or by a name that was allowed; and a request that says which
//! page it comes from must come from the gateway itself.

use super::{
	failure::{Dialect, Failure},
	Api,
};
use crate::gateway::GatewayError;
use axum::{
	extract::{Request, State},
	http::{header, request::Parts, uri::Authority},
	middleware::Next,
	response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::{
	net::{IpAddr, SocketAddr},
	sync::Arc,
};

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Access {
	/// SHA-256 of the token, so that comparing takes as long whatever is guessed.
	token: Option<[u8; 32]>,
	/// Further names of the gateway.
	hosts: Vec<String>,
}

/// Why the gateway does not listen there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
	/// Others could spend this account's money.
	#[error("{0} can be reached from other machines; say --allow-remote if that is wanted")]
	Remote(SocketAddr),
	/// Everybody could.
	#[error("{0} can be reached from other machines, so a token is needed: --token-file")]
	NoToken(SocketAddr),
	/// It can be guessed.
	#[error("the token has {0} characters; use at least 16")]
	Short(usize),
}

/// The shortest token.
const LEAST: usize = 16;

impl Access {
	/// For a gateway that listens at that address.
	pub fn new(
		listen: SocketAddr,
		remote: bool,
		token: Option<&str>,
		hosts: Vec<String>,
	) -> Result<Self, AccessError> {
		let loopback = listen.ip().is_loopback();
		if !loopback && !remote {
			return Err(AccessError::Remote(listen));
		}
		if !loopback && token.is_none() {
			return Err(AccessError::NoToken(listen));
		}
		if let Some(token) = token.filter(|token| token.len() < LEAST) {
			return Err(AccessError::Short(token.len()));
		}
		let token = token.map(|token| Sha256::digest(token).into());
		let hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect();
		Ok(Self { token, hosts })
	}

	fn check(&self, parts: &Parts) -> Result<(), GatewayError> {
		let text = |name| parts.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
		let said = match (parts.uri.authority(), text(header::HOST)) {
			(Some(authority), _) => Some(authority.clone()),
			(None, host) => host.and_then(|host| host.parse::<Authority>().ok()),
		};
		let host = said.filter(|authority| self.is_ours(authority.host())).ok_or_else(|| {
			GatewayError::Foreign(
				"the Host header names another machine; ask for localhost, or start the gateway with \
				 --allow-host NAME"
					.into(),
			)
		})?;
		if let Some(origin) = text(header::ORIGIN) {
			let own = origin.strip_prefix("http://").and_then(|it| it.parse::<Authority>().ok());
			if own.as_ref() != Some(&host) {
				return Err(GatewayError::Foreign(format!(
					"the request comes from the web page {origin:?}; the gateway answers no web pages"
				)));
			}
		}
		if text(header::HeaderName::from_static("sec-fetch-site"))
			.is_some_and(|site| !["none", "same-origin"].contains(&site))
		{
			return Err(GatewayError::Foreign("the gateway answers no web pages".into()));
		}
		let Some(token) = self.token else { return Ok(()) };
		let given = text(header::AUTHORIZATION)
			.and_then(|value| value.split_once(' '))
			.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
			.map(|(_, token)| <[u8; 32]>::from(Sha256::digest(token.trim())));
		match given == Some(token) {
			true => Ok(()),
			false => Err(GatewayError::Unauthorised),
		}
	}

	/// A name can be made to lead here by whoever owns it; an address cannot.
	fn is_ours(&self, host: &str) -> bool {
		let host = host.to_ascii_lowercase();
		let bare = host.trim_start_matches('[').trim_end_matches(']');
		host == "localhost" || bare.parse::<IpAddr>().is_ok() || self.hosts.contains(&host)
	}
}

/// Lets a request through, or not.
pub async fn check(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
	let (parts, body) = request.into_parts();
	match api.access.check(&parts) {
		Ok(()) => next.run(Request::from_parts(parts, body)).await,
		Err(error) => Failure(Dialect::of(parts.uri.path()), error).into_response(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const TOKEN: &str = "0123456789abcdef";

	fn local(token: Option<&str>, hosts: &[&str]) -> Access {
		let listen = "127.0.0.1:8402".parse().unwrap();
		Access::new(listen, false, token, hosts.iter().map(|it| it.to_string()).collect()).unwrap()
	}

	fn asked(access: &Access, headers: &[(&str, &str)]) -> Option<(u16, &'static str)> {
		let mut request = axum::http::Request::builder().uri("/v2");
		for (name, value) in headers {
			request = request.header(*name, *value);
		}
		let (parts, ()) = request.body(()).unwrap().into_parts();
		access.check(&parts).err().map(|error| error.kind())
	}

	#[test]
	fn it_listens_to_other_machines_only_if_told_and_with_a_token() {
		for listen in ["0.0.0.0:1", "192.168.0.2:1", "[::]:1"] {
			let listen: SocketAddr = listen.parse().unwrap();
			let new = |remote, token| Access::new(listen, remote, token, vec![]).err();
			assert_eq!(new(false, Some(TOKEN)), Some(AccessError::Remote(listen)));
			assert_eq!(new(true, None), Some(AccessError::NoToken(listen)));
			assert_eq!(new(true, Some("short")), Some(AccessError::Short(5)));
			assert_eq!(new(true, Some(TOKEN)), None);
		}
		assert!(Access::new("[::1]:1".parse().unwrap(), false, None, vec![]).is_ok());
	}

	#[test]
	fn a_name_that_was_made_to_lead_here_is_refused() {
		let access = local(None, &["gateway.example"]);
		for host in
			["localhost", "LOCALHOST:8402", "127.0.0.1:8402", "[::1]:8402", "gateway.example"]
		{
			assert_eq!(asked(&access, &[("host", host)]), None, "{host}");
		}
		for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b"]
		{
			assert_eq!(asked(&access, &[("host", host)]), Some((403, "foreign")), "{host}");
		}
		assert_eq!(asked(&access, &[]), Some((403, "foreign")));
	}

	#[test]
	fn a_web_page_is_refused() {
		let access = local(None, &[]);
		let host = ("host", "localhost:8402");
		assert_eq!(asked(&access, &[host, ("origin", "http://localhost:8402")]), None);
		assert_eq!(asked(&access, &[host, ("sec-fetch-site", "none")]), None);
		for origin in
			["null", "http://evil.example", "http://localhost:3000", "https://localhost:8402"]
		{
			assert_eq!(
				asked(&access, &[host, ("origin", origin)]),
				Some((403, "foreign")),
				"{origin}"
			);
		}
		for site in ["cross-site", "same-site"] {
			assert_eq!(asked(&access, &[host, ("sec-fetch-site", site)]), Some((403, "foreign")));
		}
	}

	#[test]
	fn with_a_token_nobody_asks_without_it() {
		let access = local(Some(TOKEN), &[]);
		let host = ("host", "localhost");
		let bearer = |value: &str| asked(&access, &[host, ("authorization", value)]);
		assert_eq!(bearer(&format!("Bearer {TOKEN}")), None);
		assert_eq!(bearer(&format!("bearer {TOKEN}")), None);
		for wrong in ["", "Bearer", "Bearer ", "Bearer 0123456789abcdee", "Basic 0123456789abcdef"]
		{
			assert_eq!(bearer(wrong), Some((401, "unauthorised")), "{wrong}");
		}
		assert_eq!(asked(&access, &[host]), Some((401, "unauthorised")));
	}
}
