//! What all pages share: where they are, who asks, cookies, and what a browser may do with them.

use crate::serve;
use axum::{
	extract::{ConnectInfo, FromRequestParts},
	http::{header, request::Parts, HeaderMap, HeaderValue, StatusCode},
	response::Response,
};
use std::{
	convert::Infallible,
	net::{IpAddr, Ipv4Addr, SocketAddr},
	sync::Arc,
	time::Duration,
};

/// No script, nothing from elsewhere, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
	frame-ancestors 'none'";

/// Where the service is seen from outside.
#[derive(Clone, Debug)]
pub struct Front {
	/// Its URL, without a path.
	pub origin: String,
	/// Whether a proxy of the operator's names the address that asks, as the last one in
	/// `x-forwarded-for`.
	pub forwarded: bool,
}

impl Front {
	/// A cookie that only this origin gets back, and no script sees.
	pub fn cookie(&self, name: &str, value: &str, life: Duration) -> HeaderValue {
		let (name, secure) = (self.cookie_name(name), self.secure());
		let secure = if secure { "; Secure" } else { "" };
		let seconds = life.as_secs();
		let text =
			format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
		HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
	}

	/// What a cookie holds.
	pub fn read_cookie<'a>(&self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
		let name = self.cookie_name(name);
		headers
			.get_all(header::COOKIE)
			.iter()
			.filter_map(|value| value.to_str().ok())
			.flat_map(|value| value.split(';'))
			.filter_map(|pair| pair.trim().split_once('='))
			.find_map(|(found, value)| (found == name).then_some(value))
	}

	/// Whether a form was sent from a page of this service, or by no browser at all.
	pub fn is_own(&self, headers: &HeaderMap) -> bool {
		let said = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
		said.is_none_or(|origin| origin == self.origin.as_bytes())
	}

	fn secure(&self) -> bool {
		self.origin.starts_with("https://")
	}

	/// With the prefix no other origin can set it.
	fn cookie_name(&self, name: &str) -> String {
		match self.secure() {
			true => format!("__Host-usufruct-{name}"),
			false => format!("usufruct-{name}"),
		}
	}
}

/// The [network](serve::network) that asks.
pub struct Network(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Network {
	type Rejection = Infallible;

	async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
		let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
		let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
		let front = parts.extensions.get::<Arc<Front>>();
		let named = front.filter(|front| front.forwarded).and_then(|_| {
			let last = parts.headers.get_all("x-forwarded-for").iter().next_back()?;
			last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
		});
		Ok(Self(serve::network(named.unwrap_or(peer))))
	}
}

/// Tells browsers what they may do with a page.
pub async fn guarded(mut response: Response) -> Response {
	let headers = response.headers_mut();
	let said = [
		(header::CONTENT_SECURITY_POLICY, POLICY),
		(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
		(header::X_FRAME_OPTIONS, "DENY"),
		(header::REFERRER_POLICY, "no-referrer"),
	];
	for (name, value) in said {
		headers.insert(name, HeaderValue::from_static(value));
	}
	headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
	response
}

/// A form from another site.
pub const NOT_OWN: (StatusCode, &str) = (
	StatusCode::FORBIDDEN,
	"this form was sent from another site; open this one and fill it in here",
);

#[cfg(test)]
mod tests {
	use super::*;
	use axum::http::Request;

	fn front(origin: &str) -> Front {
		Front { origin: origin.into(), forwarded: false }
	}

	#[test]
	fn cookies_are_read_back_by_their_exact_name() {
		let front = front("https://v.example");
		let set = front.cookie("session", "abc", Duration::from_secs(9));
		let set = set.to_str().unwrap();
		assert!(set.starts_with("__Host-usufruct-session=abc; Path=/; Max-Age=9; HttpOnly;"));
		assert!(set.ends_with("SameSite=Lax; Secure"));
		let mut headers = HeaderMap::new();
		let sent = "x=1; usufruct-session=no; __Host-usufruct-session=abc";
		headers.insert(header::COOKIE, HeaderValue::from_static(sent));
		assert_eq!(front.read_cookie(&headers, "session"), Some("abc"));
		assert_eq!(front.read_cookie(&headers, "desk"), None);
	}

	#[tokio::test]
	async fn who_asks_is_whom_the_proxy_names_last_if_there_is_one() {
		let asks = async |forwarded, named: &[&'static str]| {
			let (mut parts, ()) = Request::new(()).into_parts();
			let front = Front { forwarded, ..front("https://v.example") };
			parts.extensions.insert(Arc::new(front));
			parts.extensions.insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 9))));
			for named in named {
				parts.headers.append("x-forwarded-for", HeaderValue::from_static(named));
			}
			let Ok(Network(from)) = Network::from_request_parts(&mut parts, &()).await;
			from.to_string()
		};
		let named = ["198.51.100.7", "198.51.100.8, 2001:db8:1:2::3"];
		assert_eq!(asks(true, &named).await, "2001:db8:1::");
		assert_eq!(asks(true, &["2001:db8:1:ff00::1"]).await, "2001:db8:1::");
		for (forwarded, named) in [(false, &named[..]), (true, &[][..]), (true, &["unknown"][..])] {
			assert_eq!(asks(forwarded, named).await, "192.0.2.1");
		}
	}

	#[test]
	fn forms_of_other_sites_are_told_apart() {
		let front = front("https://v.example");
		let from =
			|origin| HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]);
		assert!(front.is_own(&HeaderMap::new()) && front.is_own(&from("https://v.example")));
		for other in ["https://evil.example", "http://v.example", "null", "https://v.example.evil"]
		{
			assert!(!front.is_own(&from(other)), "{other}");
		}
	}
}
