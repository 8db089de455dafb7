use super::*;
use std::collections::{BTreeSet, HashMap};

const DASHBOARD: &str = include_str!("../../../docker/grafana/usufruct-oracle.json");
const PREFIX: &str = "usufruct_oracle_";

/// What Prometheus reads of all there is.
fn text() -> String {
	let metrics = Metrics::default();
	// A family without a member is not told of.
	let model = Model { model: "m".into() };
	let run = Run { model: "m".into(), device: "CPU".into() };
	for family in [&metrics.waited, &metrics.ran, &metrics.batch] {
		drop(family.get_or_create(&run));
	}
	for family in [&metrics.queue, &metrics.restarts, &metrics.memory] {
		drop(family.get_or_create(&model));
	}
	drop(metrics.requests.get_or_create(&Outcome { model: "m".into(), outcome: "served" }));
	let info = Info { model: "m".into(), version: 0, device: "CPU".into(), profile: "".into() };
	drop(metrics.models.get_or_create(&info));
	let mut text = String::new();
	encode(&mut text, &metrics.registry).unwrap();
	text
}

/// What is registered, by name, with its kind.
fn registered() -> HashMap<String, String> {
	let text = text();
	let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
	kinds.map(|(name, kind)| (name.to_string(), kind.to_string())).collect()
}

/// Every metric that a text names.
fn named(text: &str) -> BTreeSet<String> {
	let of_name = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
	let starts = text.match_indices(PREFIX).map(|(at, _)| &text[at..]);
	starts.map(|rest| rest.chars().take_while(|it| of_name(*it)).collect()).collect()
}

/// The queries of the dashboard's panels.
fn queries(dashboard: &serde_json::Value) -> Vec<&str> {
	let panels = dashboard["panels"].as_array().unwrap().iter();
	let queries = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
	queries.map(|it| it["expr"].as_str().unwrap()).collect()
}

#[test]
fn the_dashboard_names_only_metrics_that_there_are() {
	let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
	let (registered, mut count) = (registered(), 0);
	let mut texts = queries(&dashboard);
	let variables = dashboard["templating"]["list"].as_array().unwrap();
	texts.extend(variables.iter().filter_map(|it| it["query"]["query"].as_str()));
	for name in texts.into_iter().flat_map(named) {
		count += 1;
		let is = |suffix: &str, kind: &str| {
			name.strip_suffix(suffix).and_then(|it| registered.get(it)).is_some_and(|it| it == kind)
		};
		let exists = is("", "gauge")
			|| is("_total", "counter")
			|| ["_bucket", "_sum", "_count"].iter().any(|suffix| is(suffix, "histogram"));
		assert!(exists, "{name} is no sample of any metric");
	}
	assert!(count > 20, "{count}");
}

/// What stands between each `open` of the text and the `close` that follows it.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
	text.split(open).skip(1).map(move |rest| rest.split(close).next().unwrap())
}

#[test]
fn the_dashboard_groups_and_selects_only_by_labels_that_there_are() {
	let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
	let (text, mut count) = (text(), 0);
	for query in queries(&dashboard) {
		let names = named(query);
		let of = |line: &&str| line.split(['{', ' ']).next().is_some_and(|it| names.contains(it));
		let samples: Vec<_> = text.lines().filter(of).collect();
		let has = |label: &str| samples.iter().any(|line| line.contains(&format!("{label}=\"")));
		let groups = between(query, "by (", ')').flat_map(|it| it.split(','));
		let selects = between(query, "{", '}').flat_map(|it| it.split(','));
		for label in groups.chain(selects).map(|it| it.split('=').next().unwrap().trim()) {
			count += 1;
			// Prometheus adds where it comes from.
			assert!(label == "instance" || has(label), "{query} names the label {label}");
		}
	}
	assert!(count > 40, "{count}");
}
